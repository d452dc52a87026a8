"""The recount behind the control totals: plain SQL on raw and quarantine, independent of dbt's models.

An error stays undetected only if both make it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.landing.raw_files import EMPTY_NAME, list_deliveries
from orchestration.programme.contract import Extract, read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme
from orchestration.programme.sql import quote_literal, quote_name, quote_path


@dataclass(frozen=True)
class Totals:
    """Number of orders that are sales, and their net revenue after refunds in the reporting currency."""

    orders: int
    net_revenue: Decimal


@dataclass(frozen=True)
class DeliveryTotals:
    """`totals` over all deliveries by name; `problems` name the delivery, the expected and the actual number."""

    totals: dict[str, int | float]
    problems: list[str]


def count_deliveries(folder: ProgrammeFolder) -> DeliveryTotals:
    """Compare the ledger with the files of raw and quarantine."""
    tables = {**read_contract(), **read_formats()}
    with Ledger(folder.ledger_file) as ledger, duckdb.connect() as connection:
        deliveries = list(ledger.read_deliveries().values())
        problems = [
            f"{file.relative_to(folder.path)} is not a delivery in the ledger"
            for file in find_unknown_files(folder, deliveries)
        ]
        for delivery in deliveries:
            found = count_delivery(connection, folder, delivery, tables[delivery.extract])
            problems += [f"{delivery.extract} ← {delivery.file}: {problem}" for problem in found]
    totals: dict[str, int | float] = {
        name: sum(getattr(delivery, name) for delivery in deliveries)
        for name in ("rows_read", "rows_kept", "rows_quarantined", "rows_dropped", "rows_forgotten")
    }
    return DeliveryTotals({"deliveries": len(deliveries), **totals}, problems)


def count_delivery(
    connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder, delivery: LedgerRow, extract: Extract
) -> list[str]:
    problems = []
    parts = delivery.rows_kept + delivery.rows_quarantined + delivery.rows_dropped
    if delivery.rows_read != parts:
        problems.append(f"{delivery.rows_read:,} rows read, but {parts:,} kept, quarantined or dropped")
    file = folder.raw / delivery.parquet
    money = [column.name for column in extract.columns if column.data_type == "money"]
    added = " + ".join(f"sum(coalesce({read_amount(name)}, 0))" for name in money) or "0"
    try:
        [(rows, amount)] = connection.execute(
            f"select count(*), coalesce({added}, 0)::decimal(38, 2) from read_parquet({quote_path(file)})"
        ).fetchall()
    except duckdb.Error:
        return [*problems, f"its file in raw, {delivery.parquet}, cannot be read"]
    if rows != delivery.rows_kept:
        problems.append(f"{delivery.rows_kept:,} rows kept, but raw has {rows:,}: {rows - delivery.rows_kept:+,}")
    arrived = Decimal(delivery.money_kept)
    if amount != arrived:
        problems.append(f"its amounts add up to {arrived:,.2f}, but raw has {amount:,.2f}: {amount - arrived:+,.2f}")
    if delivery.rows_quarantined:
        problems += count_quarantine(connection, folder, delivery)
    return problems


def count_quarantine(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder, delivery: LedgerRow) -> list[str]:
    file = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
    try:
        # A record has no line number if two parsers disagree about lines; then records cannot be counted exactly.
        [(records, without_line)] = connection.execute(
            f"select count(distinct line), count(*) filter (line is null) from read_parquet({quote_path(file)})"
        ).fetchall()
    except duckdb.Error:
        return ["its file in quarantine cannot be read"]
    if records == delivery.rows_quarantined or (without_line and records <= delivery.rows_quarantined):
        return []
    return [f"{delivery.rows_quarantined:,} rows quarantined, but quarantine has {records:,}"]


def find_unknown_files(folder: ProgrammeFolder, deliveries: list[LedgerRow]) -> list[Path]:
    """Files that dbt would read although no delivery in the ledger wrote them."""
    known = {folder.raw / delivery.parquet for delivery in deliveries}
    tables = [*read_contract(), *read_formats()]
    return [file for table in tables for file in list_deliveries(folder.raw / table) if file not in known]


def recount_revenue(programme: Programme, warehouse: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> Totals:
    """Orders and net revenue from raw; raises duckdb.Error if a staging model of a vendor's format is missing."""
    with Ledger(programme.folder.ledger_file) as ledger:
        current = find_current(list(ledger.read_deliveries().values()))
    orders = describe_rows(programme.folder, "orders", current, ("status", "net"), "ordered_at", "order_refs")
    refunds = describe_rows(programme.folder, "refunds", current, ("order_id", "amount"), "refunded_at")
    order_rows = unite(orders, "orders", "shop, order_id, status, net, currency, ordered_at, order_refs", manifest)
    refund_rows = unite(refunds, "refunds", "shop, refund_id, order_id, amount, currency, refunded_at", manifest)
    names = ", ".join(quote_literal(delivery) for delivery in current) or "''"
    rates = ", ".join(
        f"({quote_literal(currency)}, {rate}::decimal(18, 8))"
        for currency, rate in {**programme.plan.exchange_rates, programme.plan.currency: Decimal(1)}.items()
    )
    excluded = ", ".join(quote_literal(status.strip().lower()) for status in programme.plan.excluded_statuses) or "''"
    reporting = quote_literal(programme.plan.currency)
    zone = quote_literal(programme.plan.timezone)
    [(count, revenue)] = warehouse.execute(f"""
        with planned(currency, rate) as (values {rates}),
        delivered as ({describe_rates(programme, current)}),
        orders as (
            select shop, order_id, arg_max(
                struct_pack(status, net, currency, ordered_at, order_refs), (_delivery_order, _row)
            ) as newest
            from ({order_rows}) where _delivery in ({names}) group by shop, order_id
        ),
        sold as (
            select shop, order_id, newest.net, coalesce(newest.currency, {reporting}) as currency,
                timezone({zone}, timezone('UTC', newest.ordered_at))::date as day
            from orders where coalesce(newest.status, '') not in ({excluded})
        ),
        sales as (
            select sold.*, coalesce(delivered.rate, planned.rate) as rate,
                round(net * coalesce(delivered.rate, planned.rate), 2) as money
            from sold
            asof left join delivered on delivered.currency = sold.currency and delivered.day <= sold.day
            left join planned on planned.currency = sold.currency
        ),
        refunds as (
            select shop, refund_id, arg_max(
                struct_pack(order_id, amount, currency, refunded_at), (_delivery_order, _row)
            ) as newest
            from ({refund_rows}) where _delivery in ({names}) group by shop, refund_id
        ),
        -- Which order a refund means, by any number of the order.
        numbers as (
            select distinct shop, order_id, ordered_at, {fold_number("called")} as number
            from (
                select shop, order_id, newest.ordered_at,
                    unnest([order_id] || coalesce(string_split(newest.order_refs, ';'), [])) as called
                from orders
            )
        ),
        candidates as (
            select refunds.shop, refunds.refund_id, list(struct_pack(
                shop := numbers.shop, order_id := numbers.order_id, is_near := numbers.shop = refunds.shop,
                is_soon := coalesce(abs(epoch(numbers.ordered_at) - epoch(refunds.newest.refunded_at)) <= 86400, false)
            )) as found
            from refunds
            inner join numbers
                on numbers.number = {fold_number("refunds.newest.order_id")}
                and refunds.shop in (numbers.shop, 'default')
            group by all
        ),
        near as (
            select * replace (
                case when list_bool_or(list_transform(found, lambda one: one.is_near))
                    then list_filter(found, lambda one: one.is_near) else found end as found
            ) from candidates
        ),
        soon as (
            select * replace (
                case when list_bool_or(list_transform(found, lambda one: one.is_soon))
                    then list_filter(found, lambda one: one.is_soon) else found end as found
            ) from near
        ),
        meant as (
            select
                refunds.newest,
                case when len(found) = 1 then found[1].shop else refunds.shop end as shop,
                case when len(found) = 1 then found[1].order_id else refunds.newest.order_id end as order_id
            from refunds left join soon using (shop, refund_id)
        ),
        paid_back as (
            select newest.amount, coalesce(newest.currency, {reporting}) as currency,
                timezone({zone}, timezone('UTC', newest.refunded_at))::date as day,
                sales.currency as currency_of_order, sales.rate as rate_of_order
            from meant
            inner join sales using (shop, order_id)
        ),
        refunded as (
            select round(amount * case
                when paid_back.currency = currency_of_order then rate_of_order
                else coalesce(delivered.rate, planned.rate)
            end, 2) as money
            from paid_back
            asof left join delivered on delivered.currency = paid_back.currency and delivered.day <= paid_back.day
            left join planned on planned.currency = paid_back.currency
        )
        select
            (select count(*) from sales),
            ((select coalesce(sum(money), 0) from sales) - (select coalesce(sum(money), 0) from refunded))
                ::decimal(38, 2)
    """).fetchall()
    return Totals(count, revenue)


def find_current(deliveries: list[LedgerRow]) -> list[str]:
    """Every delivery of kind append, and the last snapshot of each entry."""
    last: dict[str, str] = {}
    for delivery in deliveries:
        if delivery.delivery_kind == "snapshot":
            last[delivery.entry_id] = max(last.get(delivery.entry_id, ""), delivery.last_seen_order)
    return [
        delivery.delivery_id
        for delivery in deliveries
        if delivery.delivery_kind != "snapshot" or delivery.last_seen_order == last[delivery.entry_id]
    ]


def describe_rates(programme: Programme, current: list[str]) -> str:
    """SQL for the delivered exchange rates, read directly from their files: currency, day and rate."""
    return f"""
        select currency, day, arg_max(rate, (_delivery_order, _row)) as rate
        from (
            select
                upper(trim(currency)) as currency,
                {read_day("valid_on")} as day,
                try_cast({read_plain_number("rate")} as double)::decimal(18, 8) as rate,
                _delivery_order, _row
            from {read_files(programme.folder, "exchange_rates", current)}
        )
        where currency <> {quote_literal(programme.plan.currency)}
        group by currency, day
    """


def list_files(folder: ProgrammeFolder, extract: str, current: list[str]) -> list[Path]:
    return [file for file in sorted((folder.raw / extract).glob("*.parquet")) if file.stem in set(current)]


def read_files(folder: ProgrammeFolder, extract: str, current: list[str]) -> str:
    files = list_files(folder, extract, current) or [folder.raw / extract / EMPTY_NAME]
    return f"read_parquet([{', '.join(map(quote_path, files))}])"


def describe_rows(
    folder: ProgrammeFolder, extract: str, current: list[str], columns: tuple[str, str], moment: str, refs: str = ""
) -> str:
    """SQL for the rows of a canonical extract, read directly from its files; `columns` are a text and an amount, `refs`
    a further text. Only the `moment` is what staging read: it is no amount, and matters where exchange rates or refunds
    are delivered."""
    staged = f"(select _delivery, _row, {moment} from staging.stg_extracts__{extract})"
    if not list_files(folder, "exchange_rates", current) and not list_files(folder, "refunds", current):
        staged = f"(select '' as _delivery, 0 as _row, null::timestamp as {moment})"
    key = {"orders": "order_id", "refunds": "refund_id"}[extract]
    text, amount = columns
    read = f"lower(trim({text}))" if text == "status" else f"trim({text})"
    return f"""
        select
            coalesce(nullif(trim(shop), ''), 'default') as shop,
            trim({key}) as {key},
            nullif({read}, '') as {text},
            {read_amount(amount)} as {amount},
            nullif(upper(trim(currency)), '') as currency,
            staged.{moment}, {f"{refs}, " if refs else ""}_delivery, _delivery_order, _row
        from {read_files(folder, extract, current)} as rows
        left join {staged} as staged using (_delivery, _row)
    """


def fold_number(column_sql: str) -> str:
    """SQL for an order's number without a leading `#`, blanks and letter case."""
    return f"nullif(regexp_replace(lower(replace({column_sql}, ' ', '')), '^#+', ''), '')"


def unite(rows: str, extract: str, columns: str, manifest: Mapping[str, Any]) -> str:
    """SQL for these rows and those of the staging models of vendors' formats that feed the extract."""
    feeds = [f"select {columns}, _delivery, _delivery_order, _row from ({rows})"]
    for model in find_feeds(extract, manifest):
        feeds.append(f"select {columns}, _delivery, _delivery_order, _row from {model}")
    return " union all ".join(feeds)


def find_feeds(extract: str, manifest: Mapping[str, Any]) -> list[str]:
    """Staging models of vendors' formats that int_<extract>_latest reads."""
    newest = manifest["nodes"][f"model.reach_and_results.int_{extract}_latest"]
    parents = [manifest["nodes"][parent] for parent in newest["depends_on"]["nodes"] if parent.startswith("model.")]
    found = [node for node in parents if node["name"].endswith(f"__{extract}") and node["schema"] == "staging"]
    return [
        f"{node['schema']}.{quote_name(node['alias'])}" for node in found if node["name"] != f"stg_extracts__{extract}"
    ]


def read_amount(column: str) -> str:
    """SQL for a valid money text as decimal(38, 2)."""
    plain = read_plain_number(column)
    # A short text without an exponent is cast directly: wide decimals take thirty times the CPU.
    return (
        f"case when length({plain}) <= 11 and {plain} not ilike '%e%' then try_cast({plain} as decimal(18, 2))"
        f" else round(try_cast({plain} as decimal(38, 10)), 2) end::decimal(38, 2)"
    )


def read_plain_number(column: str) -> str:
    """SQL for a valid number as text with a dot; `_decimal` is the decimal sign of the file."""
    text = f"trim({quote_name(column)})"
    return (
        f"case _decimal when ',' then replace(replace({text}, '.', ''), ',', '.')"
        f" when '.' then replace({text}, ',', '') else {text} end"
    )


def read_day(column: str) -> str:
    """SQL for a valid date; `_date_order` is the order of day and month in the file."""
    text = f"split_part(replace(translate(trim({quote_name(column)}), '/.', '--'), 'T', ' '), ' ', 1)"
    return (
        f"coalesce(case _date_order when 'day-month' then try_strptime({text}, '%d-%m-%Y')"
        f" when 'month-day' then try_strptime({text}, '%m-%d-%Y') end::date, try_cast({text} as date))"
    )
