"""Exports of several vendors in one programme: which order, person and tag they mean, in figures by hand."""

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import recount_revenue
from tests.warehouse.bare import CompiledProject, build, find_broken_tests, find_warnings

PLAN = "{programme: Vendors, currency: EUR, timezone: UTC, lookback_days: 30}\n"
TODAY = date(2026, 4, 30)
EXTRACTS = """\
extracts:
  - {files: landing/shopify*, format: shopify_orders, values: {shop: main}, gift_cards: [Gift card]}
  - {files: landing/woo*, format: woocommerce_orders, values: {shop: outlet, shop_currency: EUR}, timezone: UTC}
  - {files: landing/awin*, format: awin_transactions, timezone: UTC}
  - {files: landing/impact*, format: impact_actions, timezone: UTC, map: {action_tracker: {Purchase Event 7: sale}}}
"""
FILES = {
    # A paid order; one that is not paid yet; one that never was; a gift card beside beans; a gift card alone.
    "shopify_2026-03-20.csv": """\
Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Refunded Amount,Id
#2041,ada@x.example,paid,EUR,50.00,0.00,0.00,50.00,2026-03-01 10:00:00 +0000,1,Beans,50.00,0.00,6097000000001
#2042,bo@x.example,pending,EUR,20.00,0.00,0.00,20.00,2026-03-02 10:00:00 +0000,1,Beans,20.00,0.00,6097000000002
#2043,cy@x.example,expired,EUR,30.00,0.00,0.00,30.00,2026-03-03 10:00:00 +0000,1,Beans,30.00,0.00,6097000000003
#2044,ada@x.example,paid,EUR,110.00,0.00,0.00,110.00,2026-03-04 10:00:00 +0000,1,Gift card - 100,100.00,0.00,6097000000004
#2044,ada@x.example,,,,,,,2026-03-04 10:00:00 +0000,1,Beans,10.00,,
#2045,di@x.example,paid,EUR,100.00,0.00,0.00,100.00,2026-03-05 10:00:00 +0000,1,Gift card - 100,100.00,0.00,6097000000005
""",
    # A guest who buys twice, first in full and returned; an account that is another person than another shop's.
    "woo_2026-03-20.csv": """\
order_id,order_number,order_date,status,shipping_total,tax_total,discount_total,order_total,order_subtotal,order_currency,customer_id,customer_email,billing_email,refund_items
17,W-17,2026-03-06 10:00:00,refunded,5.00,0.00,0.00,45.00,40.00,EUR,0,,gia@x.example,amount:45|reason:wrong; all of it|date:2026-04-02 09:00:00
18,W-18,2026-03-07 10:00:00,completed,0.00,0.00,0.00,25.00,25.00,EUR,0,,GIA@x.example,
19,W-19,2026-03-08 10:00:00,on-hold,0.00,0.00,0.00,15.00,15.00,EUR,3,hu@x.example,,
20,W-20,2026-03-09 10:00:00,completed,0.00,0.00,0.00,60.00,60.00,EUR,4,bo@x.example,,amount:15|reason:|date:2026-03-12 09:00:00
""",
    "awin_2026-03-20.csv": """\
id,publisher_id,sale_amount,commission,date,commission_status,extra,type,currency
1,mira,50.00,5.00,2026-03-01 10:01:00,1,2041,Sale,EUR
2,mira,20.00,2.00,2026-03-02 10:01:00,1,# 2042,Sale,EUR
3,noor,25.00,2.50,2026-03-07 10:01:00,1,w-18,Sale,EUR
""",
    "impact_2026-03-20.csv": """\
Id,EventDate,MediaPartnerId,CampaignId,ActionTrackerName,Oid,Amount,Payout,Currency,State
1.2.3,2026-03-09 10:05:00,olu,,Purchase Event 7,#W-20,60.00,6.00,EUR,APPROVED
""",
}


@pytest.fixture(scope="module")
def programme(folders: Iterator[Path]) -> Path:
    folder = next(folders)
    (folder / "landing").mkdir()
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(EXTRACTS)
    for name, text in FILES.items():
        (folder / "landing" / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def marts(project: CompiledProject, programme: Path) -> duckdb.DuckDBPyConnection:
    built = build(project, programme, TODAY)
    assert find_broken_tests(project, built) == {}
    return built


def test_each_order_counts_what_was_sold_and_is_credited_by_its_number(marts: duckdb.DuckDBPyConnection):
    found = marts.execute(
        "select order_id, net_revenue, is_paid, partner_id, matched_by from results.orders order by ordered_at"
    ).fetchall()
    assert [(order[-2:], str(net), paid, partner, matched) for order, net, paid, partner, matched in found] == [
        ("01", "50.00", True, "mira", "order_ref"),
        ("02", "20.00", False, "mira", "order_ref"),
        ("04", "10.00", True, None, None),
        ("05", "0.00", True, None, None),
        ("17", "0.00", True, None, None),
        ("18", "25.00", True, "noor", "order_ref"),
        ("20", "45.00", True, "olu", "order_ref"),
    ]


def test_people_are_known_by_their_addresses_in_all_shops(marts: duckdb.DuckDBPyConnection):
    found = marts.execute("select order_id, is_new_customer from results.orders").fetchall()
    # ada's second order and gia's; bo's account in the outlet is who ordered in the main shop before.
    assert {order[-2:] for order, is_new in found if not is_new} == {"04", "18", "20"}


def test_a_full_refund_is_taken_back_on_its_day(marts: duckdb.DuckDBPyConnection):
    months = marts.execute(
        "select month, sum(net_revenue) from results.evidence group by month order by month"
    ).fetchall()
    # March: 50 + 20 + 10 + 0 + 40 + 25 + 60 - 15 of a partial refund; April: 40.00 / 45.00 of 45.00 come back.
    assert [(f"{month:%Y-%m}", net) for month, net in months] == [("2026-03", Decimal(190)), ("2026-04", Decimal(-40))]


def test_the_recount_finds_the_same(marts: duckdb.DuckDBPyConnection, project: CompiledProject, programme: Path):
    totals = recount_revenue(read_programme(programme), marts, {"nodes": project.nodes})
    assert (totals.orders, totals.net_revenue) == (7, Decimal("150.00"))


def test_a_refund_that_two_exports_have_is_warned_of(
    project: CompiledProject, programme: Path, folders: Iterator[Path]
):
    folder = next(folders)
    shutil.copytree(programme / "landing", folder / "landing")
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(EXTRACTS + "  - {files: landing/refunds*, feeds: refunds}\n")
    # Order 20 has a refund in the export of its shop, too; order 18 has none.
    (folder / "landing" / "refunds.csv").write_text(
        "shop,refund_id,order_id,refunded_at,amount\noutlet,r1,20,2026-03-12,15.00\noutlet,r2,18,2026-03-12,5.00\n"
    )
    warnings = find_warnings(project, build(project, folder, TODAY))
    [found] = [warning for warning in warnings if "has refunds from files of refunds" in warning]
    assert "landing/refunds.csv and landing/woo_2026-03-20.csv: order 20 (shop outlet)" in found
