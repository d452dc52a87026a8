"""Orders, people and links of different systems meet: whole programmes of vendors' own files, each value by hand."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import Totals, recount_revenue
from tests.warehouse.bare import CompiledProject, build, find_broken_tests

PLAN = "{programme: Matching, currency: EUR, timezone: UTC, lookback_days: 30}\n"
EXTRACTS = """\
extracts:
  - {files: landing/shopify.csv, format: shopify_orders, values: {shop: us}}
  - {files: landing/woo.csv, format: woocommerce_orders, values: {shop: eu, shop_currency: EUR}, timezone: UTC}
  - {files: landing/awin.csv, format: awin_transactions, timezone: UTC, name: awin}
  - {files: landing/ga4.jsonl, format: ga4_sessions, timezone: UTC}
  - {files: landing/tracker.csv, feeds: conversions, name: tracker}
  - {files: landing/links.csv, feeds: links}
  - {files: landing/campaigns.csv, feeds: campaigns}
  - {files: landing/codes.csv, feeds: codes, match: prefix}
  - {files: landing/refunds.csv, feeds: refunds}
"""
SHOPIFY = """\
Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Created at,Lineitem quantity,Lineitem name,Lineitem price,Id
#2041,ada@example.com,paid,EUR,10.00,0.00,0.00,10.00,,2026-03-10 10:00:00 +0000,1,Coffee,10.00,6097582719001
#2042,bo@example.com,paid,EUR,20.00,0.00,0.00,20.00,,2026-03-11 10:00:00 +0000,1,Coffee,20.00,6097582719002
#2043,cy@example.com,paid,EUR,30.00,0.00,0.00,30.00,,2026-03-12 10:00:00 +0000,1,Coffee,30.00,6097582719003
#2044,di@example.com,paid,EUR,40.00,0.00,0.00,40.00,,2026-03-13 10:00:00 +0000,1,Coffee,40.00,6097582719004
#2045,eli@example.com,expired,EUR,50.00,0.00,0.00,50.00,,2026-03-14 10:00:00 +0000,1,Coffee,50.00,6097582719005
#2046,fay@example.com,pending,EUR,60.00,0.00,0.00,60.00,MIRA-7F3K9,2026-03-15 10:00:00 +0000,1,Coffee,60.00,6097582719006
#2047,ivo@example.com,paid,EUR,70.00,0.00,0.00,70.00,,2026-03-09 10:00:10 +0000,1,Coffee,70.00,6097582719007
"""
WOOCOMMERCE = """\
order_id,order_date,status,shipping_total,tax_total,discount_total,order_subtotal,order_currency,customer_id,customer_email,billing_email
1,2026-03-10 10:00:00,completed,0.00,0.00,0.00,5.00,EUR,0,,gus@example.com
2,2026-03-20 10:00:00,completed,0.00,0.00,0.00,6.00,EUR,0,,Gus@example.com
2042,2026-03-25 10:00:00,completed,0.00,0.00,0.00,7.00,EUR,17,hal@example.com,
"""
# Awin knows the number that customers see; of 9999 nobody knows, and 2042 is an order of both shops, weeks from either.
AWIN = """\
id,publisher_id,sale_amount,commission,date,commission_status,extra,type,currency
a1,mira,10.00,1.00,2026-03-10 10:00:05,1,2041,sale,EUR
a2,mira,10.00,1.00,2026-03-10 10:00:05,1,9999,sale,EUR
a3,mira,10.00,1.00,2026-05-10 10:00:05,1,#2042,sale,EUR
"""
# The tracker has numbers of its own, but the buyer's address and the time.
TRACKER = """\
conversion_id,converted_at,partner_id,order_id,customer_id
t1,2026-03-11 10:03:00,leo,TRK-1,bo@example.com
t2,2026-03-11 23:03:00,leo,TRK-2,nobody@example.com
"""


def write_event(browser: str, second: int, name: str, user: str | None = None, **source: str) -> str:
    """An event of one session a browser; `source` are its tags, `transaction_id` the order of a purchase, `page` where it
    happened."""
    order, page = source.pop("transaction_id", None), source.pop("page", None)
    return json.dumps(
        {
            "event_date": "20260309",
            "event_timestamp": str((1773050400 + second) * 1_000_000),  # 2026-03-09 10:00:00 UTC
            "event_name": name,
            "event_params": [
                {"key": "ga_session_id", "value": {"int_value": "1"}},
                {"key": "page_location", "value": {"string_value": page}},
            ],
            "user_pseudo_id": browser,
            "user_id": user,
            "collected_traffic_source": {f"manual_{key}": value for key, value in source.items()} or None,
            "ecommerce": {"transaction_id": order} if order else None,
        }
    )


GA4 = [
    # A signed-in buyer who came by a tagged link.
    write_event("b1", 0, "session_start", source="instagram", medium="influencer", campaign_name="spring"),
    write_event("b1", 9, "page_view", user="cy@example.com"),
    # What GA4 saw first is no tag; of the real one, the campaign is one of ours, and no link fits.
    write_event("b2", 0, "session_start", source="google", medium="organic", campaign_name="(organic)"),
    write_event("b2", 5, "page_view", source="newsletter", medium="email", campaign_name="Summer"),
    # Nobody is signed in, but the purchase says which order.
    write_event("b2", 9, "purchase", transaction_id="2044"),
    # An untagged visit of a page that somebody owns, by whoever placed 2047.
    write_event("b3", 0, "session_start", page="HTTPS://www.Shop.example/olaf/?ref=x&mail=a@b.example"),
    write_event("b3", 9, "purchase", transaction_id="2047"),
]
OTHERS = {
    "links.csv": "utm_source,utm_medium,url,partner_id\nInstagram,influencer,,nia\ninstagram,,,other\n,,shop.example/olaf,olaf\n",
    "campaigns.csv": "campaign_id,name\nsummer,Summer\n",
    "codes.csv": "code,partner_id\nMIRA-,mira\n",
    "refunds.csv": "refund_id,order_id,refunded_at,amount\nr1,# 2043,2026-03-20,3.00\nr2,none,2026-03-20,9.00\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("matching")
    (folder / "landing").mkdir()
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(EXTRACTS)
    files = {"shopify.csv": SHOPIFY, "woo.csv": WOOCOMMERCE, "awin.csv": AWIN, "tracker.csv": TRACKER, **OTHERS}
    for name, text in {**files, "ga4.jsonl": "\n".join(GA4) + "\n"}.items():
        (folder / "landing" / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def marts(project: CompiledProject, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(project, folder) as connection:
        assert find_broken_tests(project, connection) == {}
        yield connection


@pytest.mark.parametrize(
    ("order", "evidence", "matched_by", "partner", "campaign"),
    [
        ("us 6097582719001", "conversion", "order_ref", "mira", None),
        ("us 6097582719002", "conversion", "person and day", "leo", None),
        ("us 6097582719003", "click", "link", "nia", None),
        ("us 6097582719004", "click", "order_ref", None, "summer"),
        ("us 6097582719006", "code", "code", "mira", None),
        ("us 6097582719007", "click", "order_ref", "olaf", None),
        ("eu 1", "none", None, None, None),
        ("eu 2042", "none", None, None, None),
    ],
)
def test_an_order_is_credited_to_who_brought_it(
    marts: duckdb.DuckDBPyConnection,
    order: str,
    evidence: str,
    matched_by: str | None,
    partner: str | None,
    campaign: str | None,
):
    query = "select evidence, matched_by, partner_id, campaign_id from results.orders where shop || ' ' || order_id = ?"
    assert marts.execute(query, [order]).fetchall() == [(evidence, matched_by, partner, campaign)]


def test_a_guest_is_one_person_and_their_second_order_returning(marts: duckdb.DuckDBPyConnection):
    query = """
        select order_id, is_new_customer, count(customer_id) over (partition by customer_id)
        from results.orders where shop = 'eu' and order_id in ('1', '2') order by 1
    """
    assert marts.execute(query).fetchall() == [("1", True, 2), ("2", False, 2)]


def test_an_expired_order_is_none_and_one_that_is_not_paid_is_shown_as_such(marts: duckdb.DuckDBPyConnection):
    assert marts.execute("select reason, orders from results.exclusions").fetchall() == [("status expired", 1)]
    query = "select order_id, is_paid from results.orders where shop = 'us' and not is_paid"
    assert marts.execute(query).fetchall() == [("6097582719006", False)]


def test_what_finds_no_order_is_listed_with_the_reason(marts: duckdb.DuckDBPyConnection):
    query = "select source, reason, rows, revenue, examples from results.unmatched where extract = 'conversions' order by all"
    assert [
        (source, reason, rows, examples) for source, reason, rows, _, examples in marts.execute(query).fetchall()
    ] == [
        ("awin", "no order has this number", 1, "9999"),
        ("awin", "several orders have this number", 1, "2042"),
        ("tracker", "no order has this number, and none is of this person and day", 1, "trk-2"),
    ]


def test_a_refund_finds_its_order_by_any_number_and_the_recount_agrees(
    marts: duckdb.DuckDBPyConnection, folder: Path, project: CompiledProject
):
    query = "select order_id, refunded from results.orders where refunded <> 0"
    assert [(order, float(refunded)) for order, refunded in marts.execute(query).fetchall()] == [("6097582719003", 3.0)]
    # 10 + 20 + 30 + 40 + 60 + 70 of Shopify, 5 + 6 + 7 of WooCommerce, less 3.
    expected = Totals(9, Decimal("245.00"))
    [found] = marts.execute("select count(*), sum(net_revenue) from results.orders").fetchall()
    manifest = json.loads((project.target / "manifest.json").read_text())
    assert Totals(*found) == recount_revenue(read_programme(folder), marts, manifest) == expected


def test_claims_stand_beside_what_was_found(marts: duckdb.DuckDBPyConnection):
    query = "select source, sum(conversions), sum(matched_orders), sum(matched_revenue) from results.claims group by 1 order by 1"
    assert [
        (source, int(claims), int(matched), float(revenue))
        for source, claims, matched, revenue in marts.execute(query).fetchall()
    ] == [
        ("awin", 3, 1, 10.0),
        ("tracker", 2, 1, 20.0),
    ]
    query = "select source, claims, matched, ambiguous from intermediate.int_match_rates where claim_type = 'conversion' order by 1"
    assert marts.execute(query).fetchall() == [("awin", 3, 1, 1), ("tracker", 2, 1, 0)]
