"""What every reader returns: headers, and the records as verbatim text in the order of the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


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


def write_number(text: str, decimal: str | None) -> str:
    """A number as text, with the decimal sign that is declared for the texts in the file."""
    return text.replace(".", ",") if decimal == "," else text


class Records(Protocol):
    """An opened file."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers without surrounding blanks, in the order of the file; none for an empty file."""

    def stage(self, connection: duckdb.DuckDBPyConnection, positions: Sequence[int], target: Path) -> Staged:
        """Write the columns at these positions of `headers` to `target`, as VARCHAR columns c<position>."""


@dataclass(frozen=True)
class TableRecords:
    """Records in memory: a table of texts with one column per header, and the line of each record in its file."""

    headers: tuple[str, ...]
    table: pa.Table
    lines: Sequence[int]
    rejects: tuple[Reject, ...] = ()

    def stage(self, connection: duckdb.DuckDBPyConnection, positions: Sequence[int], target: Path) -> Staged:
        # Without a header there are no records or all were rejected, and a Parquet file needs a column.
        nothing = pa.nulls(self.table.num_rows, pa.string())
        columns = {f"c{position}": self.table.column(position) if self.headers else nothing for position in positions}
        pq.write_table(pa.table(columns), target)
        return Staged(self.table.num_rows, self.rejects, lambda wanted: [self.lines[position] for position in wanted])


# An empty file.
NO_RECORDS = TableRecords((), pa.table({}), ())
