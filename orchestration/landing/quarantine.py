"""Values that could not be read: as Parquet beside the warehouse, and from there as CSV files for people."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa

from orchestration.landing.erased_people import hide_erased
from orchestration.landing.ledger import LedgerRow
from orchestration.landing.matching import Match
from orchestration.landing.readers.records import Staged
from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name, quote_path

COLUMNS = {
    "extract": "varchar",
    "file": "varchar",
    "line": "bigint",
    "column": "varchar",
    "header": "varchar",
    "value": "varchar",
    "reason": "varchar",
    "what_to_do": "varchar",
    "delivery_id": "varchar",
    "row_key": "varchar",
}
_SHOWN = tuple(name for name in COLUMNS if name not in ("delivery_id", "row_key"))
_SHOWN_SQL = ", ".join(quote_name(name) for name in _SHOWN)
_MAX_VALUE = 1000
_CSV_NAME = re.compile(r".+__.+__[0-9a-f]{8}\.csv")


@dataclass(frozen=True)
class QuarantinedValue:
    """One problem of a value. `line` counts from 1. `column` and `header` are None where the problem is the whole
    record: it cannot be read, or it is a row of totals."""

    extract: str
    file: str
    line: int | None
    column: str | None
    header: str | None
    value: str | None
    reason: str
    what_to_do: str


def find_quarantined_file(folder: ProgrammeFolder, extract: str, delivery_id: str) -> Path:
    """The Parquet file of the values of one delivery in quarantine. It exists only if there are any."""
    return folder.warehouse / "quarantine" / extract / f"{delivery_id}.parquet"


def write_quarantined(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    match: Match,
    staged: Staged,
    file: str,
    delivery_id: str,
    target: Path,
    erased: Collection[str] = (),
) -> int:
    """Write the table `bad` (position, column_name, value, reason, what_to_do) and the rejects; returns the number of
    records.

    Each value keeps the key of its row as far as it is known, so that a corrected row can be recognised.
    """
    positions = [row[0] for row in connection.execute("select distinct position from bad order by 1").fetchall()]
    if not positions and not staged.rejects:
        return 0
    whole = {"line": pa.int64(), **dict.fromkeys(("value", "reason", "remedy"), pa.string())}
    registered = {
        "bad_lines": pa.table(
            {"position": pa.array(positions, pa.int64()), "line": pa.array(staged.find_lines(positions), pa.int64())}
        ),
        "bad_headers": pa.table(
            {
                "column_name": pa.array([column.name for column in match.fed], pa.string()),
                "header": pa.array([match.describe_headers(column.name) for column in match.fed], pa.string()),
            }
        ),
        "rejects": pa.Table.from_pylist([asdict(reject) for reject in staged.rejects], pa.schema(list(whole.items()))),
    }
    for name, table in registered.items():
        connection.register(name, table)
    with replace_whole(target) as temporary:
        connection.execute(f"""
            copy (
                select
                    {quote_literal(match.extract.name)} as extract,
                    {quote_literal(file)} as file,
                    line,
                    column_name as "column",
                    header,
                    substr({hide_erased("value", erased)}, 1, {_MAX_VALUE}) as value,
                    reason,
                    what_to_do,
                    {quote_literal(delivery_id)} as delivery_id,
                    row_key
                from (
                    from bad
                    join bad_lines using (position)
                    left join bad_headers using (column_name)
                    join (select position, {_describe_key(match)} as row_key from {source}) using (position)
                    select line, column_name, header, value, reason, what_to_do, row_key
                    union all
                    from rejects select line, null, null, value, reason, remedy, null
                )
                order by line nulls first, column_name nulls first
            ) to {quote_literal(temporary)} (format parquet)
        """)
    for name in registered:
        connection.unregister(name)
    return len(positions) + len(staged.rejects)


def _describe_key(match: Match) -> str:
    """SQL for the key of a row as one text; null where a table has no key or the row has no part of it."""
    return join_key(f"({match.expressions[name]})" for name in match.extract.key)


def join_key(parts: Iterable[str]) -> str:
    """SQL that joins texts unambiguously; null where all of them are empty."""
    trimmed = [f"coalesce(trim({part}), '')" for part in parts]
    if not trimmed:
        return "null::varchar"
    return f"case when {' || '.join(trimmed)} <> '' then to_json([{', '.join(trimmed)}])::varchar end"


def read_examples(connection: duckdb.DuckDBPyConnection, quarantined: Path, limit: int) -> list[QuarantinedValue]:
    """The first few values of one delivery, in the order of the file."""
    query = f"select {_SHOWN_SQL} from read_parquet({quote_path(quarantined)}) limit {limit}"
    return [QuarantinedValue(*row) for row in connection.execute(query).fetchall()]


def write_quarantine_csvs(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    deliveries: Iterable[LedgerRow],
    labels: Mapping[str, str],
) -> None:
    """Write one CSV file per delivery with values in the table `quarantine`, and remove the others. `labels` are what
    entries are called, by entry_id."""
    wanted: dict[str, str] = {}
    for delivery in deliveries:
        if delivery.rows_quarantined:
            query = f"select {_SHOWN_SQL} from quarantine where delivery_id = {quote_literal(delivery.delivery_id)}"
            if rows := connection.execute(query).fetchall():
                # A run for some extracts leaves deliveries of entries that are gone in the others.
                entry = labels.get(delivery.entry_id, delivery.extract)
                wanted[_name_csv(delivery, entry)] = _format_csv(rows)
    for file in folder.quarantine.glob("*.csv"):
        if file.name not in wanted and _CSV_NAME.fullmatch(file.name):
            file.unlink()
    for name, text in wanted.items():
        file = folder.quarantine / name
        content = text.encode("utf-8-sig")
        if not file.is_file() or file.read_bytes() != content:
            with replace_whole(file) as temporary:
                temporary.write_bytes(content)


def _format_csv(rows: Iterable[Collection[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_SHOWN)
    writer.writerows(map(_escape_formulas, rows))
    return text.getvalue()


def _name_csv(delivery: LedgerRow, entry: str) -> str:
    # A file name has at most 255 bytes, and the delivered one may use them all.
    file = _shorten(PurePosixPath(delivery.file).name, 140)
    return f"{_shorten(entry, 80)}__{file}__{delivery.delivery_id[:8]}.csv"


def _shorten(name: str, most: int) -> str:
    return name.encode("utf-8", "surrogateescape")[:most].decode("utf-8", "ignore")


def _escape_formulas(row: Collection[object]) -> list[object]:
    """Cells that a spreadsheet would run as a formula get an apostrophe; numbers stay numbers."""
    return [f"'{cell}" if isinstance(cell, str) and _is_formula(cell) else cell for cell in row]


def _is_formula(cell: str) -> bool:
    return cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not re.fullmatch(r"[+-]?[0-9][0-9.,]*", cell)
