"""Rows that several files have: those that a later file replaces, and copies of rows that have no id."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.landing.effects import Effect, Kind
from orchestration.landing.ledger import LedgerRow
from orchestration.landing.shared_keys import express_is_known, express_key
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
    if not extract.key or is_observation or len(appended) < 2 or not appended.keys() & set(new):
        return {}
    _register_deliveries(connection, appended, new)
    expressions = {name: quote_name(name) for name in extract.column_names}
    key = express_key(extract, expressions)
    rows = f"(from {_select_raw(folder, extract)} where {express_is_known(key)})"
    key_hash = f"hash({', '.join([*key, '_entry'] if extract.is_key_per_entry else key)})"
    connection.execute(f"create or replace temp table crossing as {_select_crossing(rows, key_hash, appended, new)}")
    if not connection.execute("from crossing limit 1").fetchone():
        return {}
    event = (
        cast_expression(extract.find_column(extract.event_time).data_type, quote_name(extract.event_time))
        if extract.event_time
        else "null"
    )
    found = connection.execute(f"""
        with
            last_rows as (
                select
                    key, key_hash, _delivery, _delivery_order, _file, is_new,
                    max_by({{'content': content, 'event': event}}, _row) as last_row
                from (
                    select
                        [{", ".join(f"({part})::varchar" for part in key)}] as key, {key_hash} as key_hash,
                        hash({", ".join(expressions.values())}) as content, {event} as event,
                        _delivery, _delivery_order, _file, _row, is_new
                    from {rows}
                )
                where key_hash in (from crossing)
                group by all
            ),
            pairs as (
                select
                    *, lag(last_row) over later as before, lag(_delivery) over later as delivery_before,
                    lag(is_new) over later as was_new, lag(_file) over later as file_before
                from last_rows
                window later as (partition by key, key_hash order by _delivery_order, _delivery)
            ),
            replaced as (
                select
                    case when is_new then _delivery else delivery_before end as delivery_id,
                    coalesce(last_row.event <> before.event, false) as is_another,
                    [file_before, _file] || key as example
                from pairs
                where last_row.content <> before.content and (is_new or was_new)
            )
        select delivery_id, count(*), count(*) filter (is_another), min(example) filter (is_another)
        from replaced
        group by delivery_id
    """).fetchall()
    return {
        delivery_id: _describe_replaced(extract, appended[delivery_id], replaced, reused, example, personal)
        for delivery_id, replaced, reused, example in found
    }


def find_repeated(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    extract: Extract,
    row_ids: Mapping[str, Collection[str]],
    deliveries: Collection[LedgerRow],
    new: Collection[str],
) -> dict[str, Overlap]:
    """By delivery_id: rows of a delivery that an earlier file of its entry has too, where every row is one of its own.

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
        _register_deliveries(connection, appended, new)
        compared = [quote_name(name) for name in extract.column_names if name not in row_ids[entry_id]]
        found = connection.execute(f"""
            with
                copies as (
                    select _delivery, _delivery_order, is_new, hash({", ".join(compared)}) as content, count(*) as rows
                    from {_select_raw(folder, extract)}
                    group by all
                )
            select later._delivery, earlier._delivery, sum(least(later.rows, earlier.rows))::bigint as repeated
            from copies as later
            join copies as earlier
                on later.content = earlier.content and later._delivery_order > earlier._delivery_order
            where later.is_new or earlier.is_new
            group by all
            order by 3 desc, 1, 2
        """).fetchall()
        for later, earlier, repeated in found:
            if repeated * REPEATED_WARNED >= appended[earlier].rows_kept and later not in overlaps:
                overlaps[later] = _describe_repeated(appended[later], appended[earlier], repeated)
    return overlaps


def _register_deliveries(
    connection: duckdb.DuckDBPyConnection, deliveries: Collection[str], new: Collection[str]
) -> None:
    ids = list(deliveries)
    columns = {"_delivery": pa.array(ids, pa.string()), "is_new": pa.array([one in new for one in ids], pa.bool_())}
    connection.register("compared", pa.table(columns))


def _select_raw(folder: ProgrammeFolder, extract: Extract) -> str:
    """A relation of the rows in raw of the deliveries in the table `compared`, with `is_new`."""
    files = quote_literal(f"{escape_pattern(folder.raw / extract.name)}/*.parquet")
    return f"(select * from read_parquet({files}) join compared using (_delivery))"


def _select_crossing(rows: str, key_hash: str, deliveries: Collection[str], new: Collection[str]) -> str:
    """SQL for the hashes of keys that several deliveries have, of which one is new."""
    keys = f"(select {key_hash} as key_hash, _delivery, is_new from {rows})"
    # The new deliveries are usually few: then only their keys are grouped.
    is_all_new = set(deliveries) <= set(new)
    touched = "true" if is_all_new else f"key_hash in (select key_hash from {keys} where is_new)"
    return f"select key_hash from {keys} where {touched} group by key_hash having min(_delivery) <> max(_delivery)"


def _describe_replaced(
    extract: Extract,
    delivery: LedgerRow,
    replaced: int,
    reused: int,
    example: Sequence[str] | None,
    personal: Collection[str],
) -> Overlap:
    effects = [Effect(Kind.REPLACES, "", replaced)]
    if not reused or example is None:
        return Overlap(tuple(effects), ())
    effects.append(Effect(Kind.REUSED, f"another {extract.event_time}", reused))
    if reused * REUSED_WARNED < delivery.rows_kept:
        return Overlap(tuple(effects), ())
    before, after, *key = example
    own_key = [name for name in extract.key if name != "shop"]
    names = " and ".join(extract.key)
    shown = "".join(
        f"{name} {part} "
        for name, part in zip(extract.key, key, strict=True)
        if part and "@" not in part and name not in personal
    )
    have = "row has" if reused == 1 else "rows have"
    warning = (
        f"{reused:,} {have} the {names} of a row in another file, but another {extract.event_time}, for example {shown}"
        f"in {before} and {after}. The later file replaces them. If they are different rows, write in extracts.yml"
        f" ids: {{{own_key[0]}: [the headers that identify a row]}}"
    )
    return Overlap(tuple(effects), (warning,))


def _describe_repeated(later: LedgerRow, earlier: LedgerRow, repeated: int) -> Overlap:
    warning = (
        f"repeats {repeated:,} of the {earlier.rows_kept:,} rows of {earlier.file}. Every row counts (ids: row), so"
        " these count twice. If it is a correction, give it the name of the earlier file; if it is a copy, remove it"
    )
    return Overlap((Effect(Kind.REPEATED, earlier.file, repeated),), (warning,))
