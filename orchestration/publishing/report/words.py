"""Sentences of the report: what a status, a difference or an interval means."""

import json
from collections.abc import Mapping
from typing import Any

from orchestration.publishing.report.figures import SPACE, format_count, format_figure, format_percent

STATUSES = {
    "undefined": "something is still to be defined",
    "not started": "its first day is in the future",
    "on track": "at or ahead of a steady pace",
    "behind": "short of a steady pace",
    "met": "the target is reached",
    "missed": "it has ended and the target was not reached",
    "unproven": "it requires an experiment, and none has shown an effect yet",
}
EVIDENCE = {
    "experiment": "experiments only",
    "tracked": "tracked: codes, referrals, conversions and clicks",
    "said": "tracked, and survey answers of customers",
}


def describe_scope(narrowed_to: str | None) -> str:
    """The filters of a goal.

    >>> describe_scope('{"relationship": ["customer", "employee"]}')
    'relationship: customer or employee'
    """
    filters: Mapping[str, list[str]] = json.loads(narrowed_to or "{}")
    return "; ".join(f"{name.replace('_', ' ')}: {' or '.join(values)}" for name, values in filters.items())


def describe_interval(low: float | None, high: float | None, unit: str | None, currency: str) -> str:
    """The 95 % interval of a difference.

    >>> describe_interval(-0.5, 2.0, "reporting currency", "EUR")
    'between 0.50\\xa0EUR less and 2.00 more'
    """
    if low is None or high is None:
        return ""
    least, most = (format_figure(abs(limit), unit, currency) for limit in (low, high))
    if low >= 0:
        return f"between {least.partition(SPACE)[0]} and {most} more"
    if high <= 0:
        return f"between {most.partition(SPACE)[0]} and {least} less"
    return f"between {least} less and {most.partition(SPACE)[0]} more"


def describe_effect(experiment: Mapping[str, Any], currency: str) -> str:
    """The effect of an arm of an experiment compared with its control; empty if there are no numbers yet."""
    if experiment["effect_per_unit"] is None:
        return ""
    unit = experiment["unit"]
    each = "each treated region and day" if experiment["design"] == "geo" else "each treated unit"
    effect = describe_difference(experiment["effect_per_unit"], unit, currency)
    relative = experiment["relative_lift"]
    text = f"{effect} for {each}"
    if relative:
        text += f" ({format_percent(abs(relative))} {'more' if relative >= 0 else 'less'} than without)"
    if interval := describe_interval(experiment["ci_low"], experiment["ci_high"], unit, currency):
        text += f"; with 95 % confidence {interval}"
    if experiment["incremental_total"] is not None:
        total = describe_difference(experiment["incremental_total"], unit, currency)
        text += f". Over all that were treated: {total}"
    return text + "."


def describe_difference(difference: float, unit: str | None, currency: str) -> str:
    """
    >>> describe_difference(-3.0, None, "EUR")
    '3.00 less'
    """
    if not difference:
        return "no difference"
    return f"{format_figure(abs(difference), unit, currency)} {'more' if difference >= 0 else 'less'}"


def describe_lift(study: Mapping[str, Any], currency: str) -> str:
    """Difference in the share of yes between exposed and control, in percentage points."""
    if study["absolute_lift"] is None:
        return ""
    points = "percentage points"
    text = describe_difference(100 * study["absolute_lift"], points, currency)
    low, high = (None if study[limit] is None else 100 * study[limit] for limit in ("ci_low", "ci_high"))
    if interval := describe_interval(low, high, points, currency):
        text += f"; with 95 % confidence {interval}"
    return text + "."


def describe_answers(yes: int, answered: int) -> str:
    """
    >>> describe_answers(30, 120)
    '30 of 120 (25.0\\xa0%)'
    """
    share = f" ({format_percent(yes / answered)})" if answered else ""
    return f"{format_count(yes)} of {format_count(answered)}{share}"


def describe_buyers(study: Mapping[str, Any], currency: str) -> str:
    """Difference in the share of buyers, and in net revenue per respondent."""
    if study["buyer_ratio_difference"] is None:
        return ""
    text = describe_lift({**study, "absolute_lift": study["buyer_ratio_difference"]}, currency)
    revenue = study["revenue_per_respondent_difference"]
    if revenue is None:
        return text
    return f"{text} Net revenue per respondent: {describe_difference(revenue, 'reporting currency', currency)}."


def count_statuses(goals: list[dict[str, Any]]) -> str:
    """
    >>> count_statuses([{"status": "met"}, {"status": "behind"}, {"status": "met"}])
    '2 met, 1 behind'
    """
    found = [goal["status"] for goal in goals]
    order = ["met", "on track", "behind", "missed", "unproven", "not started", "undefined"]
    return ", ".join(f"{found.count(status)} {status}" for status in order if status in found)
