"""Commissions that networks report, as costs: once, in the reporting currency; figures by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.bare import CompiledProject, build, find_broken_tests, find_warnings
from tests.warehouse.programmes import Extracts, Rows, deliver, start_programme

PLAN = "{{programme: Commissions, currency: EUR, timezone: UTC, lookback_days: 30, commission_costs: {}}}\n"


def conversion(number: str, commission: str, partner_id: str = "", **columns: str) -> dict[str, str]:
    return {
        "conversion_id": number,
        "converted_at": "2026-01-10 12:00",
        "partner_id": partner_id,
        "campaign_id": "",
        "order_id": "",
        "kind": "lead",
        "currency": "EUR",
        "commission": commission,
        "state": "approved",
        **columns,
    }


COSTS: Rows = [
    {"cost_id": "1", "paid_on": "2026-01-31", "partner_id": "mira", "kind": "fee", "amount": "1.00"},
    {"cost_id": "2", "paid_on": "2026-01-31", "partner_id": "leo", "kind": "commission", "amount": "7.00"},
]
EXTRACTS: Extracts = {
    "exchange_rates": [{"currency": "USD", "valid_on": "2026-01-05", "rate": "0.95"}],
    "orders": [{"order_id": "o1", "customer_id": "ada", "ordered_at": "2026-01-10 11:00", "net": "100.00"}],
    "conversions": [
        conversion("sale", "10.00", "mira", kind="sale", currency="USD", order_id="o1"),
        conversion("lead", "2.00", "mira"),
        conversion("pending", "100.00", "mira", state="pending"),
        conversion("reversed", "100.00", "mira", state="reversed"),
        conversion("leo", "5.00", "leo"),
        conversion("campaign", "3.00", campaign_id="spring"),
    ],
    "costs": COSTS,
}


@pytest.fixture
def programme(project: CompiledProject, folders: Iterator[Path]):
    def deliver_and_build(setting: str, costs: Rows = COSTS) -> duckdb.DuckDBPyConnection:
        extracts = {**EXTRACTS, "costs": costs}
        folder = start_programme(next(folders), PLAN.format(setting), extracts)
        for extract, rows in extracts.items():
            deliver(folder, extract, rows)
        marts = build(project, folder, date(2026, 2, 1))
        assert find_broken_tests(project, marts) == {}
        return marts

    return deliver_and_build


@pytest.mark.parametrize(
    ("setting", "costs"),
    [
        # mira's are 10 dollars at 0.95, 2.00 of the lead, and her fee of 1.00
        ("auto", {"mira": "12.50", "leo": "7.00", "(unassigned)": "3.00"}),
        ("conversions", {"mira": "12.50", "leo": "5.00", "(unassigned)": "3.00"}),
        ("costs", {"mira": "1.00", "leo": "7.00"}),
    ],
)
def test_a_commission_is_a_cost_once(programme, setting: str, costs: dict[str, str]):
    marts = programme(setting)
    found = marts.execute(
        "select partner_id, cost from results.partners where attribution_model = 'last_touch' and cost <> 0"
    )
    assert dict(found.fetchall()) == {partner: Decimal(cost) for partner, cost in costs.items()}


def test_commissions_reach_every_mart_of_costs(programme):
    marts = programme("auto")
    assert marts.execute(
        "select cost, new_customers, cost_per_new_customer, contribution_margin from results.partners"
        " where partner_id = 'mira' and attribution_model = 'last_touch'"
    ).fetchall() == [(Decimal("12.50"), 1.0, 12.5, Decimal("87.50"))]
    assert marts.execute(
        "select campaign_id, cost from results.campaigns where attribution_model = 'last_touch' order by all"
    ).fetchall() == [("(unassigned)", Decimal("19.50")), ("spring", Decimal("3.00"))]
    assert marts.execute(
        "select partner_id, commission_received, value_received from relationships.partners order by all"
    ).fetchall() == [("leo", Decimal("7.00"), Decimal("7.00")), ("mira", Decimal("11.50"), Decimal("12.50"))]
    assert marts.execute(
        "select cost_id, paid_on, rate, amount from intermediate.int_costs_priced where extract = 'conversions'"
        " order by all"
    ).fetchall() == [
        ("conversion campaign", date(2026, 1, 10), Decimal(1), Decimal("3.00")),
        ("conversion lead", date(2026, 1, 10), Decimal(1), Decimal("2.00")),
        ("conversion sale", date(2026, 1, 10), Decimal("0.95"), Decimal("9.50")),
    ]


def test_an_invoice_without_a_partner_beside_reported_commissions_is_warned_of(programme, project: CompiledProject):
    invoice = [{"cost_id": "9", "paid_on": "2026-01-31", "partner_id": "", "kind": "commission", "amount": "19.50"}]
    warnings = find_warnings(project, programme("auto", invoice))
    assert [warning for warning in warnings if "commission_costs" in warning] == [
        "without a partner: 1 cost of kind commission, 19.50 EUR; counted beside it: 3 commissions of conversions, 16.50"
        " EUR. If they are the same money, set commission_costs to conversions or costs in plan.yml"
    ]
    for setting in ("conversions", "costs"):
        warnings = find_warnings(project, programme(setting, invoice))
        assert not [warning for warning in warnings if "commission_costs" in warning]
