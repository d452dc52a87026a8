"""Brand lift from counts to verdicts."""

import pandas as pd
import pytest
from brand_lift import COLUMNS, estimate_brand_lift
from hypothesis import given, settings
from hypothesis import strategies as st
from proportions import compare_shares

COUNTS = ["study_id", "question", "stratum", "exposed_n", "exposed_yes", "control_n", "control_yes"]


def estimate(*strata: tuple[int, int, int, int]) -> pd.DataFrame:
    """One question; each stratum as exposed_n, exposed_yes, control_n, control_yes. By stratum: s0, s1, …, all."""
    rows = [("study", "question", f"s{number}", *stratum) for number, stratum in enumerate(strata)]
    return estimate_brand_lift(pd.DataFrame(rows, columns=COUNTS)).set_index("stratum")


def say(row: pd.Series) -> str:
    return row["verdict"]


def test_lift_is_absolute_relative_to_the_control_and_relative_to_what_it_left_to_gain():
    """60 of 100 against 50 of 100: 10 points, a fifth more than 50 %, a fifth of the 50 % that were left."""
    row = estimate((100, 60, 100, 50)).loc["all"]
    assert (row["absolute_lift"], row["relative_lift"], row["headroom_lift"]) == pytest.approx((0.1, 0.2, 0.2))


@pytest.mark.parametrize(
    ("stratum", "verdict"),
    [
        ((200, 120, 200, 80), "lift"),
        ((200, 80, 200, 120), "loss"),
        ((200, 100, 200, 96), "no lift shown"),
        ((50, 25, 50, 25), "too few answers"),  # could have shown 27 points
        ((29, 29, 500, 0), "too few answers"),  # whatever 29 people say
        ((100, 50, 0, 0), "too few answers"),
        ((50, 2, 2000, 2), "too few answers"),  # of 50 people 0.1 were to be expected to say yes
        ((0, 0, 0, 0), "too few answers"),
    ],
)
def test_a_verdict_follows_its_rule(stratum: tuple[int, int, int, int], verdict: str):
    found = estimate(stratum)
    assert found["verdict"].tolist() == [verdict, verdict]
    assert found["reason"].notna().all() == (verdict == "too few answers")


def test_one_stratum_is_the_whole_study():
    found = estimate((70, 56, 80, 48))
    columns = [column for column in COLUMNS if column not in ("study_id", "question", "stratum")]
    assert found.loc["s0", columns].equals(found.loc["all", columns])
    assert found.loc["all", "method"] == "newcombe"
    assert found.loc["all", "ci_low"] == pytest.approx(0.0524, abs=5e-5)


def test_a_study_whose_cells_differ_in_mix_is_not_fooled():
    """Among the young 80 % know the brand in both cells, among the old 20 %; the exposed are mostly young. Added up the
    lift would be 74 % - 26 % = 48 points: Simpson's paradox. It is nothing."""
    found = estimate((900, 720, 100, 80), (100, 20, 900, 180)).loc["all"]
    assert found["absolute_lift"] == pytest.approx(0)
    assert found["verdict"] == "no lift shown"
    assert compare_shares(740, 1000, 260, 1000).low > 0.4


def test_a_stratum_without_answers_in_a_cell_has_no_part_in_the_lift():
    found = estimate((100, 60, 100, 40), (50, 50, 0, 0))
    assert found.loc["all", "absolute_lift"] == pytest.approx(0.2)
    assert found.loc["all", "strata_compared"] == 1
    assert found.loc["all", "reason"] == "1 strata without answers in both cells are left out"
    assert found.loc["s1", "verdict"] == "too few answers"
    assert found.loc["s1", ["absolute_lift", "ci_low", "p_value"]].isna().all()


def test_strata_that_share_no_cell_compare_nothing():
    found = estimate((100, 60, 0, 0), (0, 0, 100, 40)).loc["all"]
    assert (found["verdict"], found["reason"]) == ("too few answers", "no stratum has answers in both cells")


def test_a_control_where_nobody_or_everybody_says_yes_has_no_ratio_to_it():
    assert pd.isna(estimate((100, 60, 100, 0)).loc["all", "relative_lift"])
    assert pd.isna(estimate((100, 60, 100, 100)).loc["all", "headroom_lift"])


def test_no_studies_have_the_same_columns():
    found = estimate_brand_lift(pd.DataFrame(columns=COUNTS))
    assert (
        found.dtypes.astype(str).to_dict()
        == estimate((100, 60, 100, 50)).reset_index()[list(COLUMNS)].dtypes.astype(str).to_dict()
    )
    assert found.empty


cells = st.tuples(st.integers(0, 300), st.integers(0, 300), st.floats(0, 1), st.floats(0, 1)).map(
    lambda cell: (cell[0], round(cell[0] * cell[2]), cell[1], round(cell[1] * cell[3]))
)


@settings(max_examples=30)
@given(st.lists(cells, min_size=1, max_size=5))
def test_estimate_interval_p_value_and_verdict_never_contradict_each_other(strata: list[tuple[int, int, int, int]]):
    for _, row in estimate(*strata).iterrows():
        if pd.isna(row["absolute_lift"]):
            assert row["verdict"] == "too few answers"
            assert pd.isna(row["p_value"])
            continue
        assert row["ci_low"] <= row["absolute_lift"] <= row["ci_high"]
        is_shown = row["ci_low"] > 0 or row["ci_high"] < 0
        assert (row["p_value"] < 0.05) == is_shown
        if row["verdict"] != "too few answers":
            expected = ("lift" if row["ci_low"] > 0 else "loss") if is_shown else "no lift shown"
            assert row["verdict"] == expected


@given(cells)
def test_too_few_answers_are_those_that_the_rule_says(cell: tuple[int, int, int, int]):
    row = estimate(cell).loc["all"]
    exposed_n, exposed_yes, control_n, control_yes = cell
    is_shown = row["p_value"] < 0.05
    could_show = row["detectable_lift"] <= 0.20
    fewest, yes = min(exposed_n, control_n), exposed_yes + control_yes
    expected = fewest * min(yes, exposed_n + control_n - yes) / max(1, exposed_n + control_n)
    is_refused = fewest < 30 or expected < 1 or not (is_shown or could_show)
    assert (row["verdict"] == "too few answers") == is_refused
