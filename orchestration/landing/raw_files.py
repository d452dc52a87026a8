"""The Parquet files of raw: one per delivery, immutable and verbatim, and an empty one for every extract."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.landing.matching import Match
from orchestration.landing.readers.records import Reject
from orchestration.landing.reading.ids import express_row_id
from orchestration.programme.atomic import replace_whole
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Extract
from orchestration.programme.sql import quote_literal, quote_name

EMPTY_NAME = "_empty.parquet"

PROVENANCE = (
    "_entry",
    "_delivery",
    "_delivery_kind",
    "_delivery_order",
    "_file",
    "_row",
    "_timezone",
    "_decimal",
    "_date_order",
)


def write_kept(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    match: Match,
    provenance: Mapping[str, str | None],
    rejects: Sequence[Reject],
    target: Path,
) -> int:
    """Write the rows of `source` that are not in the table `bad` to `target`; returns their number.

    `provenance` has all columns of PROVENANCE but _row, which also counts the records that were rejected.
    """
    row = "position + 1 + coalesce(shift, 0)"
    row_ids = dict.fromkeys(match.row_ids, express_row_id(provenance["_file"] or "", row))
    columns = [f"{value} as {quote_name(name)}" for name, value in {**match.expressions, **row_ids}.items()]
    for name in PROVENANCE:
        value = row if name == "_row" else f"{quote_literal(provenance[name])}::varchar"
        columns.append(f"{value} as {name}")
    connection.register("shifts", _tabulate_shifts(rejects))
    # Without gaps DuckDB keeps the file's order, and sorting ten million rows takes long.
    in_order = "order by position" if rejects or connection.execute("from bad limit 1").fetchone() else ""
    shifted = "asof left join shifts on position >= from_position" if rejects else "cross join (select 0 as shift)"
    [(rows,)] = connection.execute(f"""
        copy (
            select {", ".join(columns)}
            from {source} as source {shifted}
            where position not in (select position from bad)
            {in_order}
        ) to {quote_literal(target)} (format parquet)
    """).fetchall()
    connection.unregister("shifts")
    return int(rows)


def sum_money(
    connection: duckdb.DuckDBPyConnection, relation: str, extract: Extract, expressions: Mapping[str, str]
) -> str:
    """The control total of rows: the sum of all money columns, across currencies. `expressions` are SQL by column."""
    sums = [
        f"coalesce(sum({cast_expression('money', expressions[column.name])}), 0)"
        for column in extract.columns
        if column.data_type == "money"
    ]
    if not sums:
        return "0.00"
    [(total,)] = connection.execute(f"select ({' + '.join(sums)})::decimal(38, 2)::varchar from {relation}").fetchall()
    return str(total)


def write_empty(extract: Extract, folder: Path) -> None:
    """Make sure that the extract's empty file exists and has the columns that are declared now."""
    content = _make_empty((*extract.column_names, *PROVENANCE))
    target = folder / EMPTY_NAME
    if target.is_file() and target.read_bytes() == content:
        return
    with replace_whole(target) as temporary:
        temporary.write_bytes(content)


@cache
def _make_empty(names: tuple[str, ...]) -> bytes:
    schema = pa.schema([(name, pa.int64() if name == "_row" else pa.string()) for name in names])
    written = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), written)
    return bytes(written.getvalue().to_pybytes())


def list_deliveries(folder: Path) -> list[Path]:
    """The files of deliveries in the folder of an extract or a format; none where there is no folder."""
    return [file for file in sorted(folder.glob("*.parquet")) if file.name != EMPTY_NAME]


def _tabulate_shifts(rejects: Sequence[Reject]) -> pa.Table:
    """The number of rejected records before a record, from which position on."""
    records = sorted(reject.record for reject in rejects if reject.record is not None)
    shift_by_position = {record - 1 - before: before + 1 for before, record in enumerate(records)}
    return pa.table(
        {
            "from_position": pa.array(shift_by_position.keys(), pa.int64()),
            "shift": pa.array(shift_by_position.values(), pa.int64()),
        }
    )
