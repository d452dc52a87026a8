"""How goals were defined, night by night: a goal that is changed gets a new version and keeps the old ones.

The memory is what was published last (goals.definitions): it outlives the warehouse, and a night that was not published
has shown nobody anything.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.programme.plan import Goal, Objective, Plan
from orchestration.programme.published import open_published


class UnreadableMemory(Exception):
    """What was published last cannot be read; the message names the file and says what to do."""


@dataclass(frozen=True)
class GoalVersion:
    """A goal as it was defined from `first_seen_on` on; `narrowed_to` is JSON: dimension to list of values.

    `unknown` are fields that an older version of this project did not publish: nobody can say that they changed.
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

    def learn_from(self, other: "GoalVersion") -> "GoalVersion":
        """The same, with what is unknown as it is there."""
        return replace(self, **{name: getattr(other, name) for name in self.unknown}, unknown=frozenset())

    @property
    def definition(self) -> tuple:
        """What makes it another goal if it is changed."""
        numbers = tuple(None if number is None else float(number) for number in (self.target, self.baseline))
        return (self.kpi, *numbers, self.starts_on, self.ends_on, self.evidence, self.narrowed_to)

    @property
    def filters(self) -> Iterator[tuple[str, str]]:
        for dimension, values in json.loads(self.narrowed_to or "{}").items():
            for value in values:
                yield dimension, value


MEMORY = tuple(name for name in GoalVersion.__dataclass_fields__ if name not in ("is_current", "unknown"))


def read_published_versions(marts: Path) -> list[GoalVersion]:
    """The versions that the last published night knew; none if there is none yet, or it is older than this table.

    Raises UnreadableMemory if the file is there and cannot be read.
    """
    if not marts.exists():
        return []
    columns = "select column_name from duckdb_columns() where schema_name || '.' || table_name = 'goals.definitions'"
    try:
        with open_published(marts) as connection:
            published = {name for (name,) in connection.execute(columns).fetchall()}
            if not published:
                return []
            known = [name for name in MEMORY if name in published]
            rows = connection.execute(f"select {', '.join(known)} from goals.definitions order by all").fetchall()
    except duckdb.Error as error:
        raise UnreadableMemory(
            f"{marts} cannot be read, and it remembers how goals were defined before ({error}). Put the newest"
            f" {marts.parent}/nights/*/{marts.name} in its place, or delete it: then the goals' history starts anew"
        ) from None  # a failed night tells the innermost cause, and this one says what to do
    nothing = dict.fromkeys(MEMORY)
    unknown = frozenset(MEMORY) - frozenset(known)
    return [GoalVersion(**{**nothing, **dict(zip(known, row, strict=True))}, unknown=unknown) for row in rows]


def list_versions(plan: Plan, known: Iterable[GoalVersion], as_of: date) -> list[GoalVersion]:
    """Every known version, and a new one for each goal of the plan that is new or defined otherwise than before.

    A run that answers for a day before a change that is known already dates its own change no earlier than that.
    """
    by_goal: dict[str, list[GoalVersion]] = {}
    for version in sorted(known, key=lambda version: version.version):
        by_goal.setdefault(version.goal_id, []).append(version)
    for objective in plan.objectives:
        for goal in objective.goals:
            versions = by_goal.setdefault(goal.id, [])
            number = versions[-1].version + 1 if versions else 1
            seen_on = max(as_of, versions[-1].first_seen_on) if versions else as_of
            defined = describe_goal(objective, goal, number, seen_on)
            if versions:
                versions[-1] = versions[-1].learn_from(defined)
            if not versions or versions[-1].definition != defined.definition:
                versions.append(defined)
            # Amounts of the plan are exact, those that were published are not.
            versions[-1] = replace(
                versions[-1],
                objective_id=objective.id,
                target=goal.target,
                baseline=goal.baseline,
                is_current=True,
            )
    found = [version for versions in by_goal.values() for version in versions]
    # In an order that does not depend on whether the goal was published before.
    return sorted(found, key=lambda version: (version.goal_id, version.version))


def describe_goal(objective: Objective, goal: Goal, version: int, first_seen_on: date) -> GoalVersion:
    narrowed_to = goal.only.list_values() if goal.only else {}
    return GoalVersion(
        objective_id=objective.id,
        goal_id=goal.id,
        version=version,
        first_seen_on=first_seen_on,
        kpi=goal.kpi,
        target=goal.target,
        baseline=goal.baseline,
        starts_on=goal.starts_on,
        ends_on=goal.ends_on,
        evidence=goal.evidence,
        narrowed_to=json.dumps(narrowed_to, ensure_ascii=False) if narrowed_to else None,
    )
