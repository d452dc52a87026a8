"""What an entry can say about an export beyond names, and in which order it is applied."""

from pathlib import Path

import pytest

from orchestration.landing.delivery import Delivery
from orchestration.landing.identity import identify_entry
from orchestration.programme.contract import read_contract
from orchestration.programme.extracts import Entry


def load(bench, options: str, files: dict[str, str] | str) -> Delivery:
    """Land one entry over the files, and give its last delivery."""
    bench.declare(f"extracts:\n  - files: landing/*.csv\n    {options.strip()}\n")
    for name, text in (files if isinstance(files, dict) else {"export.csv": files}).items():
        bench.write(f"landing/{name}", text)
    landing = bench.land()
    assert not landing.refusals, landing.refusals
    return landing.deliveries[-1]


ORDERS = "feeds: orders\n    columns: {order_id: Order, ordered_at: Date, net: Net}\n    "


def test_keep_and_drop_choose_rows_by_headers_of_the_file_before_anything_is_read(bench):
    delivery = load(
        bench,
        ORDERS + "keep: {Source: [influencer, 'crea*'], Country: ['*']}\n    "
        "drop: {Campaign: ['', '*test*'], Note: ['*-void', n/a]}\n    map: {order_id: {'2': two}}",
        "Order,Date,Net,Source,Country,Campaign,Note\n"
        "1,2026-03-01,10, Influencer ,BE,spring,\n"
        "2,2026-03-01,20,Creators,,spring,\n"
        "3,2026-03-01,30,web,BE,spring,\n"
        "4,2026-03-01,40,influencer,BE,,\n"
        "5,2026-03-01,50,influencer,BE,A TEST of it,\n"
        "6,2026-03-01,60,influencer,BE,spring,order-VOID\n"
        "7,2026-03-01,70,influencer,BE,spring,N/A\n"
        "no id at all,no date,no amount,web,BE,,\n",
    )
    assert bench.select("order_id, net") == [("1", "10"), ("two", "20")]
    assert delivery.dropped_by_rule == {"keep: Source": 2, "drop: Campaign": 2, "drop: Note": 2}
    assert (delivery.rows_read, delivery.rows_kept, delivery.rows_dropped, delivery.rows_quarantined) == (8, 2, 6, 0)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("keep: {source: [influencer]}", "has no header 'source', which keep names"),
        ("drop: {source: [Total]}", "has no header 'source', which drop names"),
        ("ids: {order_id: [Datum, Net]}", "has no header 'Datum', which ids names"),
        ("flags: {status: {paid: Paied}}", "has no header 'Paied', which flags names"),
        ("orders_per_row: orders", "has no header 'orders', which orders_per_row names"),
        ("keep: {Twice: [a]}", "has the header 'Twice' 2 times, which keep names"),
    ],
)
def test_a_header_that_the_file_lacks_is_an_error(bench, refuse, option, message):
    columns = (
        "{ordered_at: Date, net: Net}" if option.startswith("ids") else "{order_id: Order, ordered_at: Date, net: Net}"
    )
    bench.declare(f"extracts:\n  - files: landing/*.csv\n    feeds: orders\n    columns: {columns}\n    {option}\n")
    bench.write("landing/export.csv", "Order,Date,Net,Source,Paid,Twice,Twice\n1,2026-03-01,10,a,1,a,a\n")
    refusal = refuse()
    assert message in refusal and f"Correct {option.split(':')[0]}: in extracts.yml" in refusal


def test_map_turns_the_words_of_an_export_into_ours(bench):
    delivery = load(
        bench,
        "feeds: conversions\n    columns: {conversion_id: Id, converted_at: At, state: State, kind: Kind}\n    "
        "map:\n      state: {paid: approved, processed: approved, Refunded: reversed, test: null}\n"
        "      kind: {'': sale, None: lead}",
        "Id,At,State,Kind\n1,2026-03-01, PAID ,\n2,2026-03-01,refunded,None\n3,2026-03-01,Test,sale\n"
        "4,2026-03-01,pending,nan\n5,2026-03-01,declined,sale\n",
    )
    rows = bench.select("conversion_id, state, kind", "conversions")
    # `None` is a word for empty, unless the entry says what it means; an empty kind is a sale here.
    assert rows == [("1", "approved", "sale"), ("2", "reversed", "lead"), ("3", None, "sale"), ("4", "pending", "sale")]
    assert delivery.changed_by_rule["map: state"] == 3
    [(value, reason, remedy)] = bench.select_quarantined("value, reason, what_to_do")
    assert (value, reason) == ("declined", "is not one of pending, approved, reversed")
    assert remedy.endswith("or what the word means: map: {state: {its word: pending}} in extracts.yml")


def test_an_id_of_several_columns_is_the_same_in_every_extract_and_never_that_of_other_values(bench):
    bench.declare(
        "extracts:\n  - files: landing/posts*.csv\n    feeds: posts\n    ids: {post_id: [Permalink, Date]}\n"
        "    columns: {partner_id: Who}\n"
        "  - files: landing/posts*.csv\n    feeds: post_metrics\n    ids: {post_id: [Permalink, Date]}\n"
        "    columns: {observed_at: Date, likes: Likes}\n"
    )
    bench.write(
        "landing/posts.csv",
        "Permalink,Date,Who,Likes\nhttps://x/1,2026-03-01,mira,5\nhttps://x/1,2026-03-02,mira,6\n"
        "nan,2026-03-02,mira,7\na|,2026-03-03,mira,8\n",
    )
    landing = bench.land()
    found = [post_id for (post_id,) in bench.select("post_id", "posts")]
    assert found[:3] == ["https://x/1|2026-03-01", "https://x/1|2026-03-02", "|2026-03-02"]
    assert len(set(found)) == 4
    assert [post_id for (post_id,) in bench.select("post_id", "post_metrics")] == found
    assert landing.deliveries[0].changed_by_rule["ids: post_id"] == 4


def test_different_parts_never_make_the_same_id(bench):
    load(
        bench,
        "feeds: referrals\n    columns: {referrer_id: A}\n    ids: {referral_id: [A, B, C]}",
        "A,B,C\nx|y,z,w\nx,y|z,w\nx,y,z|w\nx\\,|y,z\nx,\\|y,z\nx,y,z\nx,y,\n1.0,y,\n2.0,y,\n",
    )
    found = [referral_id for (referral_id,) in bench.select("referral_id", "referrals")]
    assert len(set(found)) == len(found) == 9
    assert bench.select("referral_id", "referrals")[-1] == ("2.0|y|",)


def test_an_id_whose_parts_are_all_empty_is_missing(bench):
    load(
        bench,
        "feeds: referrals\n    columns: {referrer_id: A}\n    ids: {referral_id: [B, C]}",
        "A,B,C\nmira,1.0,\nbo,2.0,\njo,,N/A\n",
    )
    assert bench.select("referral_id", "referrals") == [("1|",), ("2|",)]
    assert bench.select_quarantined('line, "column", header, reason') == [
        (4, "referral_id", "B, C", "is empty, and referral_id is required")
    ]


INVITATIONS = "feeds: referrals\n    columns: {referrer_id: Inviter}\n    ids: {referral_id: row}"


def test_every_row_is_one_with_row_ids_also_two_alike(bench):
    text = "Inviter\n" + "mira\n" * 320 + "bo\n" * 180
    delivery = load(bench, INVITATIONS, text)
    assert delivery.rows_kept == 500
    [(count, first, last)] = bench.query(
        "select count(distinct referral_id), min_by(referral_id, _row), max_by(referral_id, _row) from t",
        "raw/referrals/*.parquet",
    )
    assert (count, first, last) == (500, "landing/export.csv:1", "landing/export.csv:500")


def test_the_number_of_a_row_counts_rows_that_could_not_be_read(bench):
    load(bench, INVITATIONS, 'Inviter,Note\nmira,x\nbo,"y" z\nan,\n')
    assert bench.select("referral_id, referrer_id, _row", "referrals") == [
        ("landing/export.csv:1", "mira", 1),
        ("landing/export.csv:3", "an", 3),
    ]


def test_a_corrected_file_under_the_same_path_replaces_all_rows_of_the_earlier_one(bench, caplog):
    load(bench, INVITATIONS, {"a.csv": "Inviter\nmira\nmira\nbo\n", "b.csv": "Inviter\nan\n"})
    caplog.clear()
    load(bench, INVITATIONS, {"a.csv": "Inviter\nmira\n"})
    assert sorted(bench.select("referral_id, referrer_id", "referrals")) == [
        ("landing/a.csv:1", "mira"),
        ("landing/b.csv:1", "an"),
    ]
    assert "its earlier rows stay" not in caplog.text
    # The former content comes back as it was.
    load(bench, INVITATIONS, {"a.csv": "Inviter\nmira\nmira\nbo\n"})
    assert len(bench.select("referral_id", "referrals")) == 4
    assert len(list((bench.path / "warehouse/raw/referrals").glob("*.parquet"))) == 3


def test_a_file_under_a_new_path_that_repeats_half_of_another_is_warned_of(bench, caplog):
    load(bench, INVITATIONS, {"a.csv": "Inviter\nmira\nbo\nan\ndi\n", "b.csv": "Inviter\nmira\nxe\n"})
    assert "repeats" not in caplog.text
    bench.write("landing/c.csv", "Inviter\nbo\nan\nno\n")
    (warning,) = bench.land().warnings
    assert "landing/c.csv: repeats 2 of the 4 rows of landing/a.csv" in warning


@pytest.mark.parametrize(
    ("unit", "value", "read"),
    [
        ("cents", "5000", "50.00"),
        ("cents", "-12345.5", "-123.46"),
        ("cents", '"500,000.00"', "5000.00"),
        ("thousandths", "1500", "1.50"),
    ],
)
def test_money_in_other_units(bench, unit, value, read):
    delivery = load(bench, ORDERS + f"units: {{net: {unit}}}", f"Order,Date,Net\n1,2026-03-01,{value}\n")
    assert bench.select("net") == [(read,)]
    assert delivery.money_kept == read
    assert delivery.changed_by_rule[f"units {unit}: net"] == 1


def test_cents_are_whole_in_a_file_with_decimal_commas(bench):
    load(bench, ORDERS + "units: {net: cents}\n    decimal: ','", 'Order,Date,Net\n1,2026-03-01,"1.234,5"\n')
    assert bench.select("net") == [("12,35",)]


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("epoch_s", "1773568000"),
        ("epoch_ms", "1773568000000"),
        ("epoch_us", "1773568000000000"),
        ("epoch_s", "1.773568e9"),
    ],
)
def test_times_as_epochs(bench, unit, value):
    load(bench, ORDERS + f"units: {{ordered_at: {unit}}}", f"Order,Date,Net\n1,{value},10\n")
    assert bench.select("ordered_at") == [("2026-03-15T09:46:40.000000Z",)]


def test_a_day_as_an_epoch_is_the_day_in_the_time_zone_of_the_entry(bench):
    load(
        bench,
        "feeds: costs\n    columns: {cost_id: Id, paid_on: Paid, amount: Amount}\n    units: {paid_on: epoch_s}\n"
        "    timezone: America/New_York",
        "Id,Paid,Amount\n1,1773540000,5\n",
    )
    # 02:00 on the 15th in UTC.
    assert bench.select("paid_on", "costs") == [("2026-03-14",)]


def test_an_epoch_in_another_unit_than_declared_is_refused(bench):
    load(bench, ORDERS + "units: {ordered_at: epoch_ms}", "Order,Date,Net\n1,1773568000,10\n2,1e30,10\n")
    assert bench.select_quarantined("value, reason, what_to_do") == [
        (
            value,
            "is no time between 1990 and 2100 in epoch_ms",
            "correct units: in extracts.yml, or the value at the source",
        )
        for value in ("1773568000", "1e30")
    ]


@pytest.mark.parametrize(("value", "unit"), [("1773568000", "epoch_s"), ("1773568000000", "epoch_ms")])
def test_an_epoch_that_nobody_declared_is_refused_with_its_unit(bench, value, unit):
    load(bench, ORDERS, f"Order,Date,Net\n1,{value},10\n")
    assert bench.select_quarantined("what_to_do") == [(f"declare units: {{ordered_at: {unit}}} in extracts.yml",)]


OUTCOMES = (
    "feeds: experiment_outcomes\n    values: {experiment_id: e}\n    columns: {unit_id: U, arm: A, value: V}\n    "
)


def test_percent_are_ratios(bench):
    load(bench, OUTCOMES + "units: {value: percent}", 'U,A,V\n1,a,5 %\n2,a,12.5%\n3,a,7\n4,a,"1,234.5 %"\n')
    assert bench.select("value", "experiment_outcomes") == [("0.05",), ("0.125",), ("0.07",), ("12.345",)]


def test_a_percent_sign_that_nobody_declared_is_refused(bench):
    load(bench, OUTCOMES, "U,A,V\n1,a,5 %\n")
    assert bench.select_quarantined("value, what_to_do") == [("5 %", "declare units: {value: percent} in extracts.yml")]


def test_further_words_for_empty(bench):
    header = "Order,Date,Net,Who,Tax\n"
    columns = (
        "feeds: orders\n    columns: {order_id: Order, ordered_at: Date, net: Net, customer_id: Who, tax: Tax}\n    "
    )
    delivery = load(bench, columns + 'nulls: ["-", none]', header + "1,2026-03-01,10,-, NONE \n2,2026-03-01,10,nan,-\n")
    assert bench.select("customer_id, tax") == [(None, None), (None, None)]
    assert delivery.changed_by_rule == {"empty: customer_id": 2, "empty: tax": 2}


def test_no_word_is_empty_where_the_entry_switches_them_off(bench):
    columns = (
        "feeds: orders\n    columns: {order_id: Order, ordered_at: Date, net: Net, customer_id: Who}\n    nulls: []"
    )
    load(bench, columns, "Order,Date,Net,Who\n1,2026-03-01,10,None\n")
    assert bench.select("customer_id") == [("None",)]


def test_flags_make_one_column_out_of_several(bench):
    delivery = load(
        bench,
        "feeds: brand_lift_answers\n    values: {study_id: s, question: q, cell: exposed}\n    columns: {respondent_id: R}\n"
        "    flags: {answer: {yes: Yes, no: No}}",
        "R,Yes,No\n1,1,0\n2,0.0,1.0\n3,0,0\n4,,nan\n5,1,1\n6,maybe,0\n",
    )
    rows = bench.select("respondent_id, answer", "brand_lift_answers")
    assert rows == [("1", "yes"), ("2", "no"), ("3", None), ("4", None)]
    assert bench.select_quarantined('line, "column", header, value, reason') == [
        (6, "answer", "Yes, No", "1, 1", "has more than one yes in Yes, No"),
        (7, "answer", "Yes, No", "maybe, 0", "has a cell in Yes, No that is neither 1, 0 nor empty"),
    ]
    assert delivery.changed_by_rule["flags: answer"] == 2


SEVERAL_ORDERS = "Order,Date,Net,orders\n1,2026-03-01,10,1\n2,2026-03-01,20,0\n3,2026-03-01,30,3\n4,2026-03-01,40,\n"


def test_a_row_of_no_orders_is_left_out_and_one_of_several_refused(bench):
    delivery = load(bench, ORDERS + "orders_per_row: orders", SEVERAL_ORDERS)
    assert bench.select("order_id") == [("1",)]
    assert delivery.dropped_by_rule == {"orders_per_row: orders is 0": 1}
    assert bench.select_quarantined("value, reason, what_to_do") == [
        ("3", "is more than one order in orders",
         "deliver single orders, or count such a row as one: orders_per_row: {orders: one} in extracts.yml"),
        (None, "is no number of orders in orders", "write how many orders the row is"),
    ]  # fmt: skip


def test_a_row_of_several_orders_counts_as_one_if_the_entry_says_so(bench):
    delivery = load(bench, ORDERS + "orders_per_row: {orders: one}", SEVERAL_ORDERS)
    assert bench.select("order_id") == [("1",), ("3",)]
    assert delivery.changed_by_rule == {"orders_per_row: orders counts as one": 1}


def test_answers_of_1_to_5_become_answers_of_0_to_10(bench):
    delivery = load(
        bench,
        "feeds: recommendations\n    columns: {response_id: R, answered_at: D, answer: Stars}\n    scale: 5",
        "R,D,Stars\n" + "".join(f"{stars},2026-03-01,{stars}\n" for stars in range(7)) + "7,2026-03-01,4.0\n",
    )
    rows = dict(bench.select("response_id, answer", "recommendations"))
    assert rows == {"1": "0", "2": "3", "3": "5", "4": "8", "5": "10", "7": "8"}
    assert bench.select_quarantined("value, reason") == [
        ("0", "is not on the scale of 1 to 5"),
        ("6", "is not on the scale of 1 to 5"),
    ]
    assert delivery.changed_by_rule == {"scale: answer": 6}


def test_codes_that_own_what_begins_with_them_are_marked(bench):
    load(bench, "feeds: codes\n    columns: {code: Code, partner_id: Who}\n    match: prefix", "Code,Who\nMIRA-,mira\n")
    assert bench.select("code, match", "codes") == [("MIRA-", "prefix")]


def test_options_are_applied_in_their_order(bench):
    """keep and drop, words for empty, map, the .0 rule, units, casts: each sees what the one before has made."""
    delivery = load(
        bench,
        "feeds: conversions\n    columns: {conversion_id: Id, converted_at: At, partner_id: Who, commission: Pay, state: St}\n"
        "    drop: {St: [n/a]}\n    nulls: [unknown]\n    map: {state: {done: approved}, commission: {free: '0'}}\n"
        "    units: {commission: cents, converted_at: epoch_s}",
        'Id,At,Who,Pay,St\n1,1773568000,42.0,free,done\n2,1773568000,unknown,"EUR 1,250.00",unknown\n'
        "3,1773568000,43.0,1,N/A\n4,1773568000,44.0,(5),done\n",
    )
    assert bench.select("conversion_id, partner_id, commission, state", "conversions") == [
        ("1", "42", "0.00", "approved"),
        ("2", None, "12.50", None),
    ]
    assert delivery.dropped_by_rule == {"drop: St": 1}
    # Shown as it is in the file.
    assert bench.select_quarantined('"column", value') == [("commission", "(5)")]


def test_a_known_format_has_the_same_options_on_its_own_headers(bench):
    delivery = load(
        bench,
        "format: awin_transactions\n    timezone: Europe/Brussels\n    keep: {site_name: ['mira*']}\n"
        "    map: {status: {paid: approved}}\n    units: {sale_amount: cents}",
        Path("tests/formats/awin_transactions/export/transactions_report_2026-04-05.csv")
        .read_text(encoding="utf-8-sig")
        .replace(",129.90,2026-04-02 11:00:00,0,", ",129.90,2026-04-02 11:00:00,paid,"),
    )
    assert delivery.dropped_by_rule == {"keep: site_name": 1}
    # The export has one transaction twice.
    twice = ("0.20", "1")
    assert bench.select("sale_amount, status", "awin_transactions") == [twice, ("12.99", "approved"), twice]


def test_an_entry_that_uses_no_option_keeps_the_id_that_it_had_before_there_were_any():
    extract = read_contract()["orders"]
    plain = Entry(files="landing/*", feeds="orders")
    options = {"map": {}, "nulls": None, "match": "exact", "name": "shop", "allow_empty": True, "duplicates": "last"}
    same = Entry(files="landing/*", feeds="orders", **options)
    assert identify_entry(plain, extract, "UTC", "EUR") == identify_entry(same, extract, "UTC", "EUR")
    for option in ({"nulls": []}, {"keep": {"a": ["b"]}}, {"units": {"net": "cents"}}, {"ids": {"order_id": "row"}}):
        other = Entry(files="landing/*", feeds="orders", **option)
        assert identify_entry(plain, extract, "UTC", "EUR") != identify_entry(other, extract, "UTC", "EUR")


SHOPIFY = "format: shopify_orders\n    values: {shop: eu}\n    "
LINES = (
    "Name,Subtotal,Created at,Lineitem name,Source,Tags,Id\n"
    "#1,20,2026-03-01 10:00:00 +0100,Beans,web,,6001\n"
    "#1,,2026-03-01 10:00:00 +0100,Gift wrap,,,\n"
    "#2,30,2026-03-01 10:00:00 +0100,gift card,pos,'vip, wholesale',6002\n".replace("'", '"')
    + "#2,,2026-03-01 10:00:00 +0100,Gift Card - 50,,,\n"
    "#2,,2026-03-01 10:00:00 +0100,Gift card holder,,,\n"
    "#3,40,2026-03-01 10:00:00 +0100,Beans,web,,6003\n"
    "#3,,2026-03-01 10:00:00 +0100,My Gift card,,,\n"
)


@pytest.mark.parametrize(
    ("option", "kept"),
    [
        ("drop: {Tags: ['*wholesale*']}", ["#1", "#1", "#3", "#3"]),
        ("keep: {Source: [pos]}", ["#2", "#2", "#2"]),
        ("drop: {Tags: ['']}", ["#2", "#2", "#2"]),
        ("drop: {Lineitem name: [Gift wrap]}", ["#1", "#2", "#2", "#2", "#3", "#3"]),
    ],
)
def test_a_rule_on_what_an_order_has_once_is_for_all_of_its_lines(bench, option, kept):
    delivery = load(bench, SHOPIFY + option, LINES)
    assert [name for (name,) in bench.select("order_name", "shopify_orders")] == kept
    assert delivery.rows_dropped == 7 - len(kept)


def test_lines_of_gift_cards_are_marked_and_counted(bench):
    delivery = load(bench, SHOPIFY + "gift_cards: [Gift card]", LINES)
    found = bench.select("line_name, is_gift_card", "shopify_orders")
    assert [name for name, is_gift_card in found if is_gift_card == "true"] == ["gift card", "Gift Card - 50"]
    assert delivery.changed_by_rule == {"gift_cards: line_name": 2}


def test_a_file_without_names_of_lines_cannot_have_gift_cards(bench, refuse):
    bench.declare(f"extracts:\n  - files: landing/*.csv\n    {SHOPIFY}gift_cards: [Gift card]\n")
    bench.write("landing/o.csv", LINES.replace("Lineitem name", "Item"))
    assert "has nothing for line_name, which gift_cards needs" in refuse()
