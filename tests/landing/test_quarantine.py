"""Quarantine is for people: what is still to be corrected, and nothing else."""

HEADER = "Order,Date,Net\n"


def test_a_row_leaves_once_its_file_is_corrected_in_place(bench):
    bench.write("landing/orders_2026-03-01.csv", HEADER + "1,2026-03-01,n/a\n2,2026-03-01,5.00\n")
    bench.land()
    assert bench.select_quarantined("line, value") == [(2, "n/a")]
    bench.write("landing/orders_2026-03-01.csv", HEADER + "1,2026-03-01,4.00\n2,2026-03-01,5.00\n")
    bench.land()
    assert bench.select_quarantined("line, value") == []
    assert list((bench.path / "quarantine").glob("*.csv")) == []


def test_a_row_leaves_once_a_later_file_has_it(bench):
    bench.write("landing/orders_2026-03-01.csv", HEADER + "1,2026-03-01,n/a\n2,2026-03-01,?\n")
    bench.land()
    bench.write("landing/orders_corrected_2026-03-02.csv", HEADER + "1,2026-03-01,4.00\n")
    bench.land()
    assert bench.select_quarantined("line, value") == [(3, "?")]
    [file] = (bench.path / "quarantine").glob("*.csv")
    assert "n/a" not in file.read_text()


def test_a_row_stays_while_only_older_or_other_rows_are_there(bench):
    bench.write("landing/orders_2026-03-02.csv", HEADER + "1,2026-03-01,n/a\n")
    bench.write("landing/orders_2026-03-01.csv", HEADER + "1,2026-03-01,4.00\n3,2026-03-01,5.00\n")
    bench.land()
    assert bench.select_quarantined("line, value") == [(2, "n/a")]


def test_a_file_that_was_replaced_by_an_unreadable_one_is_still_in_quarantine(bench):
    bench.write("landing/orders_2026-03-01.csv", HEADER + "1,2026-03-01,n/a\n")
    bench.land()
    bench.write("landing/orders_2026-03-01.csv", "Order;Date;Net\n1;2026-03-01;4.00\n")
    assert bench.land().refusals
    assert bench.select_quarantined("line, value") == [(2, "n/a")]


def test_an_entry_with_a_name_is_called_by_it_in_messages_and_in_the_names_of_files(bench, caplog):
    caplog.set_level("INFO")
    bench.declare(
        "extracts:\n  - {files: landing/o*, feeds: orders, columns: {order_id: Order, ordered_at: Date, net: Net}, name: shop_eu}\n"
    )
    bench.write("landing/o_1.csv", HEADER + "1,2026-03-01,?\n2,2026-03-01,5.00\n2,2026-03-01,6.00\n")
    bench.write("landing/o_2.csv", "Order,Date\n1,2026-03-01\n")
    [warning] = bench.land().warnings
    assert warning.startswith("shop_eu ← landing/o_1.csv: 1 of its 2 rows was replaced")
    assert "shop_eu ← landing/o_1.csv: 3 rows, 1 quarantined" in caplog.text
    assert "shop_eu was not loaded: landing/o_2.csv has no header 'Net'" in caplog.text
    [file] = (bench.path / "quarantine").glob("*.csv")
    assert file.name.startswith("shop_eu__o_1.csv__")
    assert bench.query("select entry, extract from t", "raw/ledger/deliveries.parquet") == [("shop_eu", "orders")]


def test_another_name_loads_nothing_again(bench):
    bench.write("landing/orders_1.csv", HEADER + "1,2026-03-01,?\n")
    bench.land()
    assert [file.name[:24] for file in (bench.path / "quarantine").glob("*.csv")] == [
        "orders__orders_1.csv__" + bench.select_quarantined("delivery_id")[0][0][:2]
    ]
    bench.declare((bench.path / "extracts.yml").read_text() + "    name: shop_eu\n")
    assert bench.land().unchanged == 1
    [file] = (bench.path / "quarantine").glob("*.csv")
    assert file.name.startswith("shop_eu__orders_1.csv__")
