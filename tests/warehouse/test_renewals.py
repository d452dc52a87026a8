"""A subscription whose renewals carry the code of the first order; figures by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.bare import CompiledProject, build, find_broken_tests
from tests.warehouse.programmes import Extracts, deliver, start_programme

PLAN = "{{programme: Renewals, currency: EUR, timezone: UTC, lookback_days: 30, renewals: {}}}\n"
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def order(order_id: str, day: str, net: str, is_renewal: str, code: str = "MIRA") -> dict[str, str]:
    return {
        "order_id": order_id,
        "customer_id": "ada",
        "ordered_at": day,
        "net": net,
        "is_renewal": is_renewal,
        "discount_codes": code,
    }


EXTRACTS: Extracts = {
    "codes": [{"code": "MIRA", "partner_id": "mira"}],
    "orders": [
        order("first", "2026-03-01", "10.00", "false"),
        order("second", "2026-04-01", "20.00", "true"),
        order("third", "2026-05-01", "40.00", "true"),
        order("unknown", "2026-05-02", "80.00", ""),  # another shop's export does not say
        order("plain", "2026-05-03", "160.00", "true", code=""),
    ],
    "refunds": [{"refund_id": "1", "order_id": "third", "refunded_at": "2026-05-09", "amount": "4.00"}],
    "clicks": [{"click_id": "k", "clicked_at": "2026-03-20", "partner_id": "leo", "customer_id": "ada"}],
}


@pytest.fixture
def programme(project: CompiledProject, folders: Iterator[Path]):
    def deliver_and_build(setting: str) -> duckdb.DuckDBPyConnection:
        folder = start_programme(next(folders), PLAN.format(setting), EXTRACTS)
        for extract, rows in EXTRACTS.items():
            deliver(folder, extract, rows)
        marts = build(project, folder)
        assert find_broken_tests(project, marts) == {}
        [(of_orders, in_evidence)] = marts.execute(
            "select (select sum(net_revenue) from results.orders), (select sum(net_revenue) from results.evidence)"
        ).fetchall()
        assert of_orders == in_evidence == Decimal("306.00")
        return marts

    return deliver_and_build


ORDERS = "select order_id, is_renewal, evidence, partner_id from results.orders order by ordered_at"
EVIDENCE = "select evidence, month, orders, net_revenue from results.evidence order by all"


def test_renewals_credit_nobody_and_are_a_line_of_their_own(programme):
    marts = programme("first")
    assert marts.execute(ORDERS).fetchall() == [
        ("first", False, "code", "mira"),
        ("second", True, "none", None),
        ("third", True, "none", None),
        ("unknown", False, "code", "mira"),
        ("plain", True, "none", None),
    ]
    assert marts.execute(EVIDENCE).fetchall() == [
        ("renewal", APRIL, 1, Decimal("20.00")),
        ("renewal", MAY, 2, Decimal("196.00")),
        ("tracked", MARCH, 1, Decimal("10.00")),
        ("tracked", MAY, 1, Decimal("80.00")),
    ]
    # The visit before a renewal did not fail to bring an order.
    assert marts.execute("select count(*) from intermediate.int_touches_of_people where not is_claimed").fetchall() == [
        (0,)
    ]


def test_a_plan_may_credit_each_renewal_by_its_own_touches(programme):
    marts = programme("all")
    assert marts.execute(ORDERS).fetchall() == [
        ("first", False, "code", "mira"),
        ("second", True, "code", "mira"),
        ("third", True, "code", "mira"),
        ("unknown", False, "code", "mira"),
        ("plain", True, "none", None),
    ]
    assert marts.execute(EVIDENCE).fetchall() == [
        ("tracked", MARCH, 1, Decimal("10.00")),
        ("tracked", APRIL, 1, Decimal("20.00")),
        ("tracked", MAY, 2, Decimal("116.00")),
        ("untracked", MAY, 1, Decimal("160.00")),
    ]
