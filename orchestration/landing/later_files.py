"""Rows that several files have: those that a later file replaces, and copies of rows that have no id."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.landing.effects import Effect, Kind
from orchestration.landing.ledger import LedgerRow
from orchestration.landing.shared_keys import express_is_compared, express_key
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import escape_pattern, quote_literal, quote_name

# Warned of are ids that were used again in one of so many rows of a file …
REUSED_WARNED = 100
# … and files that have one of so many rows of an earlier one.
REPEATED_WARNED = 2


@dataclass(frozen=True)
class Overlap:
    """Effects on one new delivery, and what to warn of: sentences that follow the file's name."""

    effects: tuple[Effect, ...]
    warnings: tuple[str, ...]


def find_replaced(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    extract: Extract,
    deliveries: Collection[LedgerRow],
    new: Collection[str],
    personal: Collection[str] = (),
) -> dict[str, Overlap]:
    """By delivery_id: rows of earlier files that a delivery replaces with rows that differ.

    `deliveries` are all of the extract, `new` the ids of those that this run loaded. A row that replaces one with
    another event time is probably another event that has the same id. A new delivery that sorts before older ones is
    counted for the rows in it that these replace. Only files that are appended replace single rows. `personal` are
    columns that no message shows.
    """
    appended = {delivery.delivery_id: delivery for delivery in deliveries if delivery.delivery_kind == "append"}
    # A vendor's export of counters is an observation of its day, which no later file replaces.
    is_observation = extract.format is not None and "post_metrics" in extract.format.feeds
    if not extract.compared_key or is_observation or len(appended) < 2 or not appended.keys() & set(new):
        return {}
    _register_deliveries(connection, appended.values(), new)
    expressions = {name: quote_name(name) for name in extract.column_names}
    key = express_key(extract, expressions)
    key_hash = f"hash({', '.join([*key, '_entry'] if extract.is_key_per_entry else key)})"
    is_compared = express_is_compared(extract, expressions)
    rows = f"(select *, {key_hash} as key_hash from {_select_raw(folder, extract)} where {is_compared})"
    connection.execute(f"create or replace temp table crossing as {_select_crossing(rows, appended, new)}")
    if not connection.execute("from crossing limit 1").fetchone():
        return {}
    event = "null"
    if extract.event_time:
        event = cast_expression(extract.find_column(extract.event_time).data_type, quote_name(extract.event_time))
    found = connection.execute(f"""
        with
            last_rows as (
                select
                    key_hash, number,
                    max_by({{'row': _row, 'content': hash({", ".join(expressions.values())}), 'event': {event}}}, _row)
                        as last_row
                from {rows}
                where key_hash in (from crossing)
                group by key_hash, number
            ),
            pairs as (
                select *, lag(last_row) over later as row_before, lag(number) over later as number_before
                from last_rows
                window later as (partition by key_hash order by number)
            ),
            replaced as (
                select
                    number, number_before, last_row.row as row,
                    coalesce(last_row.event <> row_before.event, false) as is_another
                from pairs
                where last_row.content <> row_before.content
            )
        select
            case when later.is_new then later._delivery else earlier._delivery end, count(*),
            count(*) filter (is_another), min([replaced.number, row, number_before]) filter (is_another)
        from replaced
        join compared as later on later.number = replaced.number
        join compared as earlier on earlier.number = replaced.number_before
        where later.is_new or earlier.is_new
        group by 1
        order by 1
    """).fetchall()
    overlaps = {}
    for delivery_id, replaced, reused, example in found:
        effects, warnings = [Effect(Kind.REPLACES, "", replaced)], []
        if reused:
            effects.append(Effect(Kind.REUSED, f"another {extract.event_time}", reused))
        if reused * REUSED_WARNED >= max(appended[delivery_id].rows_kept, 1):
            shown = _show_example(connection, folder, extract, personal, *example)
            warnings.append(_describe_reused(extract, reused, shown))
        overlaps[delivery_id] = Overlap(tuple(effects), tuple(warnings))
    return overlaps


def find_repeated(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    extract: Extract,
    row_ids: Mapping[str, Collection[str]],
    deliveries: Collection[LedgerRow],
    new: Collection[str],
) -> dict[str, Overlap]:
    """By delivery_id: rows of a delivery that an earlier file of the same entry has too, for entries with `ids: row`.

    `row_ids` are the columns that are made of the row itself, by entry_id.
    """
    by_entry: dict[str, dict[str, LedgerRow]] = defaultdict(dict)
    for delivery in deliveries:
        if delivery.entry_id in row_ids and delivery.delivery_kind == "append":
            by_entry[delivery.entry_id][delivery.delivery_id] = delivery
    overlaps: dict[str, Overlap] = {}
    for entry_id, appended in by_entry.items():
        if len(appended) < 2 or not appended.keys() & set(new):
            continue
        _register_deliveries(connection, appended.values(), new)
        compared = [quote_name(name) for name in extract.column_names if name not in row_ids[entry_id]]
        found = connection.execute(f"""
            with
                copies as (
                    select number, _delivery, is_new, hash({", ".join(compared)}) as content, count(*) as rows
                    from {_select_raw(folder, extract)}
                    group by all
                )
            select later._delivery, earlier._delivery, sum(least(later.rows, earlier.rows))::bigint as repeated
            from copies as later
            join copies as earlier
                on later.content = earlier.content and later.number > earlier.number
            where later.is_new or earlier.is_new
            group by all
            order by 3 desc, 1, 2
        """).fetchall()
        for later, earlier, repeated in found:
            if repeated * REPEATED_WARNED >= appended[earlier].rows_kept and later not in overlaps:
                overlaps[later] = _describe_repeated(appended[later], appended[earlier], repeated)
    return overlaps


def _register_deliveries(
    connection: duckdb.DuckDBPyConnection, deliveries: Iterable[LedgerRow], new: Collection[str]
) -> None:
    """Create the table `compared`: deliveries, numbered in their order."""
    ordered = sorted(deliveries, key=lambda row: (row.delivery_order, row.delivery_id))
    schema = pa.schema(
        [("number", pa.int32()), ("_delivery", pa.string()), ("is_new", pa.bool_()), ("file", pa.string())]
    )
    rows = [
        {"number": number, "_delivery": row.delivery_id, "is_new": row.delivery_id in new, "file": row.file}
        for number, row in enumerate(ordered)
    ]
    connection.register("rows_compared", pa.Table.from_pylist(rows, schema))
    connection.execute("create or replace temp table compared as from rows_compared")
    connection.unregister("rows_compared")


def _select_raw(folder: ProgrammeFolder, extract: Extract) -> str:
    """A relation of the rows in raw of the deliveries in the table `compared`, with its columns."""
    files = quote_literal(f"{escape_pattern(folder.raw / extract.name)}/*.parquet")
    return f"(select * from read_parquet({files}) join compared using (_delivery))"


def _select_crossing(rows: str, deliveries: Collection[str], new: Collection[str]) -> str:
    """SQL for the hashes of keys that several deliveries have, of which one is new."""
    # The new deliveries are usually few: then only their keys are grouped.
    is_all_new = set(deliveries) <= set(new)
    touched = "true" if is_all_new else f"key_hash in (select key_hash from {rows} where is_new)"
    return f"select key_hash from {rows} where {touched} group by key_hash having min(number) <> max(number)"


def _show_example(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    extract: Extract,
    personal: Collection[str],
    number: int,
    row: int,
    number_before: int,
) -> str:
    """The key of a row as far as it is no personal data, and the two files that have it."""
    columns = ", ".join(map(quote_name, extract.compared_key))
    where = f"number = {number} and _row = {row}"
    [key] = connection.execute(f"select {columns} from {_select_raw(folder, extract)} where {where}").fetchall()
    shown = [
        f"{name} {value}"
        for name, value in zip(extract.compared_key, key, strict=True)
        if value and "@" not in value and name not in personal
    ]
    query = f"select file from compared where number in ({number_before}, {number}) order by number"
    before, after = (file for (file,) in connection.execute(query).fetchall())
    return f"{', '.join(shown)}{' ' if shown else ''}in {before} and {after}"


def _describe_reused(extract: Extract, reused: int, example: str) -> str:
    key = extract.compared_key
    names, own = " and ".join(key), next(name for name in key if name != "shop")
    have = "row has" if reused == 1 else "rows have"
    return (
        f"{reused:,} {have} the {names} of a row in another file, but another {extract.event_time}, for example"
        f" {example}. The later file replaces them. If they are different rows, write in extracts.yml"
        f" ids: {{{own}: [the headers that identify a row]}}"
    )


def _describe_repeated(later: LedgerRow, earlier: LedgerRow, repeated: int) -> Overlap:
    warning = (
        f"repeats {repeated:,} of the {earlier.rows_kept:,} rows of {earlier.file}. Every row counts (ids: row), so"
        " these count twice. If it is a correction, give it the name of the earlier file; if it is a copy, remove it"
    )
    return Overlap((Effect(Kind.REPEATED, earlier.file, repeated),), (warning,))
