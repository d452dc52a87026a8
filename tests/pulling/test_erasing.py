"""Erasure from what was pulled, and from what is pulled again: rows stay, what says who they are of is gone."""

import json

import duckdb
import pytest

from orchestration.landing.erased_people import add_erased_people
from orchestration.landing.pulling.pull import name_file
from orchestration.programme import ProgrammeFolder
from tests.pulling.conftest import FIRST_NIGHT, Bench

COLUMNS = "feeds: orders, columns: {order_id: id, ordered_at: at, net: total, customer_id: who}"
ROWS = [
    {"id": 1, "at": "2026-03-01", "total": 10.5, "who": "ada-1042", "note": "call Ada"},
    {"id": 2, "at": "2026-03-02", "total": 20.0, "who": "bo-1043", "note": "call Bo"},
    {"id": 3, "at": "2026-03-03", "total": 30.0, "who": "ada-1042", "note": None},
]


@pytest.fixture(params=["parquet", "jsonl"])
def pulled(bench: Bench, request: pytest.FixtureRequest):
    """Writes a pulled file of ROWS, as a database or an API gives it; returns a function that reads it."""
    if request.param == "parquet":
        bench.declare("postgresql://h/d", f"from: src, table: t, {COLUMNS}")
    else:
        bench.declare("https://h", f"from: src, api: {{path: t}}, {COLUMNS}")

    def write(days: int = 0):
        [entry] = bench.read().entries
        moment = FIRST_NIGHT.replace(day=2 + days)
        file = bench.path / entry.pulled_folder / name_file(entry, moment, f".{request.param}")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(json.dumps({**row, "total": row["total"] + days}) for row in ROWS) + "\n"
        file.with_name("x").write_text(text)
        if request.param == "jsonl":
            file.with_name("x").rename(file)
        else:
            with duckdb.connect() as connection:
                source = f"select id, \"at\"::date as \"at\", total::decimal(9,2) as total, who, note from read_json('{file.parent}/x', format = 'newline_delimited')"
                connection.execute(f"copy ({source}) to '{file}' (format parquet)")
            file.with_name("x").unlink()
        return file

    return write


def read(file) -> list[tuple]:
    with duckdb.connect() as connection:
        reader = "read_parquet" if file.suffix == ".parquet" else "read_json"
        columns = {name for name, *_ in connection.execute(f"describe from {reader}('{file}')").fetchall()}
        shown = ", ".join(name if name in columns else f"null as {name}" for name in ("id", "total", "who", "note"))
        return connection.execute(f"select {shown} from {reader}('{file}') order by id").fetchall()


def test_people_are_erased_from_what_was_pulled_and_from_what_is_pulled_later(bench: Bench, pulled):
    first = pulled()
    assert not bench.land().refusals
    add_erased_people(ProgrammeFolder(bench.path), ["ada-1042"])
    later = pulled(days=1)
    landing = bench.land()
    for file, more in ((first, 0), (later, 1)):
        assert [(i, float(total), who, note) for i, total, who, note in read(file)] == [
            (1, 10.5 + more, None, None),
            (2, 20.0 + more, "bo-1043", "call Bo"),
            (3, 30.0 + more, None, None),
        ]
        assert b"ada-1042" not in file.read_bytes() and b"call Ada" not in file.read_bytes()
    # Each file counts once: what was loaded before the erasure was loaded again.
    assert len(landing.deliveries) == 2 and not landing.refusals
    # Of a snapshot's two deliveries, raw has both; nobody is erased twice.
    found = bench.select_raw("order_id, customer_id, net::decimal(9,2)::varchar")
    assert len(found) == 6 and {row[1] for row in found} == {None, "bo-1043"}
    state = [file.stat().st_mtime_ns for file in (first, later)]
    assert not bench.land().deliveries and state == [file.stat().st_mtime_ns for file in (first, later)]


def test_of_a_column_in_json_only_what_is_read_stays(bench: Bench):
    bench.declare("postgresql://h/d", "from: src, table: t, format: airbyte_shopify_orders")
    [entry] = bench.read().entries
    file = bench.path / entry.pulled_folder / name_file(entry, FIRST_NIGHT, ".parquet")
    file.parent.mkdir(parents=True)
    line = {"price": 10.5, "quantity": 1, "gift_card": False, "properties": [{"value": "For Ada"}]}
    row = {
        "id": "1",
        "shop_url": "northwind",
        "processed_at": "2026-03-01 10:00:00",
        "financial_status": "paid",
        "currency": "EUR",
        "taxes_included": "false",
        "subtotal_price": "10.50",
        "total_tax": "0",
        "total_price": "12.50",
        "customer": json.dumps({"id": "ada-1042", "first_name": "Ada"}),
        "billing_address": json.dumps({"phone": "+32475123456", "country_code": "BE", "name": "Ada"}),
        "total_shipping_price_set": json.dumps({"shop_money": {"amount": "2.00", "currency_code": "EUR"}}),
        "line_items": json.dumps([line]),
        "note": "for Ada",
    }
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {', '.join(f'? as {name}' for name in row)}) to '{file}' (format parquet)", [*row.values()]
        )
    columns = "customer_id, billing_phone, billing_country, shipping, lines"
    lines = '[{"gift_card":"false","quantity":"1","price":"10.5"}]'
    assert not bench.land().refusals
    found = bench.select_raw(columns, "airbyte_shopify_orders")
    assert found == [("ada-1042", "+32475123456", "BE", "2.00", lines)]
    add_erased_people(ProgrammeFolder(bench.path), ["ada-1042"])
    assert not bench.land().refusals
    found = bench.select_raw(columns, "airbyte_shopify_orders")
    assert found == [(None, None, "BE", "2.00", lines)]
    with duckdb.connect() as connection:
        [kept] = connection.execute(f"from read_parquet('{file}')").fetchall()
    assert not any("Ada" in str(value) or "ada" in str(value) for value in kept)
