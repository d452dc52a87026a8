"""The plan as Parquet tables that dbt reads, one file per table in raw/plan/."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.programme.atomic import remove_leftovers, replace_whole
from orchestration.programme.goal_versions import GoalVersion, read_published_goals, update_goal_versions
from orchestration.programme.plan import Plan
from orchestration.programme.planned_experiments import read_planned_experiments
from orchestration.programme.programme import Programme

_TEXT, _INTEGER, _DATE, _AMOUNT = pa.string(), pa.int32(), pa.date32(), pa.decimal128(18, 4)

# The columns of each table, with their types.
TABLES: dict[str, dict[str, pa.DataType]] = {
    "settings": {
        "programme": _TEXT,
        "currency": _TEXT,
        "timezone": _TEXT,
        "lookback_days": _INTEGER,
        "attribution_model": _TEXT,
        "self_purchases": _TEXT,
        "renewals": _TEXT,
        "commission_costs": _TEXT,
        "identity_limit": _INTEGER,
        "markov_repeats": _TEXT,
    },
    "today": {"as_of": _DATE},
    "exchange_rates": {"currency": _TEXT, "rate": pa.decimal128(18, 8)},
    "excluded_statuses": {"status": _TEXT},
    "evidence_order": {"evidence": _TEXT, "rank": _INTEGER},
    "aliases": {"alias": _TEXT, "partner_id": _TEXT},
    "synonyms": {"synonym": _TEXT, "topic": _TEXT},
    "objectives": {"objective_id": _TEXT, "statement": _TEXT, "owner": _TEXT, "position": _INTEGER},
    "goal_versions": {
        "objective_id": _TEXT,
        "goal_id": _TEXT,
        "version": _INTEGER,
        "is_current": pa.bool_(),
        "first_seen_on": _DATE,
        "kpi": _TEXT,
        "target": _AMOUNT,
        "baseline": _AMOUNT,
        "owner": _TEXT,
        "starts_on": _DATE,
        "ends_on": _DATE,
        "evidence": _TEXT,
        "narrowed_to": _TEXT,
        "position": _INTEGER,
    },
    "goal_filters": {"goal_id": _TEXT, "version": _INTEGER, "dimension": _TEXT, "value": _TEXT},
    "steps": {
        "objective_id": _TEXT,
        "step_id": _TEXT,
        "statement": _TEXT,
        "owner": _TEXT,
        "due_on": _DATE,
        "done_on": _DATE,
        "position": _INTEGER,
    },
    "planned_experiments": {
        "goal_id": _TEXT,
        "kpi": _TEXT,
        "asked_on": _DATE,
        "design": _TEXT,
        "detectable_relative_lift": pa.float64(),
        "units_per_arm": pa.int64(),
        "regions": _TEXT,
        "days": pa.int64(),
        "false_positive_ratio": pa.float64(),
        "is_feasible": pa.bool_(),
        "reason": _TEXT,
    },
}


def write_plan_tables(programme: Programme, as_of: date | None = None) -> dict[str, int]:
    """Write every table, also if it is empty; returns the number of rows of each.

    `as_of` is the day for which the run reports: today in the programme's time zone unless given. Positions count from
    1 in the order of plan.yml: goals across the whole plan, steps within their objective.
    """
    day = as_of or datetime.now(ZoneInfo(programme.plan.timezone)).date()
    known = read_published_goals(programme.folder.published_marts)
    tables = _list_rows(programme.plan, update_goal_versions(programme.plan, known, day), day)
    planned = read_planned_experiments(programme.folder)
    tables["planned_experiments"] = [tuple(row[name] for name in TABLES["planned_experiments"]) for row in planned]
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
        "settings": [tuple(getattr(plan, name) for name in TABLES["settings"])],
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
    """Owner and position are today's: they are no part of a goal's definition."""
    goals = {goal.id: (objective, goal) for objective in plan.objectives for goal in objective.goals}
    positions = {goal_id: position for position, goal_id in enumerate(goals, start=1)}
    for version in versions:
        planned = goals.get(version.goal_id)
        row = {
            **{name: getattr(version, name) for name in TABLES["goal_versions"] if hasattr(version, name)},
            "target": _to_decimal(version.target),
            "baseline": _to_decimal(version.baseline),
            "owner": (planned[1].owner or planned[0].owner) if planned else None,
            "position": positions.get(version.goal_id),
        }
        yield tuple(row[name] for name in TABLES["goal_versions"])


def _to_decimal(amount: Decimal | float | None) -> Decimal | None:
    """Published amounts are floating point; the plan's have at most four decimals."""
    return None if amount is None else round(Decimal(str(amount)), 4)
