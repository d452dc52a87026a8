"""Erasure from what was pulled, and from what is pulled again: rows stay, what says who they are of is gone."""

import gzip
import json
import os
from pathlib import Path

import duckdb
import pytest
from xlsxwriter import Workbook

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


# Files as a store has them. Rows of Ada are 1 and 3; `source` decides which rows count and is read by nothing else.
CSV = (
    b"\xef\xbb\xbfid,at,total,who,note,source\r\n"
    b'1,2026-03-01,10.50,"ada-1042","call Ada,\r\nsoon",shop\r\n'
    b'2,2026-03-02,20.00,bo-1043,"call ""Bo""",shop\r\n'
    b'3,"2026-03-03",30.00, ada-1042,,shop\r\n'
)
CSV_AFTER = (
    b"\xef\xbb\xbfid,at,total,who,note,source\r\n"
    b"1,2026-03-01,10.50,,,shop\r\n"
    b'2,2026-03-02,20.00,bo-1043,"call ""Bo""",shop\r\n'
    b'3,"2026-03-03",30.00,,,shop\r\n'
)
LATIN = "Export of März\nid;at;total;who;note;source\n1;2026-03-01;10.50;ada-1042;für Ada;shop\n2;2026-03-02;20;bo-1043;für Bo;shop\n"
LATIN_AFTER = (
    "Export of März\nid;at;total;who;note;source\n1;2026-03-01;10.50;;;shop\n2;2026-03-02;20;bo-1043;für Bo;shop\n"
)
LINES = (
    '{"id": 1, "at": "2026-03-01", "total": 10.50, "who": "ada-1042", "note": {"to": "Ada"}, "source": "shop"}\n'
    '{"id":2,"at":"2026-03-02","total":20.00,"who":"bo-1043","note":"für Bo","source":"shop"}\n'
)
LINES_AFTER = (
    '{"id": 1, "at": "2026-03-01", "total": 10.50, "source": "shop"}\n'
    '{"id":2,"at":"2026-03-02","total":20.00,"who":"bo-1043","note":"für Bo","source":"shop"}\n'
)
JSON = '{"count": 2, "orders": [\n  ' + LINES.strip().replace("}\n{", "},\n  {") + '\n], "more": {}}\n'
JSON_AFTER = JSON.replace(LINES.splitlines()[0], LINES_AFTER.splitlines()[0])
FETCHED = {
    "o.csv": (CSV, CSV_AFTER, ""),
    "o.csv.gz": (CSV, CSV_AFTER, ""),
    "o.tsv": (CSV.replace(b",", b"\t"), CSV_AFTER.replace(b",", b"\t"), ""),
    "o_latin.csv": (LATIN.encode("latin-1"), LATIN_AFTER.encode("latin-1"), ", encoding: latin-1, skip_rows: 1, delimiter: ';'"),
    "o.jsonl": (LINES.encode(), LINES_AFTER.encode(), ""),
    "o.ndjson.gz": (LINES.encode(), LINES_AFTER.encode(), ""),
    "o.json": (JSON.encode(), JSON_AFTER.encode(), ""),
}  # fmt: skip
FETCHED_ENTRY = f"from: src, files: 'in/o*', keep: {{source: [shop]}}, {COLUMNS}"


def write_fetched(bench: Bench, name: str, content: bytes, version: str = "abcdefghijkl") -> Path:
    [entry] = bench.read().entries
    file = bench.path / entry.pulled_folder / version / "in" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    os.utime(file, (1_772_000_000, 1_772_000_000))
    return file


def read_content(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


@pytest.mark.parametrize("name", FETCHED)
def test_people_are_erased_from_fetched_files_and_all_other_bytes_stay(bench: Bench, name: str):
    before, after, options = FETCHED[name]
    bench.declare("s3://bucket/exports", FETCHED_ENTRY + options)
    first = write_fetched(bench, name, before)
    assert not bench.land().refusals
    revenue = bench.select_raw("sum(net::decimal(9,2))")
    add_erased_people(ProgrammeFolder(bench.path), ["ada-1042"])
    landing = bench.land()
    assert read_content(first) == after and first.stat().st_mtime == 1_772_000_000
    assert len(landing.deliveries) == 1 and not landing.refusals
    assert {row[0] for row in bench.select_raw("customer_id")} == {None, "bo-1043"}
    assert bench.select_raw("sum(net::decimal(9,2))") == revenue
    # Another version of the object, in which the source still has her.
    later = write_fetched(bench, name, before, version="bbcdefghijkl")
    bench.land()
    assert read_content(later) == after


def test_a_row_that_cannot_be_without_the_person_is_removed(bench: Bench):
    bench.declare("s3://bucket/exports", "from: src, files: 'in/c*', feeds: customers, columns: {customer_id: id}")
    csv = write_fetched(bench, "c.csv", b"id,first_ordered_at\nada-1042,2020-01-01\nbo-1043,2021-01-01\n")
    records = b'[{"id": "ada-1042"}, {"id": "bo-1043"}, {"id": "ada-1042"}]'
    array = write_fetched(bench, "c.json", records)
    add_erased_people(ProgrammeFolder(bench.path), ["ada-1042"])
    assert not bench.land().refusals
    assert csv.read_bytes() == b"id,first_ordered_at\nbo-1043,2021-01-01\n"
    assert array.read_bytes() == b'[ {"id": "bo-1043"}]'
    assert {row[0] for row in bench.select_raw("customer_id", "customers")} == {"bo-1043"}


def test_a_fetched_parquet_file_keeps_its_types(bench: Bench):
    bench.declare("s3://bucket/exports", FETCHED_ENTRY)
    file = write_fetched(bench, "o.parquet", b"")
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select n as id, date '2026-03-01' as at, (n * 1.5)::decimal(9,2) as total, if(n = 1, 'ada-1042', 'bo') as who,"
            f" ['x', 'y'] as note, 'shop' as source from range(1, 3) t(n)) to '{file}' (format parquet)"
        )
        described = connection.execute(f"describe from '{file}'").fetchall()
        add_erased_people(ProgrammeFolder(bench.path), ["ada-1042"])
        assert not bench.land().refusals
        assert connection.execute(f"describe from '{file}'").fetchall() == described
        found = connection.execute(f"select id, total::float, who, note, source from '{file}' order by id").fetchall()
    assert found == [(1, 1.5, None, None, "shop"), (2, 3.0, "bo", ["x", "y"], "shop")]


def test_a_workbook_is_left_as_it_is_and_named(bench: Bench, caplog: pytest.LogCaptureFixture):
    bench.declare("s3://bucket/exports", FETCHED_ENTRY.replace(", keep: {source: [shop]}", ""))
    file = write_fetched(bench, "o.xlsx", b"")
    with Workbook(file) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([["id", "at", "total", "who"], [1, "2026-03-01", 10.5, "ada-1042"]]):
            sheet.write_row(number, 0, row)
    before = file.read_bytes()
    add_erased_people(ProgrammeFolder(bench.path), ["ada-1042"])
    assert not bench.land().refusals
    assert file.read_bytes() == before and "is a workbook, which is not changed here" in caplog.text
    assert bench.select_raw("customer_id") == [(None,)]


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
