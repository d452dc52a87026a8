"""The Parquet files of raw: one per delivery, immutable and verbatim, and an empty one for every extract."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.landing.matching import Match
from orchestration.landing.readers.records import Reject
from orchestration.programme.atomic import replace_whole
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Extract
from orchestration.programme.sql import quote_literal, quote_name, quote_path

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


def select_source(match: Match, staged: Path, options: Mapping[str, str | None]) -> str:
    """A relation of the columns that come from the file, by canonical name, with `position` (from 0) and `options`,
    without the rows that the format drops."""
    columns = [f"c{match.positions[column.name]} as {quote_name(column.name)}" for column in match.fed]
    columns += [f"{quote_literal(value)}::varchar as {name}" for name, value in options.items()]
    selected = ", ".join(["file_row_number as position", *columns])
    rows = f"select {selected} from read_parquet({quote_path(staged)}, file_row_number = true)"
    drops = match.extract.format.drops if match.extract.format else ()
    if not drops:
        return f"({rows})"
    # A rule can use a column that is a constant, or that this version of the export does not have.
    given = "".join(
        f", {sql} as {quote_name(name)}" for name, sql in match.expressions.items() if name not in match.positions
    )
    dropped = " or ".join(f"coalesce({drop.where}, false)" for drop in drops)
    return f"(select * from (select *{given} from ({rows})) where not ({dropped}))"


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
    columns = [f"{value} as {quote_name(name)}" for name, value in match.expressions.items()]
    for name in PROVENANCE:
        value = "position + 1 + coalesce(shift, 0)" if name == "_row" else f"{quote_literal(provenance[name])}::varchar"
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
    names = [*extract.column_names, *PROVENANCE]
    schema = pa.schema([(name, pa.int64() if name == "_row" else pa.string()) for name in names])
    written = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), written)
    content = written.getvalue().to_pybytes()
    target = folder / EMPTY_NAME
    if target.is_file() and target.read_bytes() == content:
        return
    with replace_whole(target) as temporary:
        temporary.write_bytes(content)


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
