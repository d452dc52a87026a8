"""Sample ratio mismatch."""

import pandas as pd
import pytest
from sample_ratio import compare_sample_ratios


def compare(units: list[int], ratios: list[float | None]) -> float:
    arms = pd.DataFrame(
        {"experiment_id": "e", "arm": ["a", "b", "c"][: len(units)], "units": units, "declared_ratio": ratios}
    )
    [p_value] = compare_sample_ratios(arms.astype({"declared_ratio": "float64"}))["sample_ratio_p_value"]
    return p_value


def test_a_mismatch_that_looks_small_is_found():
    """Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 21: 821,588 and 815,482 users, where
    each arm was to get half, have a p-value of 1.8E-6."""
    assert compare([821_588, 815_482], [0.5, 0.5]) == pytest.approx(1.8e-6, abs=5e-8)


def test_a_declared_split_is_no_mismatch():
    assert compare([900, 100], [0.9, 0.1]) == 1
    assert compare([900, 100], [0.5, 0.5]) < 1e-100


def test_an_arm_that_was_to_get_units_and_got_none_is_a_mismatch():
    assert compare([300, 300, 0], [1 / 3, 1 / 3, 1 / 3]) < 1e-60


@pytest.mark.parametrize(
    ("units", "ratios"), [([5], [1.0]), ([0, 0], [0.5, 0.5]), ([5, 5], [0.5, None]), ([5, 5], [1.0, 0.0])]
)
def test_what_cannot_be_compared_has_no_p_value(units: list[int], ratios: list[float | None]):
    assert pd.isna(compare(units, ratios))


def test_no_experiments_have_the_same_columns():
    arms = pd.DataFrame(columns=["experiment_id", "arm", "units", "declared_ratio"])
    assert compare_sample_ratios(arms).dtypes.astype(str).to_dict() == {
        "experiment_id": "string",
        "sample_ratio_p_value": "float64",
    }
