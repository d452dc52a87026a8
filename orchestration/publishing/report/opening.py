"""The first screen of the report: what we set out to reach, where we are, what is not proven, in five plain lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.publishing.report.figures import format_count, format_day, format_number, format_percent

Row = dict[str, Any]
NAMED = 3
"""Of many goals the first are named and the others counted."""


def write_opening(
    parts: Mapping[str, Sequence[Row]], objectives: Sequence[Row], currency: str
) -> list[tuple[str, str]]:
    """Up to five lines, each with its title; a line about nothing is left out."""
    goals = parts["goals"]
    lines = [
        ("What we set out to reach", _say_objectives(objectives, goals)),
        ("Where we are", _say_status(goals)),
        ("What came in", _say_results(parts["came_in"], currency)),
        ("What is proven", _say_proof(parts["experiments"], parts["brand_lift"])),
        ("What is not proven or not known", _say_open(goals, parts["undefined"])),
    ]
    return [(title, text) for title, text in lines if text]


def _say_objectives(objectives: Sequence[Row], goals: Sequence[Row]) -> str:
    if not objectives:
        return ""
    statements = " ".join(objective["statement"] or objective["objective_id"] for objective in objectives[:NAMED])
    more = f" And {len(objectives) - NAMED} more objectives." if len(objectives) > NAMED else ""
    ends = [goal["ends_on"] for goal in goals if goal["ends_on"]]
    until = f", the last by {format_day(max(ends))}" if ends else ""
    return f"{statements}{more} ({_count(len(goals), 'goal')}{until}.)"


def _say_status(goals: Sequence[Row]) -> str:
    found = {
        "reached": [goal for goal in goals if goal["status"] == "met"],
        "on track": [goal for goal in goals if goal["status"] == "on track"],
        "behind": [goal for goal in goals if goal["status"] == "behind"],
        "missed": [goal for goal in goals if goal["status"] == "missed"],
        "not started": [goal for goal in goals if goal["status"] == "not started"],
    }
    said = [f"{len(rows)} {status}: {name_goals(rows)}" for status, rows in found.items() if rows]
    return "; ".join(said) + "." if said else ""


def _say_results(evidence: Sequence[Row], currency: str) -> str:
    total = sum(row["net_revenue"] or 0 for row in evidence)
    orders = sum(row["orders"] or 0 for row in evidence)
    if not orders:
        return ""
    text = f"{format_count(orders)} orders, {format_number(total, 0)} {currency} of net revenue"
    shares = {row["evidence"]: row["net_revenue"] / total for row in evidence if total > 0}
    if "tracked" in shares:
        text += f"; {format_percent(shares['tracked'])} of it is tracked to the people who vouch for us"
    if shares.get("untracked"):
        text += f", {format_percent(shares['untracked'])} nobody can trace"
    return text + "."


def _say_proof(experiments: Sequence[Row], brand_lift: Sequence[Row]) -> str:
    tests = [(row["experiment_id"], row["verdict"]) for row in experiments]
    tests += [(f"{row['study_id']} ({row['question'].replace('_', ' ')})", row["verdict"]) for row in brand_lift]
    if not tests:
        return "Nothing yet: no experiment and no brand lift study was delivered."
    lifts = [name for name, verdict in tests if verdict == "lift"]
    show = "shows" if len(lifts) == 1 else "show"
    text = f"{len(lifts)} of {_count(len(tests), 'comparison')} with a control {show} a lift"
    return f"{text}: {name_things(lifts)}." if lifts else f"{text}."


def _say_open(goals: Sequence[Row], undefined: Sequence[Row]) -> str:
    said = [
        f"{goal['goal_id']} is {goal['status']}" + (f": {goal['reason']}" if goal["reason"] else "")
        for goal in goals
        if goal["status"] in ("unproven", "unknown")
    ]
    text = ". ".join(said[:NAMED])
    if len(said) > NAMED:
        text += f". And {len(said) - NAMED} more"
    waiting = [goal for goal in goals if goal["status"] == "undefined"]
    if waiting:
        text += f"{'. ' if text else ''}Still to be defined: {name_goals(waiting)}"
    return text + "." if text else ""


def name_goals(goals: Sequence[Row]) -> str:
    return name_things([goal["goal_id"] for goal in goals])


def name_things(names: Sequence[str]) -> str:
    """
    >>> name_things(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return ", ".join(names)


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
