"""Rows that share a key: what is lost, what is a copy, and who is told."""

import sqlite3

import pytest

from orchestration.landing.effects import is_key_no_key

COSTS = "extracts:\n  - {files: landing/costs*, feeds: costs, columns: {cost_id: influencer, paid_on: date}%s}\n"


def count(bench, extract: str = "costs") -> list[tuple]:
    """Rows in raw, rows replaced and duplicates, by delivery."""
    columns = "rows_kept, rows_replaced, rows_duplicate"
    return bench.query(
        f"select {columns} from t where extract = '{extract}' order by delivery_order", "raw/ledger/deliveries.parquet"
    )


def test_a_row_that_a_later_row_of_the_file_replaces_is_counted_and_warned_of(bench, caplog):
    bench.declare(COSTS % "")
    rows = "".join(f"{number},2026-03-01,10,x\n" for number in range(50))
    bench.write("landing/costs.csv", f"influencer,date,amount,note\n42,2026-03-01,100,x\n{rows}42,2026-03-02,150,x\n")
    landing = bench.land()
    assert count(bench) == [(52, 2, 0)]
    (warning,) = landing.warnings
    assert warning == (
        "costs ← landing/costs.csv: 2 of its 52 rows were replaced: a later row of the file has the same cost_id, for"
        " example cost_id 42: lines 45 and 53 differ in date. If every row counts, write in extracts.yml"
        " ids: {cost_id: row}, or ids: {cost_id: [the headers that identify a row]}; if only the last row of a key"
        " counts, write duplicates: last"
    )
    assert warning in caplog.text


def test_a_key_that_does_not_identify_a_fifth_of_the_rows_is_no_key(bench):
    bench.declare(COSTS % "")
    bench.write("landing/costs.csv", "influencer,date,amount\n42,2026-03-01,100\n42,2026-03-02,150\n")
    landing = bench.land()
    assert count(bench) == [(2, 1, 0)]
    assert "cost_id cannot be their key" in landing.warnings[0]
    assert [is_key_no_key(*counts) for counts in ((1, 2), (1, 5), (1, 6), (0, 0))] == [True, True, False, False]


def test_rows_alike_in_every_cell_are_duplicates(bench):
    bench.declare(COSTS % "")
    bench.write("landing/costs.csv", "influencer,date,amount\n42,2026-03-01,100\n42,2026-03-01,100\n7,2026-03-01,1\n")
    landing = bench.land()
    assert count(bench) == [(3, 0, 1)]
    assert landing.warnings == ()


def test_rows_that_differ_in_a_column_that_feeds_nothing_differ(bench):
    bench.write(
        "landing/orders.csv",
        "Order,Date,Net,Product\n" + "".join(f"{n},2026-03-01,5,tea\n" for n in range(2, 9))
        + "1,2026-03-01,20,beans\n1,2026-03-01,20,filter\n",
    )  # fmt: skip
    (warning,) = bench.land().warnings
    assert count(bench, "orders") == [(9, 1, 0)]
    assert "order_id 1: lines 9 and 10 differ in Product" in warning


def test_a_row_between_two_copies_of_another_is_one_replaced_and_one_duplicate(bench):
    bench.declare(COSTS % "")
    bench.write("landing/costs.csv", "influencer,date,amount\n1,2026-03-01,1\n1,2026-03-01,2\n1,2026-03-01,1\n")
    bench.land()
    assert count(bench) == [(3, 1, 1)]


def test_keys_are_compared_as_staging_reads_them(bench):
    bench.declare("extracts:\n  - {files: landing/*, feeds: codes}\n")
    bench.write(
        "landing/codes.csv",
        "code,partner_id,valid_from\nMIRA,p1,2026-03-01\n mira,p2,2026-03-01 00:00:00\nMIRA,p1,2026-04-01\n",
    )
    bench.land()
    assert count(bench, "codes") == [(3, 1, 0)]


def test_quarantined_rows_replace_nothing(bench):
    bench.declare(COSTS % "")
    bench.write("landing/costs.csv", "influencer,date,amount\n42,2026-03-01,100\n42,2026-03-02,many\n")
    landing = bench.land()
    assert count(bench) == [(1, 0, 0)]
    assert landing.warnings == ()


def test_a_log_of_states_is_counted_without_a_warning(bench):
    bench.declare(COSTS % ", duplicates: last")
    bench.write("landing/costs.csv", "influencer,date,amount\n42,2026-03-01,100\n42,2026-03-02,150\n")
    landing = bench.land()
    assert landing.warnings == ()
    assert count(bench) == [(2, 1, 0)]
    query = "select effects from t"
    assert bench.query(query, "raw/ledger/deliveries.parquet") == [
        ([{"kind": "replaced", "rule": "duplicates: last", "rows": 1}],)
    ]
    bench.declare(COSTS % "")
    assert bench.land().unchanged == 1
    assert bench.query("select effects[1].rule from t", "raw/ledger/deliveries.parquet") == [("",)]


def test_a_key_that_is_personal_is_not_shown(bench):
    bench.declare(
        "extracts:\n  - {files: landing/*, feeds: referrals, columns: {referral_id: Inviter, referrer_id: Inviter}}\n"
    )
    rows = "".join(f"c-{number % 180},{number}\n" for number in range(500))
    bench.write("landing/invitations.csv", f"Inviter,Invited\n{rows}")
    (warning,) = bench.land().warnings
    assert count(bench, "referrals") == [(500, 320, 0)]
    assert "320 of its 500 rows were replaced" in warning
    assert "for example lines 182 and 362 differ in Invited" in warning
    assert "c-" not in warning


def test_an_address_is_not_shown_as_a_key(bench):
    bench.declare(COSTS % "")
    bench.write("landing/costs.csv", "influencer,date,amount\na@b.example,2026-03-01,1\na@b.example,2026-03-02,1\n")
    (warning,) = bench.land().warnings
    assert "@" not in warning
    assert "for example lines 2 and 3 differ in date" in warning


def test_posts_with_the_same_caption_are_noticed(bench):
    bench.declare(
        "extracts:\n  - {files: landing/*, feeds: post_metrics, columns: {post_id: caption, observed_at: date}}\n"
    )
    bench.write("landing/m.csv", "caption,date,likes\nNew!,2026-03-01,5\nNew!,2026-03-01,7\nOld,2026-03-01,1\n")
    (warning,) = bench.land().warnings
    assert count(bench, "post_metrics") == [(3, 1, 0)]
    assert "post_id New!, observed_at 2026-03-01: lines 2 and 3 differ in likes" in warning
    assert "ids: {post_id: [the headers that identify a row]}" in warning


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.parquet"])
def test_every_kind_of_file_is_compared_as_a_whole(bench, name, tmp_path):
    rows = [{"Order": "1", "Date": "2026-03-01", "Net": "1", "Note": note} for note in ("a", "a", "b")]
    if name.endswith(".jsonl"):
        import json

        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
        content = (tmp_path / name).read_bytes()
    bench.write(f"landing/{name}", content)
    bench.land()
    assert count(bench, "orders") == [(3, 1, 1)]


def test_a_file_with_a_row_per_post_and_day_may_list_its_posts(bench):
    bench.declare(
        "extracts:\n"
        "  - {files: landing/*, feeds: posts, columns: {post_id: ID}}\n"
        "  - {files: landing/*, feeds: post_metrics, columns: {post_id: ID, observed_at: Date}}\n"
    )
    rows = "ID,Date,likes,partner_id\n1,2026-03-01,5,p1\n1,2026-03-02,6,p1\n2,2026-03-01,1,p2\n"
    bench.write("landing/posts.csv", rows)
    assert bench.land().warnings == ()
    assert count(bench, "posts") == [(3, 0, 1)]
    bench.write("landing/posts.csv", rows.replace("6,p1", "6,p3"))
    (warning,) = bench.land().warnings
    assert "post_id 1: lines 2 and 3 differ in partner_id" in warning


def test_every_row_counts_where_the_id_is_the_row(bench):
    bench.declare(
        "extracts:\n  - {files: landing/costs*, feeds: costs, columns: {paid_on: date}, ids: {cost_id: row}}\n"
    )
    bench.write("landing/costs.csv", "influencer,date,amount\n42,2026-03-01,100\n42,2026-03-02,150\n")
    bench.write("landing/costs_alike.csv", "influencer,date,amount\n42,2026-03-02,7\n42,2026-03-02,7\n")
    landing = bench.land()
    assert landing.warnings == ()
    assert count(bench) == [(2, 0, 0), (2, 0, 0)]
    costs = bench.select("cost_id, amount::int", "costs")
    assert (len(dict(costs)), sum(amount for _, amount in costs)) == (4, 250 + 14)


def test_invitations_without_an_id_are_rows(bench):
    bench.declare(
        "extracts:\n"
        "  - {files: landing/*, feeds: referrals, ids: {referral_id: row}, columns: {referrer_id: Inviter}}\n"
    )
    bench.write("landing/invitations.csv", "Inviter\n" + "".join(f"c-{number % 180}\n" for number in range(500)))
    assert bench.land().warnings == ()
    assert count(bench, "referrals") == [(500, 0, 0)]
    assert len(set(bench.select("referral_id", "referrals"))) == 500


def test_an_id_of_several_columns_separates_rows(bench):
    bench.declare(
        "extracts:\n"
        "  - files: landing/*\n"
        "    feeds: post_metrics\n"
        "    columns: {observed_at: date}\n"
        "    ids: {post_id: [caption, link]}\n"
    )
    bench.write(
        "landing/m.csv",
        "caption,link,date,likes\nNew!,a,2026-03-01,5\nNew!,b,2026-03-01,7\nNew!,b,2026-03-01,8\n"
        + "x,y,2026-03-01,1\n" * 3,
    )
    (warning,) = bench.land().warnings
    assert count(bench, "post_metrics") == [(6, 1, 2)]
    assert "observed_at 2026-03-01: lines 3 and 4 differ in likes" in warning


SHOPIFY = "extracts:\n  - {files: landing/*, format: shopify_orders, values: {shop: eu}}\n"
SHOPIFY_HEADER = "Name,Email,Subtotal,Created at,Lineitem name,Lineitem quantity,Lineitem price,Id\n"


def write_shopify(*orders: str) -> str:
    """Orders of two lines; of each the name, the amount and the id."""
    lines = ""
    for order in orders:
        name, subtotal, number = order.split()
        lines += f"{name},a@b.example,{subtotal},2026-03-01 10:00:00 +0100,Beans,1,{subtotal},{number}\n"
        lines += f"{name},a@b.example,,2026-03-01 10:00:00 +0100,Filters,1,0,\n"
    return SHOPIFY_HEADER + lines


def test_two_whole_orders_with_one_id_are_counted_and_the_lines_of_an_order_are_not(bench):
    bench.declare(SHOPIFY)
    bench.write("landing/o.csv", write_shopify("#1 20 6001", "#2 30 6002", "#3 40 6002", "#4 5 6004"))
    [warning] = bench.land().warnings
    assert count(bench, "shopify_orders") == [(8, 1, 0)]
    assert warning == (
        "shopify_orders ← landing/o.csv: 1 of its 8 rows was replaced: a later row of the file has the same shop and"
        " order_id, for example order_id 6002: lines 4 and 6 differ in Name. If every row counts, write in extracts.yml"
        " ids: {order_id: [the headers that identify a row]}; if only the last row of a key counts, write duplicates: last"
    )


def test_an_order_that_an_export_repeats_is_a_duplicate(bench):
    bench.declare(SHOPIFY)
    bench.write("landing/o.csv", write_shopify("#1 20 6001", "#2 30 6002", "#1 20 6001"))
    assert bench.land().warnings == ()
    assert count(bench, "shopify_orders") == [(6, 0, 1)]


def test_orders_without_an_id_share_none(bench):
    bench.declare(SHOPIFY)
    bench.write("landing/o.csv", write_shopify("#1 20 6001", "#2 30 6002").replace(",Id\n", ",Other\n"))
    assert bench.land().warnings == ()
    assert count(bench, "shopify_orders") == [(4, 0, 0)]


def test_rows_that_a_rule_drops_replace_nothing(bench):
    bench.declare(COSTS % ", drop: {influencer: [Total]}")
    bench.write(
        "landing/costs.csv", "influencer,date,amount\n42,2026-03-01,1\nTotal,2026-03-01,1\nTotal,2026-03-02,2\n"
    )
    assert bench.land().warnings == ()
    assert bench.query("select effects from t", "raw/ledger/deliveries.parquet") == [
        ([{"kind": "dropped", "rule": "drop: influencer", "rows": 2}],)
    ]


def test_a_ledger_of_an_earlier_release_keeps_its_deliveries(bench):
    bench.write("landing/orders.csv", "Order,Date,Net\n1,2026-03-01,10\n")
    bench.land()
    with sqlite3.connect(bench.path / "warehouse/ledger.sqlite") as ledger:
        ledger.execute("drop table effects")
    (bench.path / "landing/orders.csv").unlink()
    assert bench.land().deliveries == ()
    assert count(bench, "orders") == [(1, 0, 0)]
