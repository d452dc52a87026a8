"""The plan as Parquet tables that dbt reads, one file a table under raw/plan/."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.programme.atomic import remove_leftovers, replace_whole
from orchestration.programme.goal_versions import GoalVersion, list_versions, read_published_versions
from orchestration.programme.plan import Plan
from orchestration.programme.programme import Programme

_AMOUNT = pa.decimal128(18, 4)

TABLES = {
    "settings": {
        "programme": pa.string(),
        "currency": pa.string(),
        "timezone": pa.string(),
        "lookback_days": pa.int32(),
        "attribution_model": pa.string(),
    },
    "today": {"as_of": pa.date32()},
    "exchange_rates": {"currency": pa.string(), "rate": pa.decimal128(18, 8)},
    "excluded_statuses": {"status": pa.string()},
    "evidence_order": {"evidence": pa.string(), "rank": pa.int32()},
    "aliases": {"alias": pa.string(), "partner_id": pa.string()},
    "synonyms": {"synonym": pa.string(), "topic": pa.string()},
    "objectives": {
        "objective_id": pa.string(),
        "statement": pa.string(),
        "owner": pa.string(),
        "position": pa.int32(),
    },
    "goal_versions": {
        "objective_id": pa.string(),
        "goal_id": pa.string(),
        "version": pa.int32(),
        "is_current": pa.bool_(),
        "first_seen_on": pa.date32(),
        "kpi": pa.string(),
        "target": _AMOUNT,
        "baseline": _AMOUNT,
        "owner": pa.string(),
        "starts_on": pa.date32(),
        "ends_on": pa.date32(),
        "evidence": pa.string(),
        "narrowed_to": pa.string(),
        "position": pa.int32(),
    },
    "goal_filters": {
        "goal_id": pa.string(),
        "version": pa.int32(),
        "dimension": pa.string(),
        "value": pa.string(),
    },
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
    known = read_published_versions(programme.folder.published_marts)
    tables = _list_rows(programme.plan, list_versions(programme.plan, known, day), day)
    remove_leftovers(programme.folder.raw / "plan")
    for name, rows in tables.items():
        schema = pa.schema(list(TABLES[name].items()))
        table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)
        with replace_whole(programme.folder.raw / "plan" / f"{name}.parquet") as temporary:
            pq.write_table(table, temporary)
    return {name: len(rows) for name, rows in tables.items()}


def _list_rows(plan: Plan, versions: list[GoalVersion], as_of: date) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of each table, in the order of its columns."""
    rates = {**plan.exchange_rates, plan.currency: Decimal(1)}
    return {
        "settings": [
            (
                plan.programme,
                plan.currency,
                plan.timezone,
                plan.lookback_days,
                plan.attribution_model,
            )
        ],
        "today": [(as_of,)],
        "exchange_rates": sorted(rates.items()),
        "excluded_statuses": [(status,) for status in plan.excluded_statuses],
        "evidence_order": [(kind, rank) for rank, kind in enumerate(plan.evidence_order, start=1)],
        "aliases": list(plan.aliases.items()),
        "synonyms": list(plan.synonyms.items()),
        "objectives": [
            (objective.id, objective.statement, objective.owner, position)
            for position, objective in enumerate(plan.objectives, start=1)
        ],
        "goal_versions": list(_list_goal_versions(plan, versions)),
        "goal_filters": [
            (version.goal_id, version.version, dimension, value)
            for version in versions
            for dimension, value in version.filters
        ],
        "steps": [
            (objective.id, step.id, step.statement, step.owner, step.due_on, step.done_on, position)
            for objective in plan.objectives
            for position, step in enumerate(objective.steps, start=1)
        ],
    }


def _list_goal_versions(plan: Plan, versions: list[GoalVersion]) -> Iterator[tuple[Any, ...]]:
    """Owner and position are those of now: they do not make a goal another one."""
    goals = {goal.id: (objective, goal) for objective in plan.objectives for goal in objective.goals}
    positions = {goal_id: position for position, goal_id in enumerate(goals, start=1)}
    for version in versions:
        objective, goal = goals.get(version.goal_id, (None, None))
        yield (
            version.objective_id,
            version.goal_id,
            version.version,
            version.is_current,
            version.first_seen_on,
            version.kpi,
            _to_decimal(version.target),
            _to_decimal(version.baseline),
            (goal.owner or objective.owner) if goal else None,
            version.starts_on,
            version.ends_on,
            version.evidence,
            version.narrowed_to,
            positions.get(version.goal_id),
        )


def _to_decimal(amount: Decimal | float | None) -> Decimal | None:
    """Published amounts are floating point; the plan has at most four places."""
    return None if amount is None else round(Decimal(str(amount)), 4)
