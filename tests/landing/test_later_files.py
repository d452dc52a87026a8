"""Rows that several files have: what a later file replaces, and files that repeat an earlier one."""

import pytest

CLICKS = "extracts:\n  - {files: landing/clicks*, feeds: clicks, columns: {click_id: ID, clicked_at: Date}}\n"
ROW_IDS = """\
extracts:
  - files: landing/costs*
    feeds: costs
    ids: {cost_id: row}
"""


def count_replaced(bench) -> list[tuple[str, int]]:
    columns = "parse_filename(file), rows_replaced_in_earlier_files"
    return bench.query(f"select {columns} from t order by delivery_order", "raw/ledger/deliveries.parquet")


def list_effects(bench) -> list[tuple]:
    query = "select parse_filename(file), e.kind, e.rule, e.rows from (select file, unnest(effects) as e from t) order by all"
    return bench.query(query, "raw/ledger/deliveries.parquet")


def test_ids_that_a_later_file_uses_again_are_counted_and_warned_of(bench):
    bench.declare(CLICKS)
    bench.write("landing/clicks_2026-03-01.csv", "ID,Date,partner_id\n1,2026-03-01,p1\n2,2026-03-01,p2\n")
    bench.write(
        "landing/clicks_2026-03-02.csv", "ID,Date,partner_id\n1,2026-03-02,p1\n2,2026-03-02,p3\n3,2026-03-02,\n"
    )
    (warning,) = bench.land().warnings
    assert count_replaced(bench) == [("clicks_2026-03-01.csv", 0), ("clicks_2026-03-02.csv", 2)]
    assert warning == (
        "clicks ← landing/clicks_2026-03-02.csv: 2 rows have the click_id of a row in another file, but another"
        " clicked_at, for example click_id 1 in landing/clicks_2026-03-01.csv and landing/clicks_2026-03-02.csv. The"
        " later file replaces them. If they are different rows, write in extracts.yml ids: {click_id: [the headers that"
        " identify a row]}"
    )
    assert bench.land().warnings == ()
    assert ("clicks_2026-03-02.csv", "reuses ids of earlier files", "another clicked_at", 2) in list_effects(bench)


def test_a_restated_export_is_counted_and_not_warned_of(bench):
    bench.write("landing/orders_1.csv", "Order,Date,Net\n1,2026-03-01,10\n2,2026-03-01,20\n3,2026-03-01,30\n")
    bench.land()
    bench.write("landing/orders_2.csv", "Order,Date,Net\n2,2026-03-01,25\n3,2026-03-01,30\n4,2026-03-02,40\n")
    assert bench.land().warnings == ()
    assert count_replaced(bench) == [("orders_1.csv", 0), ("orders_2.csv", 1)]


def test_a_few_ids_used_again_are_counted_without_a_warning(bench):
    bench.declare(CLICKS)
    bench.write("landing/clicks_1.csv", "ID,Date\n1,2026-03-01\n")
    bench.write("landing/clicks_2.csv", "ID,Date\n" + "".join(f"{n},2026-03-02\n" for n in range(1, 102)))
    assert bench.land().warnings == ()
    assert ("clicks_2.csv", "reuses ids of earlier files", "another clicked_at", 1) in list_effects(bench)


def test_a_file_that_sorts_before_the_others_counts_its_own_rows_that_are_replaced(bench):
    bench.write("landing/orders_2026-03-02.csv", "Order,Date,Net\n1,2026-03-01,10\n")
    bench.land()
    bench.write("landing/orders_2026-03-01.csv", "Order,Date,Net\n1,2026-03-01,9\n")
    bench.land()
    assert count_replaced(bench) == [("orders_2026-03-01.csv", 1), ("orders_2026-03-02.csv", 0)]


def test_each_of_several_files_replaces_the_one_before(bench):
    for day, net in ((1, 10), (2, 10), (3, 12), (4, 13)):
        bench.write(f"landing/orders_2026-03-0{day}.csv", f"Order,Date,Net\n1,2026-03-01,{net}\n{day}0,2026-03-01,1\n")
    bench.land()
    assert [rows for _, rows in count_replaced(bench)] == [0, 0, 1, 1]


def test_entries_of_posts_complete_each_other_and_replace_nothing(bench):
    bench.declare(
        "extracts:\n  - {files: landing/a*, feeds: posts}\n  - {files: landing/b*, feeds: posts, values: {platform: x}}\n"
    )
    bench.write("landing/a.csv", "post_id,partner_id\n1,p1\n")
    bench.write("landing/b.csv", "post_id,url\n1,https://x.example/1\n")
    bench.land()
    assert list_effects(bench) == []


def test_snapshots_replace_no_single_rows(bench):
    bench.declare(CLICKS.replace("feeds: clicks", "feeds: clicks, delivery: snapshot"))
    for day in (1, 2):
        bench.write(f"landing/clicks_{day}.csv", f"ID,Date\n1,2026-03-0{day}\n")
    assert bench.land().warnings == ()
    assert list_effects(bench) == []


def test_a_corrected_file_replaces_all_rows_of_a_file_whose_rows_have_no_id(bench, caplog):
    bench.declare(ROW_IDS)
    bench.write("landing/costs.csv", "paid_on,amount\n2026-03-01,1\n2026-03-01,2\n2026-03-01,3\n")
    bench.land()
    bench.write("landing/costs.csv", "paid_on,amount\n2026-03-01,7\n")
    landing = bench.land()
    assert (len(landing.deliveries), landing.retired) == (1, 1)
    assert bench.select("amount", "costs") == [("7",)]
    assert len(list((bench.path / "warehouse/raw/costs").glob("[0-9a-f]*.parquet"))) == 1
    assert "overwritten" not in caplog.text
    assert bench.land().unchanged == 1


def test_a_correction_that_is_refused_leaves_the_earlier_rows(bench):
    bench.declare(ROW_IDS)
    bench.write("landing/costs.csv", "paid_on,amount\n2026-03-01,1\n")
    bench.land()
    bench.write("landing/costs.csv", "paid_on,total\n2026-03-01,1\n")
    assert len(bench.land().refusals) == 1
    assert bench.select("amount", "costs") == [("1",)]


def test_a_file_that_becomes_a_copy_of_another_loses_its_earlier_rows(bench):
    bench.declare(ROW_IDS)
    bench.write("landing/costs_a.csv", "paid_on,amount\n2026-03-01,1\n")
    bench.write("landing/costs_b.csv", "paid_on,amount\n2026-03-01,2\n")
    bench.land()
    bench.write("landing/costs_a.csv", "paid_on,amount\n2026-03-01,2\n")
    assert bench.land().retired == 1
    assert bench.select("amount", "costs") == [("2",)]


def test_a_copy_of_a_corrected_file_keeps_the_earlier_rows(bench):
    bench.declare(ROW_IDS)
    for name in ("b", "a"):
        bench.write(f"landing/costs_{name}.csv", "paid_on,amount\n2026-03-01,1\n2026-03-01,2\n")
        bench.land()
    assert bench.select("distinct _file", "costs") == [("landing/costs_b.csv",)]
    bench.write("landing/costs_b.csv", "paid_on,amount\n2026-03-01,7\n")
    bench.land()
    assert sorted(bench.select("_file, amount", "costs")) == [
        ("landing/costs_a.csv", "1"), ("landing/costs_a.csv", "2"), ("landing/costs_b.csv", "7")
    ]  # fmt: skip


def test_a_new_file_that_repeats_half_of_an_earlier_one_is_warned_of(bench):
    bench.declare(ROW_IDS)
    bench.write("landing/costs_1.csv", "paid_on,amount\n2026-03-01,1\n2026-03-01,1\n2026-03-01,2\n2026-03-01,3\n")
    bench.land()
    bench.write("landing/costs_2.csv", "paid_on,amount\n2026-03-01,1\n2026-03-01,1\n2026-03-01,1\n2026-03-09,3\n")
    (warning,) = bench.land().warnings
    assert "landing/costs_2.csv: repeats 2 of the 4 rows of landing/costs_1.csv" in warning
    bench.write("landing/costs_3.csv", "paid_on,amount\n2026-03-01,3\n2026-03-08,3\n")
    assert bench.land().warnings == ()


@pytest.mark.parametrize(("option", "unreadable"), [("", True), (", allow_empty: true", False)])
def test_a_file_of_which_no_row_could_be_read(bench, option, unreadable):
    bench.declare(f"extracts:\n  - {{files: landing/*, feeds: orders{option}}}\n")
    bench.write("landing/orders.csv", "order_id,ordered_at,net\n" + "1,2026-03-01,many\n" * 5)
    bench.write("landing/orders_2.csv", "order_id,ordered_at,net\n1,2026-03-01,many\n2,2026-03-01,1\n")
    bench.write("landing/orders_3.csv", "order_id,ordered_at,net\n")
    assert [delivery.unreadable for delivery in bench.land().deliveries] == [unreadable, False, False]


def test_orders_of_several_lines_that_a_later_export_restates_are_counted_once_each(bench):
    bench.declare("extracts:\n  - {files: landing/*, format: shopify_orders, values: {shop: eu}}\n")
    header = "Name,Email,Subtotal,Created at,Lineitem quantity,Lineitem price,Id\n"
    order = "#1,a@b.example,{0},2026-03-01 10:00:00 +0100,1,{0},6001\n#1,a@b.example,,2026-03-01 10:00:00 +0100,1,0,\n"
    bench.write("landing/o_2026-03-02.csv", header + order.format(20))
    bench.write("landing/o_2026-03-03.csv", header + order.format(15))
    assert bench.land().warnings == ()
    query = "select rows_replaced_in_earlier_files from t order by delivery_order"
    assert bench.query(query, "raw/ledger/deliveries.parquet") == [(0,), (1,)]
