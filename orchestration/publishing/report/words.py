"""Sentences of the report: what a status, a difference or an interval means."""

import json
from collections.abc import Mapping
from typing import Any

from orchestration.publishing.report.figures import SPACE, format_count, format_figure, format_number, format_percent

STATUSES = {
    "undefined": "something is still to be defined",
    "not started": "its first day is in the future",
    "on track": "at or ahead of a steady pace",
    "behind": "short of a steady pace",
    "met": "the target is reached",
    "missed": "it has ended and the target was not reached",
    "unproven": "it requires an experiment, and none has shown an effect yet",
    "unknown": "its figure cannot be computed from what was delivered",
}
EVIDENCE = {
    "experiment": "experiments only",
    "tracked": "tracked: codes, referrals, conversions and clicks",
    "said": "tracked, and survey answers of customers",
}

# What an experiment on a KPI would tell; by person, what customers do for whom the programme does something.
QUESTIONS = {
    "net_revenue": "the programme brings revenue",
    "incremental_revenue": "the programme brings revenue",
    "contribution_margin": "the programme brings margin",
    "orders": "the programme brings orders",
    "new_customers": "the programme brings new customers",
    "referred_customers": "customers bring others",
    "brand_lift": "more people know or want the brand",
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
    if experiment["method"] == "newcombe":
        return describe_shares(experiment)
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


def describe_shares(experiment: Mapping[str, Any]) -> str:
    """The effect on outcomes that are 0 or 1: the share of each arm, and the difference in points.

    >>> describe_shares({"control_mean": 0.04, "arm_mean": 0.055, "effect_per_unit": 0.015, "ci_low": 0.002,
    ...     "ci_high": 0.029, "incremental_total": None}).replace(chr(160), " ")
    '4.0 % → 5.5 %, 1.5 points more, with 95 % confidence between 0.20 and 2.9 points more.'
    """
    shares = (format_percent(experiment[name]) for name in ("control_mean", "arm_mean"))
    text = f"{' → '.join(shares)}, {describe_difference(100 * experiment['effect_per_unit'], 'points', '')}"
    low, high = (100 * experiment[name] for name in ("ci_low", "ci_high"))
    text += f", with 95 % confidence {describe_interval(low, high, 'points', '')}"
    total = experiment["incremental_total"]
    if total is not None:
        text += f". Over all that were treated: {format_number(abs(total), 1)} {'more' if total >= 0 else 'less'}"
    return text + "."


def introduce_reason(row: Mapping[str, Any]) -> str:
    """What goes before a reason: it explains a verdict without figures, and limits one that has them."""
    return "Note" if row["verdict"] in ("lift", "loss", "no lift shown") else "Why"


def describe_plan(plan: Mapping[str, Any]) -> str:
    """The experiment that would prove a goal.

    >>> describe_plan({"kpi": "new_customers", "design": "randomised", "units_per_arm": 1850, "days": 28,
    ...     "detectable_relative_lift": 0.1, "is_feasible": True, "reason": "", "units_available": 4000}).replace(
    ...     chr(160), " ")
    'To know whether the programme brings new customers: 2 groups of 1,850 customers, 28 days, detects 10 %.'
    >>> describe_plan({"kpi": "brand_lift", "design": "survey", "units_per_arm": 1200, "days": None,
    ...     "detectable_relative_lift": 0.2, "is_feasible": True, "reason": "", "units_available": 2500}).replace(
    ...     chr(160), " ").partition(": ")[2]
    '1,200 respondents who saw it and as many who did not, detects 20 %. 2,500 answered the last study.'
    """
    what = QUESTIONS.get(plan["kpi"], f"the programme changes {plan['kpi'].replace('_', ' ')}")
    question = f"To know whether {what}"
    lift = plan["detectable_relative_lift"]
    if plan["units_per_arm"] is None or lift is None:
        return f"{question}: no experiment can be planned. {plan['reason'][:1].upper()}{plan['reason'][1:]}."
    size = f"{format_count(plan['units_per_arm'])} "
    detected = format_number(100 * lift, 0 if round(100 * lift, 6).is_integer() else 1)
    if plan["design"] == "survey":
        text = f"{question}: {size}respondents who saw it and as many who did not, detects {detected}{SPACE}%."
        last = f"{format_count(plan['units_available'])} answered the last study."
        return f"{text} {last}" if plan["is_feasible"] else f"{text} That is more than there were: {last}"
    if plan["design"] == "geo":
        units = size + ("region" if plan["units_per_arm"] == 1 else "regions") + f" ({plan['regions']})"
    else:
        units = f"2 groups of {size}customers"
    days = f", {format_count(plan['days'])} days"
    text = f"{question}: {units}{days}, detects {detected}{SPACE}%."
    if plan["is_feasible"]:
        return text
    if plan["design"] == "geo":
        return f"{text} That is not safe: {plan['reason']}."
    return f"{text} That is more than there are: {format_count(plan['units_available'])}."


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
    text += "."
    if study.get("relative_lift") is not None:
        text += f" Relative lift: {format_percent(study['relative_lift'])} of the control's share"
        if study.get("headroom_lift") is not None:
            text += f"; headroom lift: {format_percent(study['headroom_lift'])} of what was left to gain"
        text += "."
    return text


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
    order = ["met", "on track", "behind", "missed", "unproven", "unknown", "not started", "undefined"]
    return ", ".join(f"{found.count(status)} {status}" for status in order if status in found)
