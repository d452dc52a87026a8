"""Money in other currencies: the delivered rate of the day, else the plan's; every figure by hand."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import Totals, recount_revenue
from tests.warehouse.bare import CompiledProject, build, find_broken_tests, find_warnings, read_marts
from tests.warehouse.programmes import Extracts, Rows, deliver, start_programme

PLAN = "{programme: Rates, currency: EUR, timezone: Europe/Brussels, exchange_rates: {USD: 0.92}}\n"


def rate(currency: str, day: str, value: str) -> dict[str, str]:
    return {"currency": currency, "valid_on": day, "rate": value}


RATES: Rows = [rate("USD", "2026-01-05", "0.95"), rate("USD", "2026-06-01", "0.85"), rate("GBP", "2026-06-11", "1.2")]


def order(order_id: str, day: str, currency: str, net: str) -> dict[str, str]:
    return {"order_id": order_id, "ordered_at": f"{day} 12:00", "currency": currency, "net": net}


def refund(refund_id: str, order_id: str, day: str, currency: str, amount: str) -> dict[str, str]:
    return {
        "refund_id": refund_id,
        "order_id": order_id,
        "refunded_at": f"{day} 12:00",
        "currency": currency,
        "amount": amount,
    }


EXTRACTS: Extracts = {
    "exchange_rates": RATES,
    "orders": [
        order("before", "2026-01-04", "USD", "100.00"),
        order("january", "2026-01-10", "USD", "100.00"),
        order("june", "2026-06-10", "USD", "100.00"),
        order("euro", "2026-06-10", "EUR", "50.00"),
    ],
    "refunds": [
        refund("as sold", "january", "2026-06-05", "USD", "40.00"),
        refund("in pounds", "june", "2026-06-12", "GBP", "10.00"),
    ],
    "costs": [
        {"cost_id": "1", "paid_on": "2026-01-04", "partner_id": "mira", "amount": "10.00", "currency": "USD"},
        {"cost_id": "2", "paid_on": "2026-01-05", "partner_id": "mira", "amount": "10.00", "currency": "USD"},
    ],
}
REVENUE = {
    "before": Decimal("92.00"),  # the plan's rate: none is delivered yet
    "january": Decimal("57.00"),  # 95.00, and the refund in June at January's rate: 38.00
    "june": Decimal("73.00"),  # 85.00, and 10 pounds at their rate of the day: 12.00
    "euro": Decimal("50.00"),
}


@pytest.fixture
def programme(folders: Iterator[Path]):
    def start(extracts: Extracts, plan: str = PLAN) -> Path:
        folder = start_programme(next(folders), plan, extracts)
        for extract, rows in extracts.items():
            deliver(folder, extract, rows)
        return folder

    return start


def read_revenue(marts: duckdb.DuckDBPyConnection) -> dict[str, Decimal]:
    return dict(marts.execute("select order_id, net_revenue from results.orders").fetchall())


def test_each_amount_has_the_rate_of_its_day_and_a_refund_that_of_its_order(programme, project: CompiledProject):
    folder = programme(EXTRACTS)
    with build(project, folder) as marts:
        assert read_revenue(marts) == REVENUE
        costs = "select paid_on::varchar, amount from intermediate.int_costs_priced order by all"
        assert marts.execute(costs).fetchall() == [("2026-01-04", Decimal("9.20")), ("2026-01-05", Decimal("9.50"))]
        assert find_broken_tests(project, marts) == {}
        recounted = recount_revenue(read_programme(folder), marts, {"nodes": project.nodes})
        assert recounted == Totals(4, Decimal("272.00"))


def test_a_corrected_rate_restates_only_the_days_from_it_to_the_next(programme, project: CompiledProject):
    folder = programme({**EXTRACTS, "exchange_rates": [*RATES, rate("USD", "2026-06-15", "0.70")]})
    later = {**EXTRACTS["orders"][2], "order_id": "later", "ordered_at": "2026-06-15 12:00"}
    deliver(folder, "orders", [later], day=2)
    with build(project, folder) as marts:
        before = read_marts(marts)
        assert read_revenue(marts) == {**REVENUE, "later": Decimal("70.00")}
    deliver(folder, "exchange_rates", [rate("USD", "2026-06-01", "0.80")], day=2)
    with build(project, folder) as marts:
        after = read_marts(marts)
        assert read_revenue(marts) == {**REVENUE, "june": Decimal("68.00"), "later": Decimal("70.00")}
        recounted = recount_revenue(read_programme(folder), marts, {"nodes": project.nodes})
        assert recounted == Totals(5, Decimal("337.00"))
    changed = {mart: set(before[mart]) ^ set(rows) for mart, rows in after.items() if set(before[mart]) ^ set(rows)}
    assert changed.keys() == {"results.orders", "results.evidence", "relationships.advocates"} & changed.keys()
    assert {row[1] for row in changed["results.orders"]} == {"june"}
    assert {row[1].month for row in changed["results.evidence"]} == {6}


def test_an_export_of_its_own_dates_and_decimals_is_recounted_alike(programme, project: CompiledProject):
    """The fifth of January, not the first of May; a tenth of a euro each."""
    folder = programme({**EXTRACTS, "exchange_rates": []})
    entries = (folder / "extracts.yml").read_text().replace(
        "feeds: exchange_rates", 'feeds: exchange_rates, delimiter: ";", decimal: ",", date_order: day-month'
    )  # fmt: skip
    (folder / "extracts.yml").write_text(entries)
    (folder / "landing" / "exchange_rates_2026-08-01.csv").write_text(
        "currency;valid_on;rate\nusd;05/01/2026;0,1\nGBP;2026-06-11;1,2\n"
    )
    with build(project, folder) as marts:
        assert read_revenue(marts) == {
            "before": Decimal("92.00"),
            "january": Decimal("6.00"),  # (100 - 40) * 0.1
            "june": Decimal("-2.00"),  # 10.00 - 12.00
            "euro": Decimal("50.00"),
        }
        recounted = recount_revenue(read_programme(folder), marts, {"nodes": project.nodes})
        assert recounted == Totals(4, Decimal("146.00"))


def test_a_rate_of_more_than_a_week_ago_is_warned_of(programme, project: CompiledProject):
    """Seven days on the eighth, nine on the tenth; the refund has its order's rate, and the plan's has no day."""
    orders = [*EXTRACTS["orders"], order("eighth", "2026-06-08", "USD", "1.00")]
    with build(project, programme({**EXTRACTS, "orders": orders})) as marts:
        assert [warning for warning in find_warnings(project, marts) if "exchange rate" in warning] == [
            "USD: 1 amount of 2026-06-10 to 2026-06-10 took an exchange rate that was up to 9 days old;"
            " deliver newer rates in the extract exchange_rates"
        ]


def test_a_day_without_any_rate_names_both_remedies(programme, project: CompiledProject):
    extracts: Extracts = {
        "exchange_rates": [rate("CHF", "2026-03-02", "1.05")],
        "orders": [order("1", "2026-03-01", "CHF", "9.00"), order("2", "2026-03-02", "CHF", "9.00")],
        "refunds": [refund("1", "lost", "2026-03-01", "CHF", "9.00")],
        "costs": [{"cost_id": "1", "paid_on": "2026-03-01", "amount": "9.00", "currency": "CHF"}],
        "conversions": [
            {"conversion_id": "1", "converted_at": "2026-03-01", "revenue": "9.00", "currency": "CHF", "kind": "sale"},
            {"conversion_id": "2", "converted_at": "2026-03-01", "revenue": "", "currency": "CHF", "kind": "lead"},
        ],
    }
    with build(project, programme(extracts)) as marts:
        broken = find_broken_tests(project, marts)["assert_every_currency_has_an_exchange_rate"]
    assert [problem for (problem,) in sorted(broken)] == [
        f"landing/{extract}_2026-08-01.csv, record 1 ({extract}): CHF has no rate; add CHF under exchange_rates in"
        " plan.yml, or deliver its rate of 2026-03-01 or before in the extract exchange_rates"
        for extract in ("conversions", "costs", "orders", "refunds")
    ]


def test_rates_in_another_currency_than_the_plans_are_refused(programme, project: CompiledProject):
    """A file whose base is the dollar has a rate of the euro."""
    rates = [rate("USD", "2026-01-05", "1"), rate("EUR", "2026-01-05", "1.08")]
    with build(project, programme({**EXTRACTS, "exchange_rates": rates})) as marts:
        [(problem,)] = find_broken_tests(project, marts)["assert_exchange_rates_are_in_the_reporting_currency"]
    assert problem == (
        "landing/exchange_rates_2026-08-01.csv, record 2: the rate of EUR is 1.08000000, but plan.yml reports in EUR:"
        " are they in another currency? Deliver what one unit of each is worth in EUR"
    )
