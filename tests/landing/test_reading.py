"""Every kind of file gives the same verbatim rows, or says why not."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

CSV = "Order,Date,Net,Note\n2,2026-03-01 10:00:00,10.10,x\n1,2026-03-02 00:00:00,7,\n"
ROWS = [("2", "2026-03-01 10:00:00", "10.10", 1), ("1", "2026-03-02 00:00:00", "7", 2)]
OBJECTS = (
    '{"Order": 2, "Date": "2026-03-01 10:00:00", "Net": 10.10, "Note": "x"}',
    '{"Order": 1, "Date": "2026-03-02 00:00:00", "Net": 7}',
)
COLUMNS_OF_ORDERS = "order_id: Order, ordered_at: Date, net: Net"
COLUMNS = "order_id, ordered_at, net, _row"


def make_parquet(path: Path) -> None:
    duckdb.sql(
        "select * from (values (2, timestamp '2026-03-01 10:00', 10.10::decimal(9,2)::varchar, 'x'),"
        ' (1, timestamp \'2026-03-02 00:00\', \'7\', null)) as t("Order", "Date", "Net", "Note")'
    ).write_parquet(str(path))


FILES = {
    "orders.csv": CSV.encode(),
    "orders.CSV": CSV.encode(),
    "orders.csv.gz": gzip.compress(CSV.encode()),
    "orders.tsv": CSV.replace(",", "\t").encode(),
    "orders.tsv.gz": gzip.compress(CSV.replace(",", "\t").encode()),
    "orders.json": f"[{','.join(OBJECTS)}]".encode(),
    "orders.json.gz": gzip.compress(f"[{','.join(OBJECTS)}]".encode()),
    "orders.jsonl": "\n".join(OBJECTS).encode(),
    "orders.ndjson": "\r\n".join((*OBJECTS, "")).encode(),
    "orders.jsonl.gz": gzip.compress("\n".join(OBJECTS).encode()),
    "orders_bom.csv": b"\xef\xbb\xbf" + CSV.encode(),
    "orders_utf16.csv": CSV.encode("utf-16"),
    "orders_crlf.csv": CSV.replace("\n", "\r\n").encode(),
    "orders_cr.csv": CSV.replace("\n", "\r").encode(),
    "orders_mixed_line_ends.csv": CSV.replace("\n", "\r\n", 1).encode(),
    "orders_no_final_line_end.csv": CSV.rstrip().encode(),
    "orders_blank_lines.csv": ("\n\n" + CSV.replace("\n", "\n\n")).encode(),
    "orders_wide_headers.csv": CSV.replace("Order,Date", ' Order ," Date "').encode(),
    "orders_[1]*?.csv": CSV.encode(),
    "orders_d'été.csv": CSV.encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_each_file_type_lands_the_same_rows(bench, name):
    bench.write(f"landing/{name}", FILES[name])
    landing = bench.land()
    assert landing.refusals == ()
    assert bench.select(COLUMNS) == ROWS
    assert [delivery.ignored_columns for delivery in landing.deliveries] == [("Note",)]


def test_parquet_lands_the_same_rows(bench):
    make_parquet(bench.path / "landing/orders.parquet")
    bench.land()
    assert bench.select(COLUMNS) == ROWS


def write_workbook(path: Path, sheets: dict[str, list[list]]) -> None:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)


def test_a_workbook_lands_the_same_rows(bench):
    rows = [
        ["Order", "Date", "Net", "Note"],
        [2, datetime(2026, 3, 1, 10), "10.10", "x"],
        [1.0, datetime(2026, 3, 2), 7],
    ]
    write_workbook(bench.path / "landing/orders.xlsx", {"Sheet": rows})
    bench.land()
    assert [(*row[:1], *row[2:]) for row in bench.select(COLUMNS)] == [(*row[:1], *row[2:]) for row in ROWS]
    assert [row[0].replace("T", " ")[:10] for row in bench.select("ordered_at")] == ["2026-03-01", "2026-03-02"]


def test_a_sheet_is_chosen_by_name_or_number_below_its_title(bench):
    rows = [
        ["Export of all orders"],
        [None],
        ["Order", "Date", "Net"],
        [None],
        [7, "2026-03-01", 1.5],
        [8, "soon", True],
    ]
    write_workbook(bench.path / "landing/orders.xlsx", {"Cover": [["nothing"]], "Data": rows})
    entry = "extracts:\n  - {files: landing/*, feeds: orders, sheet: %s, skip_rows: 1, columns: {%s}}\n"
    for sheet in ("Data", "2"):
        bench.declare(entry % (sheet, COLUMNS_OF_ORDERS))
        bench.land()
        assert bench.select("order_id, ordered_at, net, _row") == [("7", "2026-03-01", "1.5", 1)]
        assert bench.select_quarantined('line, "column", value') == [(6, "net", "true"), (6, "ordered_at", "soon")]
    bench.declare(entry % ("Missing", COLUMNS_OF_ORDERS))
    assert "has no sheet 'Missing', but Cover, Data" in str(bench.land().refusals[0])


def test_a_reordered_header_is_read_by_name(bench):
    bench.write("landing/orders_1.csv", "Order,Date,Net\n1,2026-03-01,10\n")
    bench.write("landing/orders_2.csv", "Net,Order,Date\n20,2,2026-03-02\n")
    bench.land()
    assert bench.select("order_id, ordered_at, net") == [("1", "2026-03-01", "10"), ("2", "2026-03-02", "20")]


def test_a_19_digit_id_stays_as_written(bench):
    number = "1234567890123456789"
    bench.write("landing/orders.csv", f"Order,Date,Net\n{number},2026-03-01,1\n")
    bench.write("landing/orders.json", f'[{{"Order": {number}, "Date": "2026-03-01", "Net": 1e2}}]')
    bench.write("landing/orders.jsonl", f'{{"Order": {number}, "Date": "2026-03-01", "Net": 10.10}}')
    bench.land()
    assert {order for (order,) in bench.select("order_id")} == {number}
    assert {net for (net,) in bench.select("net")} == {"1", "1e2", "10.10"}


def test_nested_json_stays_json_and_null_stays_null(bench):
    nested = '"discount_codes": ["A", {"x": 1.50, "é": null}], "status": null'
    bench.write("landing/orders.json", f'[{{"Order": "a", "Date": "2026-03-01", "Net": 1, {nested}}}]')
    bench.land()
    assert bench.select("discount_codes, status") == [('["A",{"x":1.50,"é":null}]', None)]


def test_a_broken_json_array_is_refused_with_its_line(bench, refuse):
    bench.write("landing/orders.json", '[{"Order": 1},\n{"Order": ]')
    assert "on line 2" in refuse()


def test_a_broken_json_line_is_quarantined_with_its_line(bench):
    bench.write("landing/orders.jsonl", "\n".join((OBJECTS[0], "", '{"Order": 5,', "[1]", OBJECTS[1])))
    (delivery,) = bench.land().deliveries
    assert (delivery.rows_read, delivery.rows_kept, delivery.rows_quarantined) == (4, 2, 2)
    assert bench.select_quarantined("line, value") == [(3, '{"Order": 5,'), (4, "[1]")]
    assert bench.select("order_id, _row") == [("2", 1), ("1", 4)]


def test_quotes_and_line_ends_in_cells_are_kept(bench):
    bench.write("landing/orders.csv", 'Order,Date,Net,status\r\n"a ""b"", c",2026-03-01,1,"two\r\nlines"\r\n')
    bench.land()
    assert bench.select("order_id, status") == [('a "b", c', "two\r\nlines")]


def test_a_declared_encoding_is_read(bench):
    bench.declare(
        "extracts:\n  - {files: landing/*, feeds: orders, encoding: latin-1, columns: {ordered_at: T, status: Größe}}\n"
    )
    bench.write("landing/orders.csv", "order_id,T,net,Größe\n1,2026-03-01,5,größer\n".encode("latin-1"))
    bench.land()
    assert bench.select("status") == [("größer",)]


def test_text_that_is_not_utf8_is_refused_unless_its_encoding_is_declared(bench, refuse):
    bench.write("landing/orders.csv", "Order,Date,Net\n1,2026-03-01,5\nä,2026-03-01,5\n".encode("latin-1"))
    message = refuse()
    assert "is not UTF-8 text (line 3)" in message
    assert "Declare encoding:" in message


def test_a_broken_character_in_declared_utf8_quarantines_one_row(bench):
    bench.declare("extracts:\n  - {files: landing/*, feeds: orders, encoding: utf-8}\n")
    bench.write("landing/orders.csv", b"order_id,ordered_at,net\n1,2026-03-01,5\n\xff,2026-03-01,5\n3,2026-03-01,5\n")
    bench.land()
    assert bench.select("order_id, _row") == [("1", 1), ("3", 3)]
    assert bench.select_quarantined("line") == [(3,)]


def test_semicolons_are_refused_until_they_are_declared(bench, refuse):
    bench.write("landing/orders.csv", "Order;Date;Net\n1;2026-03-01;5,5\n")
    assert "Declare delimiter: ';'" in refuse()
    bench.declare(
        "extracts:\n  - files: landing/*\n    feeds: orders\n    delimiter: ';'\n    decimal: ','\n"
        "    columns: {order_id: Order, ordered_at: Date, net: Net}\n"
    )
    bench.land()
    assert bench.select("net, _decimal") == [("5,5", ",")]


def test_lines_before_the_header_are_skipped_and_counted(bench):
    bench.declare(
        "extracts:\n  - files: landing/*\n    feeds: orders\n    skip_rows: 2\n"
        "    columns: {order_id: Order, ordered_at: Date, net: Net}\n"
    )
    bench.write("landing/orders.csv", 'An "odd title\nof two lines\n' + CSV + "3,2026-03-01,x,\n")
    bench.land()
    assert bench.select(COLUMNS) == ROWS
    assert bench.select_quarantined("line, value") == [(6, "x")]


def test_an_unknown_kind_of_file_is_refused(bench, refuse):
    bench.write("landing/orders.pdf", "x")
    assert "landing/orders.pdf is not of a kind that can be read. Export it as one of .csv" in refuse()


@pytest.mark.parametrize("name", ["orders.parquet", "orders.xlsx", "orders.csv.gz", "orders.json"])
def test_a_file_that_is_not_what_its_name_says_is_refused(bench, refuse, name):
    bench.write(f"landing/{name}", "not what it says")
    assert refuse().startswith(f"landing/{name} ")


def test_a_gzip_that_was_cut_is_refused(bench, refuse):
    bench.write("landing/orders.csv.gz", gzip.compress(CSV.encode() * 1000)[:-20])
    assert "is not a complete gzip file" in refuse()


@pytest.mark.parametrize(
    ("name", "content"),
    [("orders.csv", ""), ("orders.csv", "Order,Date,Net\n"), ("orders.csv", "\n\n"), ("orders.json", "[]"),
     ("orders.jsonl", ""), ("orders.xlsx", ""), ("orders.parquet", "")],
)  # fmt: skip
def test_an_empty_file_is_a_delivery_of_no_rows(bench, name, content):
    bench.write(f"landing/{name}", content)
    (delivery,) = bench.land().deliveries
    assert (delivery.empty, delivery.rows_read) == (True, 0)
    assert bench.select("*") == []


def test_records_of_a_large_file_keep_their_numbers_and_lines(bench):
    lines = ["Order,Date,Net,Note"]
    for number in range(1, 60_001):
        note = '"two ""quoted""\nlines"' if number % 7 == 0 else "short" * (number % 5)
        lines.append(
            f"{number},2026-03-01,{'x' if number % 20_000 == 0 else 1},{note}" if number % 9_999 else f"{number},cut"
        )
        if number % 1_000 == 0:
            lines.append("")
    text = "\n".join(lines) + "\n"
    bench.write("landing/orders.csv", text)
    (delivery,) = bench.land().deliveries
    assert (delivery.rows_read, delivery.rows_quarantined) == (60_000, 9)
    assert [row for row in bench.select("order_id, _row") if int(row[0]) != row[1]] == []
    physical = text.split("\n")
    for line, value in bench.select_quarantined("line, value"):
        assert physical[line - 1].startswith(value.split(",")[0]) if value != "x" else ",x," in physical[line - 1]


def test_an_unclosed_quote_quarantines_its_record_and_not_the_file(bench):
    bench.write(
        "landing/orders.csv",
        'Order,Date,Net\n1,2026-03-01,1\n2,"2026-03-01,1\n3,2026-03-01,1\n4,"2026-03-01",1\n5,2026-03-01,1\n6,x,1\n',
    )
    (delivery,) = bench.land().deliveries
    assert bench.select("order_id") == [("1",), ("5",)]
    assert [line for (line,) in bench.select_quarantined("line")] == [3, 7]
    assert delivery.rows_read == 4


def test_the_json_that_is_written_is_json(bench):
    bench.write(
        "landing/orders.json", json.dumps([{"Order": 'a"\n', "Date": "2026-03-01", "Net": 1, "status": {'k"': 'v"'}}])
    )
    bench.land()
    assert json.loads(bench.select("status")[0][0]) == {'k"': 'v"'}


def test_numbers_of_a_workbook_stay_what_they_are_beside_texts_with_a_decimal_comma(bench):
    """12.345 in a number cell is twelve and a bit, `1.234,50` in a text cell a good thousand."""
    workbook = openpyxl.Workbook()
    for row in (["Order", "Date", "Net"], ["1", "2026-03-01", 12.345], ["2", "2026-03-01", "1.234,50"]):
        workbook.active.append(row)
    workbook.save(bench.path / "landing" / "orders.xlsx")
    bench.declare(
        f"extracts:\n  - {{files: landing/*, feeds: orders, decimal: ',', columns: {{{COLUMNS_OF_ORDERS}}}}}\n"
    )
    bench.land()
    assert bench.select("net") == [("12,345",), ("1.234,50",)]


def test_an_id_that_a_workbook_has_rounded_is_refused_as_rounded(bench):
    workbook = openpyxl.Workbook()
    for row in (["Order", "Date", "Net"], [7110296909826711552, "2026-03-01", 1]):
        workbook.active.append(row)
    workbook.save(bench.path / "landing" / "orders.xlsx")
    bench.land()
    assert bench.select("order_id") == []
    [(order_id, reason)] = bench.select_quarantined("value, reason")
    assert "e+18" in order_id and "rounded by a spreadsheet" in reason


def test_lists_in_json_and_parquet_are_read_as_lists(bench):
    codes = "    columns: {order_id: Order, ordered_at: Date, net: Net, discount_codes: Codes}\n"
    bench.declare("extracts:\n  - files: landing/*\n    feeds: orders\n" + codes)
    bench.write("landing/a.json", '[{"Order": 1, "Date": "2026-03-01", "Net": 10.10, "Codes": ["SAVE10", "VIP"]}]')
    table = pa.table({"Order": ["2"], "Date": ["2026-03-01"], "Net": ["5"], "Codes": [["SAVE10", "VIP"]]})
    pq.write_table(table, bench.path / "landing" / "b.parquet")
    bench.land()
    assert bench.select("net, discount_codes") == [("10.10", "SAVE10;VIP"), ("5", "SAVE10;VIP")]


def test_a_file_cut_within_its_last_value_is_warned_of(bench, caplog):
    """3500.00 cut to 35 is a number like any other: only the missing line end tells."""
    bench.write("landing/orders.csv", "Order,Date,Net\n1,2026-03-01,10.00\n2,2026-03-01,35")
    bench.land()
    assert bench.select("net") == [("10.00",), ("35",)]
    assert "landing/orders.csv: the last line has no line end" in caplog.text


def test_a_gzip_with_more_lines_than_the_limit_is_refused(bench, monkeypatch):
    monkeypatch.setenv("MAX_UNPACKED_LINES", "2")
    bench.write("landing/orders.csv.gz", gzip.compress(CSV.encode()))
    [refusal] = bench.land().refusals
    assert "has more than 2 lines" in str(refusal)
    assert "MAX_UNPACKED_LINES" in str(refusal)


def test_a_parquet_column_of_another_type_is_quarantined_value_by_value(bench):
    table = pa.table({"Order": ["1", "2"], "Date": ["2026-03-01"] * 2, "Net": [True, None]})
    pq.write_table(table, bench.path / "landing" / "orders.parquet")
    (delivery,) = bench.land().deliveries
    assert (delivery.rows_kept, delivery.rows_quarantined) == (0, 2)
    assert bench.select_quarantined("line, value, reason") == [
        (1, "true", "is not a money amount"),
        (2, None, "is empty, and net is required"),
    ]


def test_rows_of_a_large_file_keep_their_numbers(bench):
    """What counts, and what a message names, is the place of a row in its file; DuckDB writes in parallel."""
    rows = 600_000
    bench.write("landing/orders.csv", "Order,Date,Net\n" + "".join(f"{n},2026-03-01,1\n" for n in range(1, rows + 1)))
    bench.land()
    misplaced = "select count(*), count(*) filter (order_id <> _row::varchar) from t"
    assert bench.query(misplaced, "raw/orders/*.parquet") == [(rows, 0)]
