"""Brand to sales: association, not proof."""

import pandas as pd
import pytest
from association import COLUMNS, compare_buyers

COUNTS = ["study_id", "question", "yes_n", "yes_buyers", "no_n", "no_buyers"]


def compare(*counts: int) -> pd.Series:
    return compare_buyers(pd.DataFrame([("s", "q", *counts)], columns=COUNTS)).iloc[0]


def test_buyers_are_compared_by_newcombe():
    """Newcombe (1998), table II, method 10: 56/70 against 48/80 is 0.2 (0.0524 to 0.3339)."""
    row = compare(70, 56, 80, 48)
    found = (row["buyer_ratio_difference"], row["ci_low"], row["ci_high"])
    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((70, 56, 80, 48), "association, not proof: who said yes bought more often"),
        ((80, 48, 70, 56), "association, not proof: who said yes bought less often"),
        ((500, 50, 500, 50), "association, not proof: no difference shown"),
        ((20, 20, 80, 0), "too few answers"),
        ((0, 0, 80, 40), "too few answers"),
        ((0, 0, 0, 0), "no respondent is a known customer"),
    ],
)
def test_no_verdict_claims_a_cause(counts: tuple[int, int, int, int], verdict: str):
    assert compare(*counts)["verdict"] == verdict


def test_no_studies_have_the_same_columns():
    found = compare_buyers(pd.DataFrame(columns=COUNTS))
    assert found.dtypes.astype(str).to_dict() == COLUMNS
