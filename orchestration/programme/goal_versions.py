"""Versions of goals: a goal whose definition changes gets a new version and keeps the earlier ones.

The history is the table goals.definitions of the last published version: it is kept when the warehouse is deleted, and
a run that published nothing leaves no trace in it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.plan import Goal, Objective, Plan
from orchestration.programme.published import open_published


class UnreadableGoalHistory(Exception):
    """The last published marts cannot be read; the message names the file and what to do."""


@dataclass(frozen=True)
class GoalVersion:
    """A goal as it was defined from `first_seen_on` on; `narrowed_to` is JSON: dimension to list of values.

    `unknown` are fields that an older release did not publish, so a change of them cannot be detected.
    """

    objective_id: str
    goal_id: str
    version: int
    first_seen_on: date
    kpi: str | None
    target: Decimal | None
    baseline: Decimal | None
    starts_on: date | None
    ends_on: date | None
    evidence: str | None
    narrowed_to: str | None
    is_current: bool = False
    unknown: frozenset[str] = frozenset()

    def fill_unknown(self, other: "GoalVersion") -> "GoalVersion":
        """The same version, with unknown fields copied from `other`."""
        return replace(self, **{name: getattr(other, name) for name in self.unknown}, unknown=frozenset())

    @property
    def definition(self) -> tuple[Any, ...]:
        """The values that define the goal: another definition is another version."""
        numbers = tuple(None if number is None else float(number) for number in (self.target, self.baseline))
        return (self.kpi, *numbers, self.starts_on, self.ends_on, self.evidence, self.narrowed_to)

    @property
    def filters(self) -> Iterator[tuple[str, str]]:
        """Pairs of dimension and value."""
        for dimension, values in json.loads(self.narrowed_to or "{}").items():
            for value in values:
                yield dimension, value


HISTORY_FIELDS = tuple(name for name in GoalVersion.__dataclass_fields__ if name not in ("is_current", "unknown"))


def read_published_goals(marts: Path) -> list[GoalVersion]:
    """The goal versions of the last published marts; none if there are no marts, or none with goals.definitions.

    Raises UnreadableGoalHistory if the file exists and cannot be read.
    """
    if not marts.exists():
        return []
    columns = "select column_name from duckdb_columns() where schema_name || '.' || table_name = 'goals.definitions'"
    try:
        with open_published(marts) as connection:
            published = {name for (name,) in connection.execute(columns).fetchall()}
            if not published:
                return []
            known = [name for name in HISTORY_FIELDS if name in published]
            rows = connection.execute(f"select {', '.join(known)} from goals.definitions order by all").fetchall()
    except duckdb.Error as error:
        raise UnreadableGoalHistory(
            f"{marts} cannot be read, and it holds the history of the goals' definitions ({error}). Copy the newest"
            f" {marts.parent}/versions/*/{marts.name} to its place, or delete it: then the history starts again"
        ) from None  # A failed run shows the innermost cause, and this message says what to do.
    empty: dict[str, Any] = dict.fromkeys(HISTORY_FIELDS)
    unknown = frozenset(HISTORY_FIELDS) - frozenset(known)
    return [GoalVersion(**{**empty, **dict(zip(known, row, strict=True))}, unknown=unknown) for row in rows]


def update_goal_versions(plan: Plan, known: Iterable[GoalVersion], as_of: date) -> list[GoalVersion]:
    """The known versions, and a new one for each goal of the plan that is new or has another definition.

    A run for a day before the last known change dates its own change no earlier than that one.
    """
    by_goal: dict[str, list[GoalVersion]] = {}
    for version in sorted(known, key=lambda version: version.version):
        by_goal.setdefault(version.goal_id, []).append(version)
    for objective in plan.objectives:
        for goal in objective.goals:
            versions = by_goal.setdefault(goal.id, [])
            number = versions[-1].version + 1 if versions else 1
            seen_on = max(as_of, versions[-1].first_seen_on) if versions else as_of
            defined = define_goal(objective, goal, number, seen_on)
            if versions:
                versions[-1] = versions[-1].fill_unknown(defined)
            if not versions or versions[-1].definition != defined.definition:
                versions.append(defined)
            # The plan's amounts are exact, published ones are floating point.
            versions[-1] = replace(
                versions[-1], objective_id=objective.id, is_current=True, target=goal.target, baseline=goal.baseline
            )
    found = [version for versions in by_goal.values() for version in versions]
    # In an order that does not depend on whether the goal was published before.
    return sorted(found, key=lambda version: (version.goal_id, version.version))


def define_goal(objective: Objective, goal: Goal, version: int, first_seen_on: date) -> GoalVersion:
    """A goal of the plan as a version."""
    narrowed_to = goal.only.list_values() if goal.only else {}
    return GoalVersion(
        *(objective.id, goal.id, version, first_seen_on),
        **{name: getattr(goal, name) for name in ("kpi", "target", "baseline", "starts_on", "ends_on", "evidence")},
        narrowed_to=json.dumps(narrowed_to, ensure_ascii=False) if narrowed_to else None,
    )
