"""`make explain ORDER=…`: why an order is credited as it is, from the warehouse as the last run built it.

ORDER is the order's id or any number that others call it by (order_refs), with or without `#`; SHOP is needed where
several shops have it. The queries are in explaining/: what a touch is, and why something is none, is decided in SQL.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.cli.from_warehouse import print_from_warehouse
from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.environment import find_folder
from orchestration.runtime.messages import align, shorten_list
from orchestration.runtime.redaction import redact_people
from orchestration.warehouse.database import read_warehouse

QUERIES = Path(__file__).with_name("explaining")
SHOWN = 100
NOTHING = "–"
KINDS = {
    "account": ("account", "accounts"),
    "email": ("e-mail address", "e-mail addresses"),
    "phone": ("telephone number", "telephone numbers"),
    "browser": ("browser", "browsers"),
    "partner": ("partner id", "partner ids"),
    "shared account": ("account that many share", "accounts that many share"),
    "shared email": ("e-mail address that many share", "e-mail addresses that many share"),
    "shared phone": ("telephone number that many share", "telephone numbers that many share"),
}
Row = dict[str, Any]


def main() -> int:
    """Prints the explanation; returns 1 if there is no such order, several, or no warehouse to read."""
    number, shop = os.environ.get("ORDER", "").strip(), os.environ.get("SHOP", "").strip()
    if not number:
        print("Which order? make explain ORDER=its-number, and SHOP=… where several shops have it.", file=sys.stderr)
        return 1
    folder = find_folder()
    return print_from_warehouse(folder, explain(folder, number, shop))


def explain(folder: ProgrammeFolder, number: str, shop: str = "") -> Iterator[str]:
    """Lines on one order. Raises LookupError, with what to do, if the number is that of no order or of several."""
    with read_warehouse(folder) as warehouse:
        order = find_order(warehouse, number, shop)
        key = {"shop": order["shop"], "order_id": order["order_id"]}
        identifiers = read(warehouse, "identifiers", key)
        considered = read(warehouse, "considered", key)
        credits = read(warehouse, "credits", key)
    yield f"Order {order['order_id']} of {order['shop']}"
    yield from indent(align(describe_order(order, identifiers)))
    yield from ["", *describe_considered(considered)]
    yield from ["", *describe_credits(credits, order["currency"])]


def find_order(warehouse: duckdb.DuckDBPyConnection, number: str, shop: str) -> Row:
    orders = read(warehouse, "orders", {"number": number, "shop": shop})
    if not orders:
        raise LookupError(f"No order is called {number}{f' in {shop}' if shop else ''}, by its id or its order_refs.")
    if len(orders) > 1:
        heading = f"{len(orders)} orders are called {number}. Say which: SHOP=… or, in one shop, ORDER=its id."
        columns = ("shop", "order_id", "ordered_at")
        table = align([("shop", "order id", "ordered at"), *pick(orders, columns)])
        raise LookupError("\n".join([heading, *indent(shorten_list(table, SHOWN))]))
    return orders[0]


def read(warehouse: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, str]) -> list[Row]:
    found = warehouse.execute((QUERIES / f"{query}.sql").read_text(), parameters)
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def describe_order(order: Row, identifiers: Sequence[Row]) -> Iterator[tuple[str, str]]:
    money = f"{order['net']:,.2f} {order['currency']}"
    counted = [f"{count['identifiers']:,} {KINDS[count['kind']][count['identifiers'] > 1]}" for count in identifiers]
    yield "also called", order["order_refs"] or NOTHING
    yield "ordered at (UTC)", show(order["ordered_at"])
    yield "net", f"{money}, of which {order['refunded']:,.2f} refunded" if order["refunded"] else money
    yield "is a sale", f"no: {order['excluded_because']}" if order["excluded_because"] else "yes"
    yield "paid", show(order["is_paid"])
    yield "renewal", show(order["is_renewal"])
    yield "new customer", show(order["is_new_customer"])
    yield "customer", order["customer_id"] or "unknown"
    yield "known by", ", ".join(counted) or "nothing"


def describe_considered(considered: Sequence[Row]) -> Iterator[str]:
    counts = sum(row["counts"] for row in considered)
    if not considered:
        yield "Nothing names this order or its customer: no code, referral, conversion, visit or survey answer."
        return
    yield f"Considered: {len(considered):,}; {counts:,} count"
    columns = ("evidence", "item_id", "happened_at", "partner_id", "campaign_id", "matched_by", "verdict")
    heading = ("evidence", "id", "when (UTC)", "partner", "campaign", "matched by", "why")
    yield from indent(shorten_list(align([heading, *pick(considered, columns)]), SHOWN, len(considered) + 1))


def describe_credits(credits: Sequence[Row], currency: str) -> Iterator[str]:
    if not credits:
        yield "Credit: none. The order is untracked, or no sale."
        return
    yield "Credit by attribution model (results.credits)"
    heading = ("model", "touch", "partner", "campaign", "share", currency)
    columns = ("attribution_model", "touch_id", "partner_id", "campaign_id")
    rows = [
        (*names, f"{row['credit_ratio']:.1%}", f"{row['credited_revenue']:,.2f}")
        for names, row in zip(pick(credits, columns), credits, strict=True)
    ]
    yield from indent(align([heading, *rows], right={4, 5}))


def pick(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield tuple(show(row[column]) for column in columns)


def show(value: object) -> str:
    """A cell: – for unknown, yes or no, minutes of a time, and no addresses (an id may be one)."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
    text = str(value)
    return redact_people(text) if "@" in text else text


def indent(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
