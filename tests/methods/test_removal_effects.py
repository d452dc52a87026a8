"""Removal effects against a published walkthrough, an independent library, and graphs solved by hand."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from removal_effects import compute_removal_effects

HERE = Path(__file__).parent
Journeys = list[tuple[list[str], bool]]


def count_transitions(journeys: Journeys) -> pd.DataFrame:
    counts = Counter(
        pair
        for path, is_converted in journeys
        for pair in zip(["(start)", *path], [*path, "(conversion)" if is_converted else "(null)"], strict=True)
    )
    rows = [(*pair, count) for pair, count in counts.items()]
    return pd.DataFrame(rows, columns=["from_state", "to_state", "transitions"])


def solve(journeys: Journeys) -> dict[str, float]:
    effects = compute_removal_effects(count_transitions(journeys))
    return dict(zip(effects["player"], effects["removal_effect"], strict=True))


def solve_by_removing(journeys: Journeys, removed: str | None) -> float:
    """The probability to convert, by iterating the definition: whoever comes to the removed player is lost."""
    moves: dict[str, Counter] = defaultdict(Counter)
    for row in count_transitions(journeys).itertuples():
        moves[row.from_state][row.to_state] += row.transitions
    chance = {"(conversion)": 1.0}
    for _ in range(3000):
        chance |= {
            state: sum(chance.get(to, 0.0) * count for to, count in counts.items() if to != removed) / counts.total()
            for state, counts in moves.items()
            if state != removed
        }
    return chance["(start)"]


def test_the_walkthrough_of_sergey_bryl_comes_out():
    """ "Attribution model with R (part 1: Markov chains concept)", analyzecore.com, 2016: C1 0.5, C2 and C3 1, that is
    0.2, 0.4 and 0.4 of the one purchase."""
    effects = solve([(["C1", "C2", "C3"], True), (["C1"], False), (["C2", "C3"], False)])
    assert effects == pytest.approx({"C1": 0.5, "C2": 1.0, "C3": 1.0})


def read_journeys() -> Journeys:
    with (HERE / "journeys.csv").open() as opened:
        return [(row["journey"].split(" > "), row["is_converted"] == "true") for row in csv.DictReader(opened)]


def read_expected(column: str) -> dict[str, float]:
    with (HERE / "journeys_expected.csv").open() as opened:
        return {row["player"]: float(row[column]) for row in csv.DictReader(opened)}


def test_an_independent_library_finds_the_same_effects():
    """journeys.csv: 120 random journeys; journeys_expected.csv: `mam.models.markov.MarkovModel()` of the package
    marketing-attribution-models 2.1.1 on them (removal_effect_df, get_aggregated_results)."""
    assert solve(read_journeys()) == pytest.approx(read_expected("removal_effect"), abs=1e-9)


def test_touches_weighed_by_the_effects_share_the_orders_as_the_library_does():
    journeys, credited = read_journeys(), Counter()
    effects = solve(journeys)
    for path, is_converted in journeys:
        for player in path if is_converted else ():
            credited[player] += effects[player] / sum(effects[each] for each in path)
    assert credited == pytest.approx(read_expected("attributed_orders"), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), st.booleans()), min_size=1, max_size=12
    )
)
def test_the_closed_form_is_what_removing_each_player_gives(journeys: Journeys):
    whole = solve_by_removing(journeys, None)
    for player, effect in solve(journeys).items():
        without = solve_by_removing(journeys, player)
        assert effect == pytest.approx(1 - without / whole if whole else 0.0, abs=1e-6)


def test_without_any_journey_there_is_no_player():
    empty = pd.DataFrame({"from_state": [], "to_state": [], "transitions": []})
    assert compute_removal_effects(empty).empty


def test_where_nobody_ever_buys_nothing_is_lost():
    assert solve([(["a", "b"], False)]) == {"a": 0.0, "b": 0.0}


def test_ten_thousand_partners_are_solved_at_once():
    """A long tail of partners with one journey each, beside a few who pass people on to each other."""
    journeys = [([f"p{number}", "mira", "leo", "mira"], number % 2 == 0) for number in range(10_000)]
    effects = solve(journeys)
    assert len(effects) == 10_002
    assert effects["p0"] == pytest.approx(1 / 10_000)
    assert effects["mira"] == pytest.approx(1.0)
