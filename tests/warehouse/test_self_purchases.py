"""Partners who buy with their own code, link or invitation; figures by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.bare import CompiledProject, build, find_broken_tests
from tests.warehouse.programmes import Extracts, deliver, start_programme

PLAN = "{{programme: Own, currency: EUR, timezone: UTC, lookback_days: 30, self_purchases: {}}}\n"


def order(order_id: str, customer_id: str, net: str, codes: str, email: str = "") -> dict[str, str]:
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "customer_email": email,
        "ordered_at": f"2026-03-0{order_id} 12:00",
        "net": net,
        "discount_codes": codes,
    }


# Mira is the customer c1 and has two ids; leo is c2; of bo the roster has the address.
EXTRACTS: Extracts = {
    "partners": [
        {"partner_id": "p-12", "name": "Mira", "customer_id": "c1"},
        {"partner_id": "p-99", "name": "Mira, old", "customer_id": "c1"},
        {"partner_id": "leo", "name": "Leo", "customer_id": "c2"},
        {"partner_id": "bo", "name": "Bo", "customer_id": "Bo@mail.example"},
    ],
    "codes": [
        {"code": "MIRA", "partner_id": "p-12"},
        {"code": "OLD", "partner_id": "p-99"},
        {"code": "LEO", "partner_id": "leo"},
        {"code": "BO", "partner_id": "bo"},
    ],
    "orders": [
        order("1", "c1", "10.00", "MIRA"),
        order("2", "c1", "20.00", "MIRA;LEO"),
        order("3", "ada", "40.00", "MIRA"),
        order("4", "c1", "80.00", "OLD"),
        order("5", "c2", "15.00", "LEO"),
        order("6", "77", "160.00", "BO", "bo@mail.example"),
    ],
    "refunds": [{"refund_id": "1", "order_id": "5", "refunded_at": "2026-03-07", "amount": "5.00"}],
    "clicks": [{"click_id": "k", "clicked_at": "2026-03-03", "partner_id": "p-12", "customer_id": "c1"}],
    "referrals": [
        {"referral_id": "r", "referrer_id": "p-12", "referred_customer_id": "c1", "registered_at": "2026-03-03"}
    ],
}
OWN = [
    ("1", date(2026, 3, 1), "p-12", "code", Decimal("10.00")),
    ("2", date(2026, 3, 2), "p-12", "code", Decimal("20.00")),
    ("4", date(2026, 3, 4), "p-12", "referral", Decimal("80.00")),
    ("4", date(2026, 3, 4), "p-99", "code", Decimal("80.00")),
    ("5", date(2026, 3, 5), "leo", "code", Decimal("10.00")),
    ("6", date(2026, 3, 6), "bo", "code", Decimal("160.00")),
]


@pytest.fixture
def programme(project: CompiledProject, folders: Iterator[Path]):
    def deliver_and_build(setting: str) -> duckdb.DuckDBPyConnection:
        folder = start_programme(next(folders), PLAN.format(setting), EXTRACTS)
        for extract, rows in EXTRACTS.items():
            deliver(folder, extract, rows)
        marts = build(project, folder)
        assert find_broken_tests(project, marts) == {}
        return marts

    return deliver_and_build


ORDERS = "select order_id, evidence, partner_id, is_new_customer from results.orders order by all"
CREDITED = (
    "select partner_id, sum(net_revenue) from results.partners where attribution_model = 'last_touch'"
    " group by all order by all"
)


def test_a_partners_own_touches_are_left_out_and_those_of_others_stay(programme):
    marts = programme("exclude")
    assert marts.execute(ORDERS).fetchall() == [
        ("1", "none", None, True),
        ("2", "code", "leo", False),
        ("3", "code", "p-12", True),
        ("4", "none", None, False),
        ("5", "none", None, True),
        ("6", "none", None, True),
    ]
    assert marts.execute(CREDITED).fetchall() == [("leo", Decimal("20.00")), ("p-12", Decimal("40.00"))]


def test_a_plan_may_credit_partners_for_their_own_orders_but_not_for_inviting_themselves(programme):
    """Of order 2 last_touch is leo's: two codes of one moment, the first by name."""
    marts = programme("credit")
    assert marts.execute(ORDERS).fetchall() == [
        ("1", "code", "p-12", True),
        ("2", "code", "leo", False),
        ("3", "code", "p-12", True),
        ("4", "code", "p-99", False),
        ("5", "code", "leo", True),
        ("6", "code", "bo", True),
    ]
    assert marts.execute(CREDITED).fetchall() == [
        ("bo", Decimal("160.00")),
        ("leo", Decimal("30.00")),
        ("p-12", Decimal("50.00")),
        ("p-99", Decimal("80.00")),
    ]
    kinds = "select distinct evidence from results.credits order by all"
    assert marts.execute(kinds).fetchall() == [("click",), ("code",)]


@pytest.mark.parametrize("setting", ["exclude", "credit"])
def test_every_self_purchase_is_listed_once_per_partner_under_either_setting(programme, setting: str):
    marts = programme(setting)
    columns = "order_id, ordered_on, partner_id, evidence, net_revenue"
    assert marts.execute(f"select {columns} from results.self_purchases order by all").fetchall() == OWN


def test_a_partners_visit_by_their_own_link_is_no_journey_that_nobody_bought_on(programme):
    unclaimed = "select count(*) from intermediate.int_touches_of_people where not is_claimed"
    assert programme("exclude").execute(unclaimed).fetchall() == [(0,)]
