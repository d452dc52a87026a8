"""Brand lift: did more of the exposed say yes than of the control?

A verdict follows the 95 % interval of the absolute lift: `lift` where it lies above 0, `loss` below. `too few answers`
is said where Newcombe's interval does not keep its level (proportions.doubt_shares), and where the interval holds 0 but
a lift of 20 points, about what 100 answers a cell can show, would not have been shown either. Only of other studies
`no lift shown` is said.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from frames import build_frame
from proportions import Difference, compare_shares, compare_strata, doubt_shares, find_detectable_lift, weigh_strata
from verdicts import NO_LIFT, TOO_FEW_ANSWERS, judge_interval

WIDEST_DETECTABLE_LIFT = 0.20  # 20 points
ALL = "all"
COLUMNS = {
    "study_id": "string",
    "question": "string",
    "stratum": "string",
    "strata_compared": "Int64",
    "method": "string",
    "absolute_lift": "float64",
    "relative_lift": "float64",
    "headroom_lift": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "p_value": "float64",
    "detectable_lift": "float64",
    "verdict": "string",
    "reason": "string",
}


def estimate_brand_lift(counts: pd.DataFrame) -> pd.DataFrame:
    """Lift of every stratum of every question, and over all strata as the stratum `all`.

    Args:
        counts: one row per study_id, question and stratum, with exposed_n, exposed_yes, control_n, control_yes: answers
            that are yes or no, and how many of them are yes.

    Returns:
        The columns of COLUMNS. Lifts and limits are in shares (0.05 is five points), relative and headroom lift in
        parts of the control's share and of what the control left to gain; null where nothing can be compared.
    """
    rows: list[dict[str, Any]] = []
    for (study_id, question), strata in counts.sort_values(["study_id", "question", "stratum"]).groupby(
        ["study_id", "question"], sort=False
    ):
        for stratum, lift in _estimate_question(strata):
            rows.append({"study_id": study_id, "question": question, "stratum": stratum, **lift})
    return build_frame(rows, COLUMNS)


def _estimate_question(strata: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    for position, stratum in enumerate(strata["stratum"]):
        yield stratum, estimate_lift(strata.iloc[[position]])
    yield ALL, estimate_lift(strata)


def estimate_lift(strata: pd.DataFrame) -> dict[str, Any]:
    """Lift over these strata together: of one by Newcombe's interval, of several weighted by the score interval."""
    compared = strata[(strata["exposed_n"] > 0) & (strata["control_n"] > 0)]
    if compared.empty:
        return {
            "strata_compared": 0,
            "verdict": TOO_FEW_ANSWERS,
            "reason": "nobody answered in one of the cells"
            if len(strata) == 1
            else "no stratum has answers in both cells",
        }
    cells = [compared[column].to_numpy(float) for column in ("exposed_yes", "exposed_n", "control_yes", "control_n")]
    if len(compared) == 1:
        method, lift = "newcombe", compare_shares(*(int(cell[0]) for cell in cells))
    else:
        method, lift = "stratified score", compare_strata(*cells)
    control_share = float(weigh_strata(cells[1], cells[3]) @ (cells[2] / cells[3]))
    detectable = find_detectable_lift(cells[1], cells[2], cells[3])
    verdict, reason = judge(lift, detectable, doubt_shares(*(int(cell.sum()) for cell in cells)))
    left_out = len(strata) - len(compared)
    if left_out:
        reason = "; ".join(filter(None, [reason, f"{left_out:,} strata without answers in both cells are left out"]))
    return {
        "strata_compared": len(compared),
        "method": method,
        "absolute_lift": lift.estimate,
        "relative_lift": lift.estimate / control_share if control_share > 0 else None,
        "headroom_lift": lift.estimate / (1 - control_share) if control_share < 1 else None,
        "ci_low": lift.low,
        "ci_high": lift.high,
        "p_value": lift.p_value,
        "detectable_lift": detectable,
        "verdict": verdict,
        "reason": reason,
    }


def judge(lift: Difference, detectable: float | None, doubt: str | None) -> tuple[str, str | None]:
    """The verdict, and its reason in words where it is not plain from the figures."""
    verdict = judge_interval(lift.low, lift.high)
    if doubt:
        return TOO_FEW_ANSWERS, doubt
    if verdict == NO_LIFT and (detectable is None or detectable > WIDEST_DETECTABLE_LIFT):
        could = "no difference at all" if detectable is None else f"{100 * detectable:.0f} points or more"
        return TOO_FEW_ANSWERS, f"so few answers could have shown {could}, not {100 * WIDEST_DETECTABLE_LIFT:.0f}"
    return verdict, None
