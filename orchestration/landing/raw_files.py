"""The Parquet files of raw: one a delivery, immutable, verbatim; and an empty one, so that every extract exists."""

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


def describe_source(match: Match, constants: Mapping[str, str], staged: Path, how: Mapping[str, str | None]) -> str:
    """A relation of the columns that come from the file, by canonical name, with `position` (from 0) and `how`, and
    without the rows that the format's own rules leave out."""
    columns = [f"c{match.positions[column.name]} as {quote_name(column.name)}" for column in match.fed]
    columns += [f"{quote_literal(value)}::varchar as {name}" for name, value in how.items()]
    selected = ", ".join(["file_row_number as position", *columns])
    rows = f"select {selected} from read_parquet({quote_path(staged)}, file_row_number = true)"
    drops = match.extract.format.drops if match.extract.format else ()
    if not drops:
        return f"({rows})"
    # A rule may speak of a column that is a constant, or that this version of the export does not have.
    unfed = [name for name in match.extract.column_names if name not in match.positions]
    given = "".join(f", {quote_literal(constants.get(name))}::varchar as {quote_name(name)}" for name in unfed)
    dropped = " or ".join(f"coalesce({drop.where}, false)" for drop in drops)
    return f"(select * from (select *{given} from ({rows})) where not ({dropped}))"


def describe_columns(match: Match, constants: Mapping[str, str]) -> dict[str, str]:
    """SQL by name for every column of the extract: from the file, else the entry's constant, else null."""
    return {
        name: quote_name(name) if name in match.positions else f"{quote_literal(constants.get(name))}::varchar"
        for name in match.extract.column_names
    }


def write_kept(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    match: Match,
    constants: Mapping[str, str],
    meta: Mapping[str, str | None],
    rejects: Sequence[Reject],
    target: Path,
) -> int:
    """Write the rows of `source` that are not in the table `bad` to `target`; gives how many.

    `meta` has the columns from _entry to _date_order but for _row, which counts the records that were rejected too.
    """
    columns = [f"{value} as {quote_name(name)}" for name, value in describe_columns(match, constants).items()]
    for name in PROVENANCE:
        value = "position + 1 + coalesce(shift, 0)" if name == "_row" else f"{quote_literal(meta[name])}::varchar"
        columns.append(f"{value} as {name}")
    connection.register("shifts", _tabulate_shifts(rejects))
    # Without gaps the file's order comes for nothing, and sorting ten million rows does not.
    in_order = "order by position" if rejects or connection.execute("from bad limit 1").fetchone() else ""
    shifted = "asof left join shifts on position >= from_position" if rejects else "cross join (select 0 as shift)"
    (rows,) = connection.execute(f"""
        copy (
            select {", ".join(columns)}
            from {source} as source {shifted}
            where position not in (select position from bad)
            {in_order}
        ) to {quote_literal(target)} (format parquet)
    """).fetchone()
    connection.unregister("shifts")
    return rows


def sum_money(
    connection: duckdb.DuckDBPyConnection, relation: str, extract: Extract, columns: Mapping[str, str]
) -> str:
    """The control total of rows: all their money columns added up, whatever the currency; `columns` are SQL by name."""
    sums = [
        f"coalesce(sum({cast_expression('money', columns[column.name])}), 0)"
        for column in extract.columns
        if column.data_type == "money"
    ]
    if not sums:
        return "0.00"
    [(total,)] = connection.execute(f"select ({' + '.join(sums)})::decimal(38, 2)::varchar from {relation}").fetchall()
    return total


def write_empty(extract: Extract, folder: Path) -> None:
    """Make sure that the extract's empty file is there and whole, with the columns as they are declared now."""
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
    """From which position on how many rejected records stand before a record."""
    records = sorted(reject.record for reject in rejects if reject.record is not None)
    shift_by_position = {record - 1 - before: before + 1 for before, record in enumerate(records)}
    return pa.table(
        {
            "from_position": pa.array(shift_by_position.keys(), pa.int64()),
            "shift": pa.array(shift_by_position.values(), pa.int64()),
        }
    )
