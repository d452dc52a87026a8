"""Whole programmes whose figures were published elsewhere or can be counted on paper."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.bare import CompiledProject, build
from tests.warehouse.programmes import Rows, deliver, start_programme

METHODS = Path(__file__).parents[1] / "methods"
PLAN = "{programme: Paths, currency: EUR, timezone: UTC, lookback_days: 30}\n"
START = datetime(2026, 1, 1)


def read_paths() -> list[tuple[list[str], bool]]:
    with (METHODS / "journeys.csv").open() as opened:
        return [(row["journey"].split(" > "), row["is_converted"] == "true") for row in csv.DictReader(opened)]


def read_attributed() -> dict[str, float]:
    with (METHODS / "journeys_expected.csv").open() as opened:
        return {row["player"]: float(row["attributed_orders"]) for row in csv.DictReader(opened)}


@pytest.mark.parametrize("named_by", ["partner_id", "campaign_id"])
def test_data_driven_models_work_on_partners_and_on_campaigns(
    named_by: str, project: CompiledProject, folders: Iterator[Path]
):
    """The 120 journeys of tests/methods as clicks and orders. markov: what the package marketing-attribution-models
    2.1.1 credits; shapley: every player of an order has an equal part of it (Zhao, Mahboobi & Bagheri 2018)."""
    paths = read_paths()
    clicks: Rows = [
        {
            "click_id": f"{person}-{step}",
            "clicked_at": (START + timedelta(days=step)).isoformat(),
            named_by: player,
            "customer_id": f"c{person}",
        }
        for person, (path, _) in enumerate(paths)
        for step, player in enumerate(path)
    ]
    orders: Rows = [
        {"order_id": f"o{person}", "customer_id": f"c{person}", "ordered_at": "2026-01-20 12:00:00", "net": "30.00"}
        for person, (_, is_converted) in enumerate(paths)
        if is_converted
    ]
    folder = start_programme(next(folders), PLAN, ["clicks", "orders"])
    deliver(folder, "clicks", clicks)
    deliver(folder, "orders", orders)
    marts = build(project, folder)

    mart = {"partner_id": "results.partners", "campaign_id": "results.campaigns"}[named_by]
    found: dict[str, dict[str, float]] = {}
    for model, player, credited in marts.execute(
        f"select attribution_model, {named_by}, orders from {mart} where attribution_model in ('markov', 'shapley')"
    ).fetchall():
        found.setdefault(model, {})[player] = credited
    assert found["markov"] == pytest.approx(read_attributed(), abs=1e-5)
    shares: Counter = Counter()
    for path, is_converted in paths:
        for player in set(path) if is_converted else ():
            shares[player] += 1 / len(set(path))
    assert found["shapley"] == pytest.approx(shares, abs=1e-5)


def test_a_chain_of_three_hundred_customers_is_followed_to_its_end(project: CompiledProject, folders: Iterator[Path]):
    """c0 brought c1, who brought c2, … c299; each buys for 2.00. The last one brought c0 back, who was here before."""
    folder = start_programme(next(folders), PLAN, ["orders", "referrals"])
    number = 300
    deliver(
        folder,
        "referrals",
        [
            {
                "referral_id": f"r{each}",
                "referrer_id": f"c{each}",
                "referred_customer_id": f"c{(each + 1) % number}",
                "registered_at": "2026-01-01",
            }
            for each in range(number)
        ],
    )
    deliver(
        folder,
        "orders",
        [
            {"order_id": str(each), "customer_id": f"c{each}", "ordered_at": "2026-01-02", "net": "2.00"}
            for each in range(number)
        ],
    )
    marts = build(project, folder)
    assert marts.execute(
        "select distinct referred_customers, referred_revenue, chain_customers, chain_revenue from results.referrals"
    ).fetchall() == [(1, 2, number - 1, 2 * (number - 1))]
    assert marts.execute(
        "select people, invites, registered, k_factor from results.referral_totals where month is null"
    ).fetchall() == [(number, number, number, 1.0)]
