"""What every reader returns: headers, and the records as verbatim text in the order of the file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from orchestration.landing.reading.words import express_totals_row
from orchestration.programme.sql import quote_literal


@dataclass(frozen=True)
class Reject:
    """A record that cannot be read at all; `record` and `line` count from 1, None where they are unknown."""

    record: int | None
    line: int | None
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Staged:
    """Records written as Parquet: `rows` of them, in the order of the file and without the rejects.

    `find_lines` returns, for positions in that Parquet (from 0, ascending), where each record starts, from 1: the line
    of a text file, the row of a sheet, else the number of the record. A text file that `lacks_final_newline` may have
    been cut inside its last value.
    """

    rows: int
    rejects: tuple[Reject, ...]
    find_lines: Callable[[Sequence[int]], list[int | None]]
    lacks_final_newline: bool = False


@dataclass(frozen=True)
class Selection:
    """What of a file is staged: VARCHAR columns c<position> for these positions of its headers, and `total_at`
    and `total_word`: position and text of the row's first cell if it says that the row is a total. `looked_through` are
    the cells that can be the first."""

    positions: Sequence[int]
    looked_through: Sequence[int] = ()

    def express(self, cells: Mapping[int, str]) -> str:
        """The columns as SQL; `cells` is SQL for the text of a cell by its position."""
        columns = [f"{cells[position]} as c{position}" for position in self.positions]
        position, word = express_totals_row({position: cells[position] for position in self.looked_through})
        return ", ".join([*columns, f"{position} as total_at", f"{word} as total_word"])


class Records(Protocol):
    """An opened file."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers without surrounding blanks, in the order of the file; none for an empty file."""

    @property
    def numbers(self) -> Collection[int]:
        """Positions of headers whose values are numbers in the file itself, so that no text has to be read as one."""

    def stage(self, connection: duckdb.DuckDBPyConnection, selection: Selection, target: Path) -> Staged:
        """Write the selected columns to `target`."""


@dataclass(frozen=True)
class TableRecords:
    """Records in memory: a table of texts with one column per header, and the line of each record in its file."""

    headers: tuple[str, ...]
    table: pa.Table
    lines: Sequence[int]
    rejects: tuple[Reject, ...] = ()
    numbers: frozenset[int] = frozenset()

    def stage(self, connection: duckdb.DuckDBPyConnection, selection: Selection, target: Path) -> Staged:
        names = [f"c{position}" for position in range(len(self.headers))]
        # Without a header there are no records or all were rejected, and a relation needs a column.
        table = self.table.rename_columns(names) if names else pa.table({"c": pa.nulls(0, pa.string())})
        connection.register("records", table)
        cells = dict(enumerate(names)) or dict.fromkeys(selection.positions, "c")
        query = f"select {selection.express(cells)} from records"
        connection.execute(f"copy ({query}) to {quote_literal(target)} (format parquet)")
        connection.unregister("records")
        return Staged(self.table.num_rows, self.rejects, lambda wanted: [self.lines[position] for position in wanted])


# An empty file.
NO_RECORDS = TableRecords((), pa.table({}), ())
