"""What is loaded, once, in which order; what is refused; and what a crash leaves."""

import csv
import gzip
import os
import sqlite3
from pathlib import Path

import pytest

from orchestration.landing import delivery, load
from orchestration.landing.load import land

CSV = "Order,Date,Net\n1,2026-03-01,10\n"


def list_raw(bench) -> list[str]:
    return sorted(
        file.name for file in (bench.path / "warehouse/raw/orders").iterdir() if file.name != "_empty.parquet"
    )


ORDERS_SNAPSHOT = """\
extracts:
  - files: landing/orders*
    feeds: orders
    delivery: snapshot
    columns: {order_id: Order, ordered_at: Date, net: Net}
"""


def test_the_same_content_under_another_name_is_loaded_once(bench):
    bench.write("landing/orders_a.csv", CSV)
    bench.land()
    bench.write("landing/orders_b.csv", CSV)
    bench.write("landing/orders_c.csv.gz", gzip.compress(CSV.encode()))
    landing = bench.land()
    assert (landing.deliveries, landing.unchanged) == ((), 3)
    assert bench.select("_file") == [("landing/orders_a.csv",)]


def test_an_unchanged_folder_is_neither_read_nor_hashed(bench, monkeypatch):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    monkeypatch.setattr(load, "hash_content", None)
    monkeypatch.setattr(delivery, "open_records", None)
    assert bench.land().unchanged == 1


def test_a_file_that_was_only_touched_stays_what_it_was(bench):
    file = bench.write("landing/orders.csv", CSV)
    bench.land()
    before = bench.select("_delivery_order")
    os.utime(file, (2e9, 2e9))
    assert bench.land().deliveries == ()
    assert bench.select("_delivery_order") == before


def test_new_content_in_the_same_file_is_another_delivery(bench):
    file = bench.write("landing/orders.csv", CSV)
    bench.land()
    file.write_text(CSV + "2,2026-03-02,20\n")
    (delivered,) = bench.land().deliveries
    assert delivered.rows_read == 2
    assert len(list_raw(bench)) == 2


def test_deliveries_are_in_the_order_of_the_dates_in_their_names(bench):
    for name, age in (("orders_2026-03-02.csv", 1), ("orders_20260301T101500.csv", 3), ("orders_20260301.csv", 2)):
        os.utime(bench.write(f"landing/{name}", CSV + f"{age},2026-03-01,1\n"), (age * 1e9, age * 1e9))
    bench.land()
    ordered = [file for (file,) in bench.select("distinct on (_delivery_order) _file")]
    assert ordered == [f"landing/orders_{name}.csv" for name in ("20260301", "20260301T101500", "2026-03-02")]


def test_one_file_may_feed_several_extracts(bench):
    bench.declare(
        "extracts:\n"
        "  - {files: landing/posts*, feeds: posts, columns: {post_id: ID}, values: {platform: x, is_paid: TRUE}}\n"
        "  - {files: landing/posts*, feeds: post_metrics, columns: {post_id: ID, observed_at: Date, likes: Likes}}\n"
    )
    bench.write("landing/posts.csv", "ID,Date,Likes\np1,2026-03-01,5\n")
    bench.land()
    assert bench.select("post_id, platform, is_paid", "posts") == [("p1", "x", "true")]
    assert bench.select("post_id, likes", "post_metrics") == [("p1", "5")]


def test_raw_records_where_each_row_is_from_and_how_it_is_written(bench):
    bench.declare(
        "extracts:\n  - files: landing/*\n    feeds: orders\n    timezone: America/New_York\n    decimal: ','\n"
        "    date_order: day-month\n    delivery: snapshot\n    values: {shop: north}\n"
    )
    bench.write("landing/orders.csv", 'order_id,ordered_at,net\n1,03/04/2026 10:00,"1.234,50"\n')
    (delivered,) = bench.land().deliveries
    columns = "shop, ordered_at, net, _delivery, _delivery_kind, _file, _row, _timezone, _decimal, _date_order"
    assert bench.select(columns) == [
        ("north", "03/04/2026 10:00", "1.234,50", delivered.delivery_id, "snapshot", "landing/orders.csv", 1,
         "America/New_York", ",", "day-month")
    ]  # fmt: skip


def test_every_extract_exists_also_when_nobody_feeds_it(bench):
    bench.land()
    for extract in bench.read().tables:
        assert bench.select("_entry, _row", extract) == []
    assert bench.select_quarantined("*") == []
    assert bench.query("select loaded_at, rows_read from t", "raw/ledger/deliveries.parquet") == []


def test_a_value_that_does_not_parse_is_quarantined_with_its_line(bench):
    bench.write(
        "landing/orders.csv",
        'Order,Date,Net,status\n1,2026-03-01,10,"two\nlines"\n\n2,03/04/2026,"1,5",\n3,2026-03-01,,\n4,2026-02-30,1,\n5,2026-03-01,2,\n',
    )
    landing = bench.land()
    (delivered,) = landing.deliveries
    assert (delivered.rows_read, delivered.rows_kept, delivered.rows_quarantined) == (5, 2, 3)
    assert bench.select("order_id, _row") == [("1", 1), ("5", 5)]
    found = bench.select_quarantined('line, "column", header, value, reason, what_to_do')
    assert found[0] == (5, "net", "Net", "1,5", "is not a money amount", "declare decimal: ',' or '.' in extracts.yml")
    assert found[1] == (
        5, "ordered_at", "Date", "03/04/2026", "is not a date or time",
        "declare date_order: day-month or month-day in extracts.yml",
    )  # fmt: skip
    assert found[2][:5] == (6, "net", "Net", None, "is empty, and net is required")
    assert found[3][:4] == (7, "ordered_at", "Date", "2026-02-30")
    assert len(landing.quarantined_examples) == 4


def test_too_few_and_too_many_cells_are_quarantined_with_their_line(bench):
    bench.write("landing/orders.csv", "Order,Date,Net\n1,2026-03-01\n\n2,2026-03-01,1,9\n3,2026-03-01,1\n4,x,1\n")
    bench.land()
    assert bench.select("order_id, _row") == [("3", 3)]
    assert [line for (line,) in bench.select_quarantined("line")] == [2, 4, 6]


def test_accepted_values_are_compared_without_case_and_blanks(bench):
    bench.declare("extracts:\n  - {files: landing/*, feeds: partners}\n")
    bench.write("landing/partners.csv", "partner_id,relationship,joined_at\n1, Customer ,\n2,friend,\n3,,\n")
    bench.land()
    assert bench.select("partner_id, relationship", "partners") == [("1", " Customer "), ("3", None)]
    ((value, reason),) = bench.select_quarantined("value, reason")
    assert value == "friend"
    assert reason == "is not one of influencer, customer, employee, community, business, other"


def test_a_spreadsheet_opens_the_quarantine_and_runs_nothing_in_it(bench):
    bench.write("landing/orders.csv", "Order,Date,Net\n1,2026-03-01,=1+1\n2,2026-03-01,-5x\n3,-5,1\n")
    (delivered,) = bench.land().deliveries
    (file,) = (bench.path / "quarantine").iterdir()
    assert file.name == f"orders__orders.csv__{delivered.delivery_id[:8]}.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(file.open(encoding="utf-8-sig", newline="")))
    assert [row["value"] for row in rows] == ["'=1+1", "'-5x", "-5"]
    assert list(rows[0]) == ["extract", "file", "line", "column", "header", "value", "reason", "what_to_do"]


def test_quarantine_files_are_written_again_and_removed_with_their_delivery(bench):
    bench.write("landing/orders.csv", "Order,Date,Net\n1,x,1\n")
    bench.write("quarantine/my own notes.csv", "keep")
    bench.land()
    (file,) = (bench.path / "quarantine").glob("orders__*")
    file.unlink()
    bench.land()
    assert file.exists()
    bench.declare("extracts: []")
    bench.land()
    assert [left.name for left in (bench.path / "quarantine").iterdir()] == ["my own notes.csv"]


def test_a_file_without_a_required_column_is_refused_by_name(bench, refuse):
    bench.declare("extracts:\n  - {files: landing/*, feeds: orders}\n")
    bench.write("landing/orders.csv", "order_id,Ordered At,net\n1,2026-03-01,1\n")
    message = refuse()
    for part in (
        "landing/orders.csv",
        "nothing for ordered_at, which is required",
        "orders",
        "'Ordered At'",
        "columns:",
    ):
        assert part in message


def test_a_renamed_header_is_refused_and_not_silently_null(bench, refuse):
    bench.declare("extracts:\n  - {files: landing/*, feeds: orders, columns: {status: State}}\n")
    bench.write("landing/orders.csv", "order_id,ordered_at,net,Status\n1,2026-03-01,1,x\n")
    assert "has no header 'State', which feeds status" in refuse()


def test_a_header_that_is_there_twice_is_refused_where_it_is_needed(bench, refuse):
    bench.write("landing/orders.csv", "Order,Date,Net,Net\n1,2026-03-01,1,2\n")
    assert "has the header 'Net' 2 times" in refuse()


def test_a_header_that_is_there_twice_does_no_harm_where_it_is_not_needed(bench):
    bench.write("landing/orders.csv", "Order,Tag,Date,Net,Tag\n1,a,2026-03-01,1,b\n")
    assert bench.land().deliveries[0].ignored_columns == ("Tag", "Tag")


def test_a_refused_file_stops_no_other_and_is_tried_again(bench):
    bad = bench.write("landing/orders_1.csv", "Order,Net\n1,1\n")
    bench.write("landing/orders_2.csv", CSV)
    for _ in range(2):
        landing = bench.land()
        assert [refusal.file for refusal in landing.refusals] == ["landing/orders_1.csv"]
    assert bench.select("order_id") == [("1",)]
    bad.write_text("Order,Date,Net\n9,2026-03-01,1\n")
    assert bench.land().refusals == ()
    assert len(bench.select("order_id")) == 2


def test_a_missing_pattern_is_a_warning(bench, caplog):
    landing = bench.land()
    assert landing.missing == ("landing/orders*",)
    assert "no file matches landing/orders*" in caplog.text


def test_files_that_no_entry_names_are_listed(bench):
    bench.write("landing/orders.csv", CSV)
    bench.write("landing/other/thing.csv", "x")
    bench.write("landing/.DS_Store", "x")
    assert bench.land({"posts"}).unclaimed == ("landing/other/thing.csv",)


def test_only_the_named_extracts_are_landed(bench):
    bench.write("landing/orders.csv", CSV)
    assert bench.land({"posts"}).deliveries == ()
    assert len(bench.land({"orders"}).deliveries) == 1
    with pytest.raises(KeyError):
        bench.land({"order"})


def test_a_changed_entry_reads_its_files_again(bench):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    (before,) = list_raw(bench)
    order = bench.select("_delivery_order")
    bench.declare(
        "extracts:\n  - {files: landing/*, feeds: orders, columns: {order_id: Net, ordered_at: Date, net: Order}}\n"
    )
    landing = bench.land()
    assert (len(landing.deliveries), landing.retired) == (1, 1)
    assert bench.select("order_id, net") == [("10", "1")]
    assert before not in list_raw(bench)
    assert bench.select("_delivery_order") == order


def test_a_removed_entry_removes_its_deliveries(bench):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    bench.declare("extracts: []")
    assert bench.land().retired == 1
    assert list_raw(bench) == []


def test_parquet_that_the_ledger_does_not_know_is_removed(bench):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    (known,) = list_raw(bench)
    for name in ("orphan.parquet", ".half.part"):
        bench.write(f"warehouse/raw/orders/{name}", "x")
    bench.land()
    assert list_raw(bench) == [known]


def test_parquet_that_is_gone_is_loaded_again(bench):
    bench.write("landing/orders.csv", CSV + "2,x,1\n")
    bench.land()
    for gone in ("raw/orders", "quarantine/orders"):
        for file in (bench.path / "warehouse" / gone).iterdir():
            file.unlink()
        assert len(bench.land().deliveries) == 1
        assert bench.select("order_id") == [("1",)]


def test_a_crash_before_the_ledger_is_written_loads_the_file_once(bench, monkeypatch):
    bench.write("landing/orders.csv", CSV)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(load.Ledger, "record_delivery", crash)
        bench.land()
    assert len(list_raw(bench)) == 1
    bench.land()
    assert bench.select("order_id") == [("1",)]


def test_the_warehouse_can_be_rebuilt_from_landing_to_the_same_rows(bench):
    bench.write("landing/orders.csv", CSV + "2,x,1\n")
    bench.land()
    before = bench.select("*")
    (bench.path / "warehouse").rename(bench.path / "away")
    bench.land()
    assert bench.select("*") == before


def test_a_file_that_grows_while_it_is_read_is_refused(bench, monkeypatch):
    file = bench.write("landing/orders.csv", CSV)
    opened = delivery.open_records

    def open_and_grow(*arguments):
        records = opened(*arguments)
        file.write_text(CSV + "2,2026-03-01,1\n")
        return records

    monkeypatch.setattr(delivery, "open_records", open_and_grow)
    (refusal,) = bench.land().refusals
    assert refusal.message == "is still being written"
    assert list_raw(bench) == []


def test_the_ledger_records_what_was_loaded(bench):
    bench.write("landing/orders.csv", CSV + "2,x,1\n")
    (delivered,) = bench.land().deliveries
    columns = "delivery_id, extract, file, delivery_kind, rows_read, rows_kept, rows_quarantined, parquet"
    assert bench.query(f"select {columns} from t", "raw/ledger/deliveries.parquet") == [
        (
            delivered.delivery_id,
            "orders",
            "landing/orders.csv",
            "append",
            2,
            1,
            1,
            f"orders/{delivered.delivery_id}.parquet",
        )
    ]
    with sqlite3.connect(bench.path / "warehouse/ledger.sqlite") as ledger:
        assert ledger.execute("pragma journal_mode").fetchone() == ("delete",)


def test_the_landing_folder_is_never_written_to(bench):
    bench.write("landing/orders.csv", CSV)
    bench.write("landing/orders.json", "[]")
    bench.write("landing/orders_utf16.csv", CSV.encode("utf-16"))
    before = describe(bench.path / "landing")
    bench.land()
    assert describe(bench.path / "landing") == before


def test_nothing_temporary_is_left(bench):
    bench.write("landing/orders_utf16.csv", CSV.encode("utf-16"))
    bench.land()
    left = [file.name for file in (bench.path / "warehouse").rglob("*") if file.is_file()]
    assert not [name for name in left if name.endswith((".part", ".csv", ".tmp"))]


def test_landing_needs_no_programme_in_the_working_directory(bench, tmp_path, monkeypatch):
    bench.write("landing/orders.csv", CSV)
    programme = bench.read()
    monkeypatch.chdir(tmp_path)
    assert len(land(programme).deliveries) == 1


def describe(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file): (file.stat().st_mtime_ns, file.stat().st_mode, file.read_bytes()) for file in files}


def test_a_snapshot_that_returns_to_an_earlier_content_is_the_newest_again(bench):
    bench.declare(ORDERS_SNAPSHOT)
    bench.write("landing/orders_2026-03-01.csv", "Order,Date,Net\n1,2026-03-01,10\n2,2026-03-01,20\n")
    bench.write("landing/orders_2026-03-02.csv", "Order,Date,Net\n")
    bench.write("landing/orders_2026-03-03.csv", "Order,Date,Net\n1,2026-03-01,10\n2,2026-03-01,20\n")
    bench.land()
    newest = "select file from t order by last_seen_order desc limit 1"
    assert bench.query(newest, "raw/ledger/deliveries.parquet") == [("landing/orders_2026-03-01.csv",)]


def test_a_file_that_was_overwritten_keeps_its_rows_and_is_warned_of(bench, caplog):
    bench.write("landing/orders.csv", "Order,Date,Net\n1,2026-03-01,10\n")
    bench.land()
    bench.write("landing/orders.csv", "Order,Date,Net\n2,2026-03-02,20\n")
    bench.land()
    assert bench.select("order_id") == [("1",), ("2",)]
    assert "landing/orders.csv was overwritten: its earlier rows stay" in caplog.text


def test_whoever_watches_sees_which_file_is_being_read(bench, caplog):
    caplog.set_level("INFO", logger="reach_results.landing")
    bench.write("landing/orders_1.csv", "Order,Date,Net\n1,2026-03-01T10:00:00Z,4.00\n")
    bench.land()
    bench.write(f"landing/orders_{'x' * 60}.csv", "Order,Date,Net\n2,2026-03-01T10:00:00Z,4.00\n")
    bench.land()
    read = [record.reading for record in caplog.records if hasattr(record, "reading")]
    # The file that was read before counts, and is not read again; of a long name the end is shown, in 40 characters.
    assert read == ["file 1 of 1, landing/orders_1.csv", f"file 2 of 2, …{'x' * 35}.csv"]
