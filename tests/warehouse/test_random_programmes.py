"""What must hold of any programme: random ones are landed and built, at once or in several deliveries, and checked."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import Totals, recount_revenue
from tests.conftest import SLOW
from tests.warehouse.bare import CompiledProject, build, find_broken_tests, read_marts
from tests.warehouse.programmes import Extracts, Rows, deliver, start_programme

# An example costs seconds, so few of them; a larger `max_examples` by hand looks further.
EXAMPLES = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
START = datetime(2026, 1, 1)
CUSTOMERS = ("ada", "bo", "cy", "dee", "")
PARTNERS = ("mira", "leo", "ann", "")
CAMPAIGNS = ("spring", "office", "")
PLAN = """\
programme: Random
currency: EUR
timezone: {timezone}
lookback_days: {lookback_days}
attribution_model: {attribution_model}
exchange_rates: {{USD: 0.92}}
self_purchases: {self_purchases}
renewals: {renewals}
commission_costs: {commission_costs}
"""
KEYS = {
    "orders": ("shop", "order_id"),
    "refunds": ("refund_id",),
    "codes": ("code", "valid_from"),
    "clicks": ("click_id",),
    "conversions": ("conversion_id",),
    "referrals": ("referral_id",),
    "surveys": ("response_id",),
    "costs": ("cost_id",),
    "partners": ("partner_id",),
    "post_metrics": ("post_id", "observed_at"),
    "exchange_rates": ("currency", "valid_on"),
}


@st.composite
def moments(draw: st.DrawFn) -> str:
    """Within half a year, also at midnight and at the same instant as others."""
    day = draw(st.integers(0, 180))
    second = draw(st.sampled_from((0, 43_200, 86_399)) | st.integers(0, 86_399))
    return (START + timedelta(days=day, seconds=second)).isoformat(sep=" ")


def money(most: int) -> st.SearchStrategy[str]:
    return st.integers(0, most).map(lambda cents: f"{cents / 100:.2f}")


def rows_of(extract: str, most: int, **columns: st.SearchStrategy[str]) -> st.SearchStrategy[Rows]:
    """Up to `most` rows with a key each."""
    return st.lists(
        st.fixed_dictionaries(columns), max_size=most, unique_by=lambda row: tuple(row[key] for key in KEYS[extract])
    )


def ids(most: int) -> st.SearchStrategy[str]:
    return st.integers(1, most).map(str)


one_of = st.sampled_from


@st.composite
def programmes(draw: st.DrawFn) -> tuple[str, Extracts]:
    """plan.yml and the rows of every extract."""
    plan = PLAN.format(
        timezone=draw(one_of(("UTC", "Pacific/Auckland", "America/Los_Angeles"))),
        lookback_days=draw(one_of((0, 1, 30, 400))),
        attribution_model=draw(one_of(("last_touch", "markov", "shapley"))),
        self_purchases=draw(one_of(("exclude", "credit"))),
        renewals=draw(one_of(("first", "all"))),
        commission_costs=draw(one_of(("auto", "conversions", "costs"))),
    )
    extracts: Extracts = {
        "orders": draw(
            rows_of(
                "orders",
                12,
                shop=one_of(("eu", "us")),
                order_id=ids(9),
                customer_id=one_of(CUSTOMERS),
                ordered_at=moments(),
                currency=one_of(("EUR", "USD", "")),
                net=money(20_000),
                cost_of_goods=money(9_000) | st.just(""),
                discount_codes=one_of(("", "MIRA", " mira ;LEO", "LEO;UNKNOWN")),
                status=one_of(("paid", "Cancelled", "gift", "")),
                is_renewal=one_of(("true", "false", "")),
            )
        ),
        "codes": draw(
            rows_of(
                "codes",
                3,
                code=one_of(("MIRA", "leo")),
                partner_id=one_of(PARTNERS[:3]),
                valid_from=st.just("") | moments(),
            )
        ),
        "clicks": draw(
            rows_of(
                "clicks",
                15,
                click_id=ids(40),
                clicked_at=moments(),
                partner_id=one_of(PARTNERS),
                campaign_id=one_of(CAMPAIGNS),
                customer_id=one_of(CUSTOMERS),
                visitor_id=one_of(("v", "w", "")),
            )
        ),
        "conversions": draw(
            rows_of(
                "conversions",
                6,
                conversion_id=ids(20),
                converted_at=moments(),
                partner_id=one_of(PARTNERS),
                campaign_id=one_of(CAMPAIGNS),
                order_id=one_of(("", "1", "2", "3")),
                customer_id=one_of(CUSTOMERS),
                kind=one_of(("sale", "lead", "")),
                state=one_of(("approved", "reversed", "")),
                commission=one_of(("", "0.00")) | money(900),
                currency=one_of(("EUR", "USD", "")),
            )
        ),
        "referrals": draw(
            rows_of(
                "referrals",
                6,
                referral_id=ids(20),
                referrer_id=one_of((*PARTNERS[:3], *CUSTOMERS[:4])),
                invited_at=moments() | st.just(""),
                referred_customer_id=one_of(CUSTOMERS),
                registered_at=moments() | st.just(""),
            )
        ),
        "surveys": draw(
            rows_of(
                "surveys",
                5,
                response_id=ids(20),
                answered_at=moments(),
                order_id=one_of(("", "1", "2", "3")),
                customer_id=one_of(CUSTOMERS),
                partner_id=one_of(PARTNERS),
            )
        ),
        "costs": draw(
            rows_of(
                "costs",
                6,
                cost_id=ids(20),
                paid_on=moments(),
                partner_id=one_of(PARTNERS),
                campaign_id=one_of(CAMPAIGNS),
                kind=one_of(("commission", "fee", "")),
                amount=money(50_000),
                currency=one_of(("EUR", "USD", "")),
            )
        ),
        "partners": draw(
            rows_of(
                "partners",
                3,
                partner_id=one_of(PARTNERS[:3]),
                relationship=one_of(("influencer", "customer", "employee", "")),
                customer_id=one_of(CUSTOMERS),
                is_connected=one_of(("yes", "no", "")),
            )
        ),
        "post_metrics": draw(
            rows_of("post_metrics", 4, post_id=ids(3), observed_at=moments(), reach=ids(900), likes=ids(90))
        ),
        "exchange_rates": draw(
            rows_of(
                "exchange_rates",
                4,
                currency=one_of(("USD", "GBP")),
                valid_on=moments().map(lambda moment: moment[:10]),
                rate=st.integers(5_000, 20_000).map(lambda rate: f"{rate / 10_000}"),
            )
        ),
    }
    extracts["refunds"] = [
        {"refund_id": f"{number}", "shop": order["shop"], "order_id": order["order_id"]} | part
        for number, order in enumerate(extracts["orders"])
        if draw(st.booleans())
        for part in [
            draw(
                st.fixed_dictionaries(
                    {
                        "refunded_at": moments(),
                        "amount": money(int(float(order["net"]) * 100)),
                        "currency": one_of(("EUR", "USD", "")),
                    }
                )
            )
        ]
    ]
    return plan, extracts


def deliver_whole(folder: Path, extracts: Extracts) -> None:
    for extract, rows in extracts.items():
        deliver(folder, extract, rows, 1)


def find_sums(marts: duckdb.DuckDBPyConnection, mart: str) -> list[tuple]:
    return marts.execute(
        "select attribution_model, sum(net_revenue), sum(cost), round(sum(orders), 4), round(sum(new_customers), 4)"
        f" from results.{mart} group by all order by all"
    ).fetchall()


@EXAMPLES
@given(programme=programmes())
def test_money_is_conserved_whatever_happened(programme, project: CompiledProject, folders: Iterator[Path]):
    plan, extracts = programme
    folder = start_programme(next(folders), plan, KEYS)
    deliver_whole(folder, extracts)
    marts = build(project, folder)

    assert find_broken_tests(project, marts) == {}
    assert find_sums(marts, "partners") == find_sums(marts, "campaigns") == find_sums(marts, "relationships")
    by_month = (
        "select {month}, sum(net_revenue) from {mart} {where} group by all having sum(net_revenue) <> 0 order by all"
    )
    said_and_tracked = marts.execute(
        by_month.format(month="month", mart="results.evidence", where="where evidence in ('tracked', 'said')")
    ).fetchall()
    for (model,) in marts.execute("select attribution_model from staging.attribution_models").fetchall():
        credited = by_month.format(month="month", mart="results.partners", where=f"where attribution_model = '{model}'")
        assert marts.execute(credited).fetchall() == said_and_tracked
    [(of_orders, in_evidence)] = marts.execute(
        "select (select coalesce(sum(net_revenue), 0) from results.orders),"
        " (select coalesce(sum(net_revenue), 0) from results.evidence)"
    ).fetchall()
    assert of_orders == in_evidence
    [(sold, excluded)] = marts.execute(
        "select (select count(*) from results.orders), (select coalesce(sum(orders), 0) from results.exclusions)"
    ).fetchall()
    assert sold + excluded == len(extracts["orders"])
    manifest = {"nodes": project.nodes}
    assert recount_revenue(read_programme(folder), marts, manifest) == Totals(sold, of_orders)


@SLOW
@settings(EXAMPLES, max_examples=8)
@given(programme=programmes(), seed=st.integers(0, 2**32))
def test_runs_with_any_order_of_deliveries_give_the_marts_of_one_delivery(
    programme, seed: int, project: CompiledProject, folders: Iterator[Path]
):
    plan, extracts = programme
    at_once = start_programme(next(folders), plan, KEYS)
    deliver_whole(at_once, extracts)

    in_parts = start_programme(next(folders), plan, KEYS)
    (in_parts / ".pseudonym_key").write_text("the same key")
    (at_once / ".pseudonym_key").write_text("the same key")
    dice = random.Random(seed)
    days = dice.sample(range(1, 29), 3)
    parts = {extract: dice.sample(rows, len(rows)) for extract, rows in extracts.items()}
    for number, day in enumerate(days):
        for extract, rows in parts.items():
            deliver(in_parts, extract, rows[number::3], day)
        marts = read_marts(build(project, in_parts))
    assert marts == read_marts(build(project, at_once))
