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
