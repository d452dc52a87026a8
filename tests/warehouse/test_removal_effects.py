"""results.removal_effects on journeys made for it, against an independent library and against the definition.

removal_effects/clicks.csv, orders.csv and refunds.csv hold 90 people's journeys, each of one month and, in `journey`,
numbered by construction. expected.csv is what `mam.models.markov.MarkovModel(transition_to_same_state=True)` of the
package marketing-attribution-models 2.1.1 makes of them (removal_effect_df and weights), by level and month; an empty
month is all of them.
"""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.warehouse.bare import CompiledProject, build, find_broken_tests
from tests.warehouse.programmes import Rows, deliver, start_programme

HERE = Path(__file__).parent / "removal_effects"
PLAN = """\
programme: Journeys
currency: EUR
timezone: UTC
lookback_days: 30
markov: {{repeats: {repeats}}}
"""
COLUMNS = {"partner": "partner_id", "campaign": "campaign_id", "platform": "utm_source"}
START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
Key = tuple[str, str, str]
"""Level, month (empty: all months) and player."""


def read(name: str) -> Rows:
    with (HERE / f"{name}.csv").open() as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def made(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return build_with(project, tmp_path_factory.mktemp("journeys"), "keep")


def build_with(project: CompiledProject, folder: Path, repeats: str, **more: Rows) -> duckdb.DuckDBPyConnection:
    start_programme(folder, PLAN.format(repeats=repeats), ("clicks", "orders", "refunds"))
    for extract in ("clicks", "orders", "refunds"):
        rows = [{name: cell for name, cell in row.items() if name != "journey"} for row in read(extract)]
        deliver(folder, extract, rows)
        deliver(folder, extract, more.get(extract, []), day=2)
    marts = build(project, folder, as_of=date(2026, 6, 30))
    assert find_broken_tests(project, marts) == {}
    return marts


def read_effects(marts: duckdb.DuckDBPyConnection, figure: str = "removal_effect") -> dict[Key, float]:
    rows = marts.execute(
        f"select level, month::varchar, player, {figure} from results.removal_effects"
        f" union all select level, '', player, {figure} from results.removal_effects_all_time"
    ).fetchall()
    return {(level, month, player): value for level, month, player, value in rows}


def read_expected(figure: str) -> dict[Key, float]:
    return {(row["level"], row["month"], row["player"]): float(row[figure]) for row in read("expected")}


@pytest.mark.parametrize("figure", ["removal_effect", "share"])
def test_an_independent_library_finds_the_same(made: duckdb.DuckDBPyConnection, figure: str):
    assert read_effects(made, figure) == pytest.approx(read_expected(figure), abs=1e-9)


def test_a_linear_solve_without_each_player_finds_the_same(made: duckdb.DuckDBPyConnection):
    bought = {order["journey"] for order in read("orders")}
    expected = {}
    for level, column in COLUMNS.items():
        paths, months = defaultdict(list), {}
        for click in read("clicks"):
            if click[column]:
                paths[click["journey"]].append(click[column])
            months[click["journey"]] = f"{click['clicked_at'][:7]}-01"
        for month in ("", *set(months.values())):
            journeys = [
                [START, *path, CONVERSION if name in bought else NULL]
                for name, path in paths.items()
                if month in ("", months[name])
            ]
            whole = solve(journeys, None)
            for player in {player for path in journeys for player in path[1:-1]}:
                expected[level, month, player] = 1 - solve(journeys, player) / whole
    assert read_effects(made) == pytest.approx(expected, abs=1e-9)


def solve(journeys: list[list[str]], removed: str | None) -> float:
    """The probability to convert, where whoever comes to `removed` is lost: x = Qx + r."""
    states = sorted({state for path in journeys for state in path[:-1]})
    number = {state: index for index, state in enumerate(states)}
    moves, converts = np.zeros((len(states), len(states))), np.zeros(len(states))
    for path in journeys:
        for origin, target in pairwise(path):
            if target == CONVERSION:
                converts[number[origin]] += 1
            elif target != NULL:
                moves[number[origin], number[target]] += 1
    leaving = np.array([sum(path[:-1].count(state) for path in journeys) for state in states], dtype=float)
    moves, converts = moves / leaving[:, None], converts / leaving
    if removed is not None:
        moves[:, number[removed]] = 0
    return float(np.linalg.solve(np.eye(len(states)) - moves, converts)[number[START]])


def test_orders_and_money_are_shared_to_the_cent(made: duckdb.DuckDBPyConnection):
    """Totals are counted from the files: sales in their month, refunds in theirs; a month without orders has no effects."""
    orders = {order["order_id"]: order for order in read("orders")}
    journeys = {order["journey"]: order for order in orders.values()}
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for level, column in COLUMNS.items():
        touched = {journeys[c["journey"]]["order_id"] for c in read("clicks") if c[column] and c["journey"] in journeys}
        for order in touched:
            for month in ("", f"{orders[order]['ordered_at'][:7]}-01"):
                counts[level, month] += 1
                totals[level, month] += Decimal(orders[order]["net"])
        for refund in read("refunds"):
            if refund["order_id"] in touched:
                for month in ("", f"{refund['refunded_at'][:7]}-01"):
                    totals[level, month] -= Decimal(refund["amount"])
    shares, found = read_effects(made, "share"), read_effects(made, "net_revenue")
    for (level, month), total in totals.items():
        players = [key for key in found if key[:2] == (level, month)]
        assert bool(players) == bool(counts[level, month])
        if players:
            assert sum(found[key] for key in players) == total
            assert all(abs(float(found[key]) - shares[key] * float(total)) < 0.01 for key in players)
    assert read_effects(made, "orders") == pytest.approx({key: shares[key] * counts[key[:2]] for key in shares})


def test_an_order_is_shared_by_the_effects_of_its_month(made: duckdb.DuckDBPyConnection):
    """`markov` in results.credits, where all touches of the order name a partner."""
    [(orders, wrong)] = made.execute("""
        with shares as (
            select
                credits.*,
                effects.removal_effect / sum(effects.removal_effect) over (partition by shop, order_id) as expected,
                count(*) filter (credits.partner_id is null) over (partition by shop, order_id) as unnamed
            from results.credits
            inner join results.orders using (shop, order_id)
            inner join intermediate.int_removal_effects as effects
                on effects.level = 'credited' and effects.month = date_trunc('month', orders.ordered_on)
                and effects.player = coalesce('partner ' || credits.partner_id, 'campaign ' || credits.campaign_id)
            where attribution_model = 'markov'
        )
        select count(distinct order_id), count(*) filter (abs(credit_ratio - expected) > 1e-9) from shares
    """).fetchall()
    assert (orders, wrong) == (len(read("orders")), 0)


def test_a_month_is_final_a_lookback_and_a_day_after_its_last_day(made: duckdb.DuckDBPyConnection):
    """As of 30 June, a day too early for May. Of the months in which nothing but refunds happened, effects say nothing."""
    for mart in ("removal_effects", "partners", "campaigns", "relationships", "evidence"):
        found = made.execute(f"select distinct month, is_final from results.{mart} order by month").fetchall()
        assert [is_final for month, is_final in found if month.month in (1, 3, 5)] == [True, True, False], mart


@pytest.fixture(scope="module")
def merged(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Repeats are merged; beside the journeys, 300 orders of 0.01 in 2025, each after visits by p1, p2 and p3."""
    folder = tmp_path_factory.mktemp("merged")
    people = [f"small{number}" for number in range(300)]
    orders = [{"order_id": name, "customer_id": name, "ordered_at": "2025-03-20", "net": "0.01"} for name in people]
    clicks = [
        {"click_id": f"{name}-{n}", "clicked_at": f"2025-03-0{n}", "customer_id": name, "partner_id": f"p{n}"}
        for name in people
        for n in (1, 2, 3)
    ]
    return build_with(project, folder, "merge", orders=orders, clicks=clicks)


def test_repeats_are_merged_without_another_effect(made: duckdb.DuckDBPyConnection, merged: duckdb.DuckDBPyConnection):
    """In a chain of first order, how often a player follows themselves decides nothing about where people go next."""
    keep, merge = (
        {key: effect for key, effect in read_effects(marts).items() if key[1].startswith("2026")}
        for marts in (made, merged)
    )
    assert merge == pytest.approx(keep, abs=1e-9)
    loops = "select count(*) > 0 from intermediate.int_journey_transitions where from_state = to_state"
    assert (merged.execute(loops).fetchall(), made.execute(loops).fetchall()) == ([(False,)], [(True,)])


def test_cents_left_over_favour_no_place(merged: duckdb.DuckDBPyConnection):
    """One cent for three touches alike: by the hash, about a third of 300 go to each place."""
    cents = merged.execute(
        "select 100 * sum(credited_revenue) from results.credits"
        " where attribution_model = 'linear' and partner_id in ('p1', 'p2', 'p3') group by partner_id"
    ).fetchall()
    assert sum(count for (count,) in cents) == 300
    assert len(cents) == 3
    assert all(75 < count < 125 for (count,) in cents), cents
