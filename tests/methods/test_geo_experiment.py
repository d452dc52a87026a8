"""Geo experiments: the published GeoLift walkthrough, what is refused, and figures that never contradict each other."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from geo_experiment import DAILY, RESULT, estimate_geo, estimate_geo_daily
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.coverage_geo import simulate_experiments, summarise
from tests.conftest import REAL

GEOLIFT = REAL / "geolift" / "GeoLift_Test.csv"
FIRST, STARTS, ENDS = date(2026, 3, 1), date(2026, 3, 25), date(2026, 3, 29)  # 24 days, then a test of 5
FIGURES = ["effect_per_unit", "relative_lift", "incremental_total", "ci_low", "ci_high", "p_value"]


def make_outcomes(series: dict[str, np.ndarray], arms: dict[str, str], first: date = FIRST) -> pd.DataFrame:
    """Outcomes of units with one value a day from the first day on; units without an arm are control."""
    frames = [
        pd.DataFrame(
            {
                "unit_id": unit,
                "observed_on": pd.date_range(first, periods=len(values)),
                "arm": arms.get(unit, "control"),
                "value": values,
            }
        )
        for unit, values in series.items()
    ]
    return pd.concat(frames, ignore_index=True)


def draw_series(seed: int, units: int = 6, days: int = 29, noise: float = 1.0) -> dict[str, np.ndarray]:
    """Units that follow a week and a common wandering, each in its own strength; the names sort by number."""
    random = np.random.default_rng(seed)
    week, wandering = np.sin(2 * np.pi * np.arange(days) / 7), random.normal(size=days).cumsum()
    return {
        f"unit-{number}": 50
        + random.uniform(5, 15) * week
        + random.uniform(0.5, 1.5) * wandering
        + noise * random.normal(size=days)
        for number in range(units)
    }


def estimate_one(outcomes: pd.DataFrame, starts_on: date | None = STARTS, ends_on: date | None = ENDS) -> pd.Series:
    results = estimate_geo(outcomes, starts_on, ends_on)
    assert len(results) == 1
    return results.iloc[0]


# The walkthrough

needs_geolift = pytest.mark.skipif(not GEOLIFT.is_file(), reason=f"the real data is not here: {GEOLIFT}")
GEOLIFT_TEST = (date(2021, 4, 1), date(2021, 4, 15))  # periods 91 to 105


def read_geolift() -> pd.DataFrame:
    cities = pd.read_csv(GEOLIFT, parse_dates=["date"])
    return pd.DataFrame(
        {
            "unit_id": cities["location"],
            "observed_on": cities["date"],
            "arm": cities["location"].isin(["chicago", "portland"]).map({True: "campaign", False: "control"}),
            "value": cities["Y"],
        }
    )


@needs_geolift
def test_the_published_walkthrough_is_reproduced():
    """Source: facebookincubator/GeoLift, vignettes/GeoLift_Walkthrough.md: GeoLift() without a prognostic function, with
    fixed effects. Its p-value, 0.012, comes from permuted days instead of placebo tests; its interval is not printed."""
    result = estimate_one(read_geolift(), *GEOLIFT_TEST)

    assert result["effect_per_unit"] == pytest.approx(155.556, rel=0.00001)
    assert result["incremental_total"] == pytest.approx(4667, abs=0.5)
    assert result["relative_lift"] == pytest.approx(0.054, abs=0.0005)
    assert (result["units"], result["days"], result["pre_days"]) == (2, 15, 90)
    assert result["verdict"] == "lift"
    assert result["p_value"] == pytest.approx(0.012, abs=0.01)
    assert 0 < result["ci_low"] < 155.556 < result["ci_high"]
    assert pd.isna(result["reason"])


@needs_geolift
def test_the_walkthroughs_imbalance_is_reproduced():
    """Source: the same, summary(GeoTest): L2 Imbalance 909.489, the norm of the gap before the start."""
    outcomes = read_geolift()
    daily = estimate_geo_daily(outcomes, *GEOLIFT_TEST)
    before, during = daily.iloc[:90], daily.iloc[90:]

    assert np.linalg.norm(before["effect"]) == pytest.approx(909.489, abs=0.001)
    moved = before["actual"] - before["actual"].mean()
    assert estimate_one(outcomes, *GEOLIFT_TEST)["pre_fit"] == pytest.approx(909.489 / np.linalg.norm(moved), rel=1e-5)
    assert during["effect"].mean() == pytest.approx(155.556, abs=0.001)
    assert during["observed_on"].dt.date.tolist() == [date(2021, 4, day) for day in range(1, 16)]


@needs_geolift
def test_a_naive_difference_in_differences_would_say_nine_per_cent():
    cities = read_geolift()
    after = cities["observed_on"] >= pd.Timestamp(GEOLIFT_TEST[0])
    means = cities.groupby([cities["arm"], after])["value"].mean()
    difference = (means["campaign", True] - means["campaign", False]) - (
        means["control", True] - means["control", False]
    )

    assert difference / (means["campaign", True] - difference) == pytest.approx(0.092, abs=0.0005)
    assert estimate_one(cities, *GEOLIFT_TEST)["relative_lift"] < 0.06


# Figures to check in one's head


def test_a_control_that_follows_exactly_leaves_the_effect():
    """The treated unit is the mean of two controls plus 5, and 3 more in the test, where the mean is 20."""
    steps = np.tile([1.0, -1.0, 2.0, -2.0], 8)[:29]
    low, high = 10 + steps, 30 + np.roll(steps, 1)
    low[24:], high[24:] = 10.0, 30.0
    treated = (low + high) / 2 + 5
    treated[24:] += 3

    result = estimate_one(make_outcomes({"a": low, "b": high, "c": treated}, {"c": "poster"}))

    assert result["arm"] == "poster"
    assert result["effect_per_unit"] == pytest.approx(3)
    assert result["relative_lift"] == pytest.approx(3 / 25)
    assert result["incremental_total"] == pytest.approx(15)
    assert (result["ci_low"], result["ci_high"]) == (pytest.approx(3), pytest.approx(3))
    assert (result["p_value"], result["pre_fit"], result["verdict"]) == (0, pytest.approx(0), "lift")


def test_units_that_never_move_and_gain_nothing_show_no_lift():
    result = estimate_one(make_outcomes({unit: np.full(29, 0.1) for unit in "abc"}, {"a": "poster"}))

    assert (result["effect_per_unit"], result["p_value"], result["verdict"]) == (0, 1, "no lift shown")


def test_units_without_any_outcome_have_no_relative_lift():
    result = estimate_one(make_outcomes({unit: np.zeros(29) for unit in "abc"}, {"a": "poster"}))

    assert (result["effect_per_unit"], result["verdict"]) == (0, "no lift shown")
    assert pd.isna(result["relative_lift"])


def test_a_loss_is_called_a_loss():
    series = draw_series(3)
    series["unit-0"][24:] -= 20

    result = estimate_one(make_outcomes(series, {"unit-0": "price"}))

    assert result["verdict"] == "loss"
    assert result["ci_low"] < result["effect_per_unit"] < result["ci_high"] < 0


def test_the_daily_figures_are_those_of_the_result():
    series = draw_series(4)
    outcomes = make_outcomes(series, {"unit-0": "radio", "unit-1": "radio"})

    result, daily = estimate_one(outcomes), estimate_geo_daily(outcomes, STARTS, ENDS)

    assert daily["arm"].unique().tolist() == ["radio"]
    assert daily["observed_on"].tolist() == pd.date_range(FIRST, ENDS).tolist()
    assert daily["actual"].tolist() == pytest.approx((series["unit-0"] + series["unit-1"]) / 2)
    assert (daily["actual"] - daily["counterfactual"]).tolist() == pytest.approx(daily["effect"].tolist())
    during = daily[daily["observed_on"] >= pd.Timestamp(STARTS)]
    assert during["effect"].mean() == pytest.approx(result["effect_per_unit"])
    assert during["effect"].mean() / during["counterfactual"].mean() == pytest.approx(result["relative_lift"])
    assert during["effect"].sum() * 2 == pytest.approx(result["incremental_total"])


# Arms and days


def test_arms_are_those_of_the_test_where_everybody_was_control_before():
    outcomes = make_outcomes(draw_series(5), {"unit-2": "radio"})
    before = outcomes["observed_on"] < pd.Timestamp(STARTS)

    renamed = outcomes.assign(arm=outcomes["arm"].mask(before, "control"))

    pd.testing.assert_frame_equal(estimate_geo(renamed, STARTS, ENDS), estimate_geo(outcomes, STARTS, ENDS))


def test_several_arms_are_each_compared_with_the_control_units_only():
    outcomes = make_outcomes(draw_series(6, units=9), {"unit-0": "radio", "unit-1": "radio", "unit-2": "poster"})

    together = estimate_geo(outcomes, STARTS, ENDS)

    assert together["arm"].tolist() == ["poster", "radio"]
    alone = [estimate_geo(outcomes[outcomes["arm"] != other], STARTS, ENDS) for other in ("radio", "poster")]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))


def test_days_after_the_test_change_nothing():
    outcomes = make_outcomes(draw_series(7, days=40), {"unit-0": "radio"})

    within = outcomes[outcomes["observed_on"] <= pd.Timestamp(ENDS)]

    pd.testing.assert_frame_equal(estimate_geo(outcomes, STARTS, ENDS), estimate_geo(within, STARTS, ENDS))
    pd.testing.assert_frame_equal(estimate_geo_daily(outcomes, STARTS, ENDS), estimate_geo_daily(within, STARTS, ENDS))


def test_dates_decimals_and_numbered_units_are_read():
    outcomes = make_outcomes(draw_series(8), {"unit-0": "radio"})
    other = outcomes.assign(
        unit_id=outcomes["unit_id"].str.removeprefix("unit-").astype("int64"),
        observed_on=outcomes["observed_on"].dt.date,
        value=[Decimal(str(value)) for value in outcomes["value"]],
    )

    pd.testing.assert_frame_equal(
        estimate_geo(other, pd.Timestamp(STARTS), pd.Timestamp(ENDS)), estimate_geo(outcomes, STARTS, ENDS)
    )


@pytest.mark.parametrize(
    "make_empty", [lambda frame: frame.iloc[:0], lambda frame: pd.DataFrame(columns=frame.columns)]
)
def test_an_empty_frame_gives_empty_frames_of_the_same_types(make_empty):
    empty = make_empty(make_outcomes(draw_series(1), {}))

    results, daily = estimate_geo(empty, STARTS, ENDS), estimate_geo_daily(empty, STARTS, ENDS)

    assert results.empty and results.dtypes.astype(str).to_dict() == RESULT
    assert daily.empty and daily.dtypes.astype(str).to_dict() == DAILY


def test_an_experiment_without_a_treated_unit_has_no_arm():
    assert estimate_geo(make_outcomes(draw_series(1), {}), STARTS, ENDS).empty


# Refusals


def remove_days(frame: pd.DataFrame) -> pd.DataFrame:
    lost = (frame["unit_id"] == "unit-3") & frame["observed_on"].between("2026-03-05", "2026-03-06")
    return frame[~lost]


def keep_controls(frame: pd.DataFrame, controls: int) -> pd.DataFrame:
    return frame[frame["unit_id"].isin(["unit-0", *(f"unit-{number + 1}" for number in range(controls))])]


def add_rows(frame: pd.DataFrame, **changes: object) -> pd.DataFrame:
    return pd.concat([frame, frame[frame["unit_id"] == "unit-4"].tail(2).assign(**changes)], ignore_index=True)


REFUSED = {
    "a pre-period under four times the test": (
        lambda frame: frame[frame["observed_on"] >= "2026-03-06"],
        "19 days before the start of a test of 5; it takes 1 more, 4 for each day of the test",
    ),
    "no day before the start": (
        lambda frame: frame[frame["observed_on"] >= "2026-03-25"],
        "0 days before the start of a test of 5; it takes 20 more, 4 for each day of the test",
    ),
    "no control unit": (lambda frame: keep_controls(frame, 0), "no control units; a synthetic control takes 2"),
    "one control unit": (lambda frame: keep_controls(frame, 1), "1 control unit; a synthetic control takes 2"),
    "unit-days that lack": (
        remove_days,
        "2 of 174 unit-days have no outcome, 2 of them of unit-3; each unit needs one on every day, 0 where nothing "
        "happened",
    ),
    "outcomes without a value": (
        lambda frame: frame.assign(value=frame["value"].mask(frame.index == 30).replace(frame["value"][40], np.inf)),
        "2 of 174 unit-days have no outcome, 2 of them of unit-1; each unit needs one on every day, 0 where nothing "
        "happened",
    ),
    "a test that has not ended": (
        lambda frame: frame[frame["observed_on"] < "2026-03-29"],
        "6 of 174 unit-days have no outcome, 1 of them of unit-0; each unit needs one on every day, 0 where nothing "
        "happened",
    ),
    "a unit and day twice": (add_rows, "2 outcomes are a second one of the same unit and day"),
    "outcomes without a day": (lambda frame: add_rows(frame, observed_on=pd.NaT), "2 outcomes have no unit or no day"),
    "no outcome with a day": (
        lambda frame: frame.assign(observed_on=pd.NaT).drop_duplicates("unit_id"),
        "6 outcomes have no unit or no day",
    ),
    "outcomes without a unit": (lambda frame: add_rows(frame, unit_id=None), "2 outcomes have no unit or no day"),
    "a unit in two arms": (
        lambda frame: frame.assign(
            arm=frame["arm"].mask((frame["unit_id"] == "unit-2") & (frame.index % 2 == 0), "radio")
        ),
        "1 units are in two arms during the test",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_words_and_without_figures(case):
    spoil, reason = REFUSED[case]
    spoiled = spoil(make_outcomes(draw_series(2), {"unit-0": "radio"}))

    result = estimate_one(spoiled)

    assert result["verdict"] == "invalid"
    assert reason in result["reason"].split("; ") or reason == result["reason"]
    assert result[FIGURES].isna().all()
    assert estimate_geo_daily(spoiled, STARTS, ENDS).empty


@pytest.mark.parametrize(("starts_on", "ends_on"), [(None, ENDS), (STARTS, None), (pd.NaT, pd.NaT), (ENDS, STARTS)])
def test_an_experiment_without_dates_is_refused(starts_on, ends_on):
    result = estimate_one(make_outcomes(draw_series(2), {"unit-0": "radio"}), starts_on, ends_on)

    assert result["verdict"] == "invalid"
    assert result["reason"] == "the experiment has no start, no end, or ends before it starts"


def test_all_reasons_are_given_at_once():
    spoiled = keep_controls(make_outcomes(draw_series(2), {"unit-0": "radio"}), 1).drop(index=40)

    reason = estimate_one(spoiled, date(2026, 3, 20))["reason"]

    assert "1 control unit;" in reason and "19 days before" in reason and "1 of 58 unit-days" in reason


def follow_nothing(kind: str) -> np.ndarray:
    days, random = np.arange(105), np.random.default_rng(9)
    movement = {"a trend": days / 5, "a slow wave": 6 * np.sin(days / 5), "a market day": 15.0 * (days % 7 == 0)}
    return 50 + movement[kind] + random.normal(size=105)


@pytest.mark.parametrize("kind", ["a trend", "a slow wave", "a market day"])
def test_a_movement_that_no_control_unit_makes_is_a_bad_fit(kind):
    random = np.random.default_rng(8)
    series = {f"unit-{number}": 50 + random.normal(size=105) for number in range(12)} | {"unit-0": follow_nothing(kind)}

    result = estimate_one(make_outcomes(series, {"unit-0": "radio"}), date(2026, 5, 30), date(2026, 6, 13))

    assert result["verdict"] == "invalid"
    assert result["reason"].startswith("bad fit: the gap before the start is 0.9")
    assert result["pre_fit"] > 0.8
    assert result[FIGURES].isna().all()


def test_nothing_but_noise_is_no_bad_fit():
    """There is no movement to follow: the control is as good as any, and the interval says how good that is."""
    random = np.random.default_rng(8)
    series = {f"unit-{number}": 50 + random.normal(size=105) for number in range(12)}
    series["unit-0"][90:] += 5

    result = estimate_one(make_outcomes(series, {"unit-0": "radio"}), date(2026, 5, 30), date(2026, 6, 13))

    assert result["pre_fit"] > 0.8
    assert result["verdict"] == "lift"
    assert result["ci_low"] < 5 < result["ci_high"]


def test_a_treated_unit_that_never_moves_beside_controls_that_do_is_a_bad_fit():
    result = estimate_one(make_outcomes(draw_series(2) | {"unit-0": np.zeros(29)}, {"unit-0": "radio"}))

    assert (result["verdict"], result["reason"]) == (
        "invalid",
        "bad fit: before the start the treated units never moved, and the control units did",
    )


# Properties

panels = st.builds(
    draw_series,
    seed=st.integers(0, 10**6),
    units=st.integers(4, 9),
    days=st.just(29),
    noise=st.sampled_from([0.0, 0.1, 1.0, 10.0]),
)


@settings(max_examples=20, deadline=None)
@given(series=panels, treated=st.integers(1, 2), effect=st.sampled_from([0.0, 0.5, 2.0, -2.0, 30.0, -30.0]))
def test_estimate_interval_p_value_and_verdict_never_contradict_each_other(series, treated, effect):
    for number in range(treated):
        series[f"unit-{number}"][24:] += effect

    result = estimate_one(make_outcomes(series, {f"unit-{number}": "radio" for number in range(treated)}))

    if result["verdict"] == "invalid":
        assert result["reason"]
        assert result[FIGURES].isna().all()
        return
    assert result["ci_low"] <= result["effect_per_unit"] <= result["ci_high"]
    assert 0 <= result["p_value"] <= 1
    excludes_nothing = result["ci_low"] > 0 or result["ci_high"] < 0
    assert excludes_nothing == (result["p_value"] < 0.05) == (result["verdict"] in ("lift", "loss"))
    if excludes_nothing:
        assert (result["effect_per_unit"] > 0) == (result["verdict"] == "lift")
        assert np.sign(result["incremental_total"]) == np.sign(result["effect_per_unit"])


@settings(max_examples=10, deadline=None)
@given(series=panels, scale=st.sampled_from([1e-9, 1e-3, 1e3, 1e12]), seed=st.integers(0, 1000))
def test_neither_unit_of_measure_nor_order_nor_names_matter(series, scale, seed):
    outcomes = make_outcomes(series, {"unit-1": "radio"})
    shuffled = outcomes.sample(frac=1, random_state=seed)
    numbers = np.random.default_rng(seed).permutation(len(series))
    renamed = shuffled["unit_id"].map(dict(zip(series, numbers, strict=True)))

    result = estimate_one(outcomes)
    other = estimate_one(shuffled.assign(value=shuffled["value"] * scale, unit_id=renamed))

    assert (other["verdict"], other["pre_fit"]) == (result["verdict"], pytest.approx(result["pre_fit"], abs=1e-6))
    if result["verdict"] != "invalid":
        assert other["p_value"] == pytest.approx(result["p_value"], abs=1e-6)
        for figure in ("effect_per_unit", "ci_low", "ci_high", "incremental_total"):
            assert other[figure] / scale == pytest.approx(result[figure], rel=1e-6, abs=1e-8)


@settings(max_examples=10, deadline=None)
@given(series=panels, effect=st.floats(-100, 100))
def test_what_is_added_to_the_test_days_is_added_to_estimate_and_interval(series, effect):
    before = estimate_one(make_outcomes(series, {"unit-0": "radio"}))
    series["unit-0"][24:] += effect
    after = estimate_one(make_outcomes(series, {"unit-0": "radio"}))

    assert after["pre_fit"] == before["pre_fit"]
    if before["verdict"] != "invalid":
        for figure in ("effect_per_unit", "ci_low", "ci_high"):
            assert after[figure] == pytest.approx(before[figure] + effect, abs=1e-6)


# Coverage


def test_intervals_cover_and_null_experiments_are_not_called_lift():
    """Quick, seeded; benchmarks/coverage_geo.py is the whole of it."""
    shares = summarise(simulate_experiments(800, pre_days=90, test_days=15, autocorrelation=0.5))

    assert 0.93 <= shares["coverage"] <= 0.97
    assert shares["lift"] <= 0.05 and shares["loss"] <= 0.05 and shares["lift"] + shares["loss"] <= 0.07
    assert shares["shown"] >= 0.3  # an interval that covers and shows nothing would be of no use
    assert shares["refused"] <= 0.01
