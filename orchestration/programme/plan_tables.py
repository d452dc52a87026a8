"""The plan as Parquet tables that dbt reads, one file a table under raw/plan/."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.programme.atomic import replace_whole
from orchestration.programme.plan import Goal, Objective, Plan
from orchestration.programme.programme import Programme

_AMOUNT = pa.decimal128(18, 4)

TABLES = {
    "settings": {
        "programme": pa.string(),
        "currency": pa.string(),
        "timezone": pa.string(),
        "lookback_days": pa.int32(),
        "attribution_model": pa.string(),
        "as_of": pa.date32(),
        "keep_nights": pa.int32(),
    },
    "exchange_rates": {"currency": pa.string(), "rate": pa.decimal128(18, 8)},
    "excluded_statuses": {"status": pa.string()},
    "evidence_order": {"evidence": pa.string(), "rank": pa.int32()},
    "objectives": {
        "objective_id": pa.string(),
        "statement": pa.string(),
        "owner": pa.string(),
        "position": pa.int32(),
    },
    "goals": {
        "objective_id": pa.string(),
        "goal_id": pa.string(),
        "kpi": pa.string(),
        "target": _AMOUNT,
        "baseline": _AMOUNT,
        "owner": pa.string(),
        "starts_on": pa.date32(),
        "ends_on": pa.date32(),
        "evidence": pa.string(),
        "position": pa.int32(),
    },
    "goal_filters": {"goal_id": pa.string(), "dimension": pa.string(), "value": pa.string()},
    "steps": {
        "objective_id": pa.string(),
        "step_id": pa.string(),
        "statement": pa.string(),
        "owner": pa.string(),
        "due_on": pa.date32(),
        "done_on": pa.date32(),
        "position": pa.int32(),
    },
}


def write_plan_tables(programme: Programme, as_of: date | None = None) -> dict[str, int]:
    """Write every table whole, also when it is empty; gives the rows of each.

    `as_of` is the day that the run answers for: today in the programme's time zone unless given. Positions count
    from 1 in the order of plan.yml (goals over the whole plan, steps within their objective).
    """
    day = as_of or datetime.now(ZoneInfo(programme.plan.timezone)).date()
    tables = _list_rows(programme.plan, day)
    for name, rows in tables.items():
        schema = pa.schema(list(TABLES[name].items()))
        table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)
        with replace_whole(programme.folder.raw / "plan" / f"{name}.parquet") as temporary:
            pq.write_table(table, temporary)
    return {name: len(rows) for name, rows in tables.items()}


def _list_rows(plan: Plan, as_of: date) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of each table, in the order of its columns."""
    goals = [(objective, goal) for objective in plan.objectives for goal in objective.goals]
    rates = {**plan.exchange_rates, plan.currency: Decimal(1)}
    return {
        "settings": [
            (
                plan.programme,
                plan.currency,
                plan.timezone,
                plan.lookback_days,
                plan.attribution_model,
                as_of,
                plan.keep_nights,
            )
        ],
        "exchange_rates": sorted(rates.items()),
        "excluded_statuses": [(status,) for status in plan.excluded_statuses],
        "evidence_order": [(kind, rank) for rank, kind in enumerate(plan.evidence_order, start=1)],
        "objectives": [
            (objective.id, objective.statement, objective.owner, position)
            for position, objective in enumerate(plan.objectives, start=1)
        ],
        "goals": [_list_goal(objective, goal, position) for position, (objective, goal) in enumerate(goals, start=1)],
        "goal_filters": [row for _, goal in goals for row in _list_filters(goal)],
        "steps": [
            (objective.id, step.id, step.statement, step.owner, step.due_on, step.done_on, position)
            for objective in plan.objectives
            for position, step in enumerate(objective.steps, start=1)
        ],
    }


def _list_goal(objective: Objective, goal: Goal, position: int) -> tuple[Any, ...]:
    return (
        objective.id,
        goal.id,
        goal.kpi,
        goal.target,
        goal.baseline,
        goal.owner or objective.owner,
        goal.starts_on,
        goal.ends_on,
        goal.evidence,
        position,
    )


def _list_filters(goal: Goal) -> Iterator[tuple[str, str, str]]:
    if goal.only is None:
        return
    for dimension in ("relationship", "partner", "campaign", "platform"):
        for value in getattr(goal.only, dimension):
            yield goal.id, dimension, value
    if goal.only.new_customers is not None:
        yield goal.id, "new_customers", str(goal.only.new_customers).lower()
