"""Do those who said yes buy more? A difference between people who chose their answer themselves: association, not
proof."""

from typing import Any

import pandas as pd
from brand_lift import judge
from frames import build_frame
from proportions import compare_shares, doubt_shares, find_detectable_lift
from verdicts import LIFT, LOSS, NO_LIFT, TOO_FEW_ANSWERS

VERDICTS = {
    LIFT: "association, not proof: who said yes bought more often",
    LOSS: "association, not proof: who said yes bought less often",
    NO_LIFT: "association, not proof: no difference shown",
    TOO_FEW_ANSWERS: TOO_FEW_ANSWERS,
}
NO_CUSTOMERS = "no respondent is a known customer"
COLUMNS = {
    "study_id": "string",
    "question": "string",
    "buyer_ratio_difference": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "p_value": "float64",
    "verdict": "string",
}


def compare_buyers(counts: pd.DataFrame) -> pd.DataFrame:
    """Share of buyers among those who said yes minus that among those who said no, with Newcombe's interval.

    Args:
        counts: one row per study_id and question, with yes_n, yes_buyers, no_n, no_buyers.

    Returns:
        The columns of COLUMNS; without figures where nobody said yes, or nobody no. What too few answers are is the
        rule of brand_lift.py.
    """
    return build_frame((_compare(row) for row in counts.to_dict("records")), COLUMNS)


def _compare(row: dict[str, Any]) -> dict[str, Any]:
    compared = {"study_id": row["study_id"], "question": row["question"], "verdict": TOO_FEW_ANSWERS}
    if row["yes_n"] + row["no_n"] == 0:
        return compared | {"verdict": NO_CUSTOMERS}
    if min(row["yes_n"], row["no_n"]) == 0:
        return compared
    counts = row["yes_buyers"], row["yes_n"], row["no_buyers"], row["no_n"]
    difference = compare_shares(*counts)
    detectable = find_detectable_lift([row["yes_n"]], [row["no_buyers"]], [row["no_n"]])
    verdict, _ = judge(difference, detectable, doubt_shares(*counts))
    return compared | {
        "buyer_ratio_difference": difference.estimate,
        "ci_low": difference.low,
        "ci_high": difference.high,
        "p_value": difference.p_value,
        "verdict": VERDICTS[verdict],
    }
