"""`make plan-experiment GOAL=…`: which experiment would prove a goal, by person and by region, or which survey, from
the warehouse as the last run built it.

The answer by region takes minutes. It is kept in published/planned_experiments.json, and the next run publishes it in
goals.experiments_needed. The methods are in dbt_project/methods/; the queries are in planning/.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from orchestration.cli.from_warehouse import print_from_warehouse
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.planned_experiments import (
    FIELDS,
    UnreadablePlannedExperiments,
    write_planned_experiments,
)
from orchestration.programme.repository import DBT_PROJECT
from orchestration.runtime.environment import find_folder
from orchestration.runtime.messages import align
from orchestration.warehouse.database import read_warehouse

QUERIES = Path(__file__).with_name("planning")
NOTHING = "–"


def main() -> int:
    """Prints the plans; returns 1 if there is no such goal, or no warehouse to read."""
    goal_id = os.environ.get("GOAL", "").strip()
    folder = find_folder()
    return print_from_warehouse(folder, plan(folder, goal_id), UnreadablePlannedExperiments)


def plan(folder: ProgrammeFolder, goal_id: str) -> Iterator[str]:
    """Lines on one goal; the answer by region is kept before the last of them. Raises LookupError, with what to do, if
    there is no such goal or it has no KPI."""
    with read_warehouse(folder) as warehouse:
        kpi = find_kpi(warehouse, goal_id)
        [(as_of,)] = warehouse.execute("select as_of from staging.stg_plan__today").fetchall()
        [(measure,)] = ask(warehouse, "measure", kpi=kpi).fetchall()
        outcomes = ask(warehouse, "outcomes", measure=measure).df()
        daily = ask(warehouse, "regions", measure=measure).df()
        studies = ask(warehouse, "studies", goal=goal_id).df().to_dict("records")
    yield f"{goal_id}: which experiment would show an effect on {kpi}, 8 times of 10 where there is one, 95 % sure"
    rows: list[dict[str, Any]] = []
    if studies:
        yield from describe_studies(studies)
    elif measure is None:
        yield f"  {kpi} is not known order by order, or is a ratio, whose effects do not add up: nothing to simulate."
    else:
        sizes = load_method("experiment_planning").plan_randomised(outcomes)
        available = int(outcomes["units_available"].iloc[0]) if len(outcomes) else 0
        yield from ["", f"By person: customers in each of two groups, of {available:,} whom the programme knows"]
        yield from describe_sizes(sizes.to_dict("records"))
        if daily.empty:
            yield from ["", "By region: no order has a region. Map region in the entry that feeds orders."]
        else:
            yield from ["", f"By region: simulating tests on {daily['day'].nunique():,} past days…"]
            found = load_method("geo_planning").plan_geo(daily)
            rows = [{name: make_plain(row.get(name)) for name in FIELDS} for row in found.to_dict("records")]
            rows = [{**row, "design": "geo"} for row in rows]
            yield from describe_regions(rows)
    write_planned_experiments(folder, goal_id, kpi, as_of, rows)
    yield from ["", f"Kept in {folder.planned_experiments_file}; make nightly publishes it (goals.experiments_needed)."]


def find_kpi(warehouse: duckdb.DuckDBPyConnection, goal_id: str) -> str:
    goals = dict(warehouse.execute("select goal_id, kpi from goals.progress order by all").fetchall())
    if goal_id not in goals:
        known = f"The plan has: {', '.join(goals)}" if goals else "The plan has none yet"
        raise LookupError(f"{f'No goal is called {goal_id}.' if goal_id else 'Which goal?'} {known}. Say: GOAL=its id")
    if goals[goal_id] is None:
        raise LookupError(f"{goal_id} has no KPI yet, so nobody knows what to measure: name one in plan.yml")
    return str(goals[goal_id])


def ask(warehouse: duckdb.DuckDBPyConnection, query: str, **parameters: str | None) -> duckdb.DuckDBPyConnection:
    return warehouse.execute((QUERIES / f"{query}.sql").read_text(encoding="utf-8"), parameters)


def load_method(name: str) -> ModuleType:
    """A module of dbt_project/methods, which is no package: dbt finds it by a path of profiles.yml."""
    methods = os.fspath(DBT_PROJECT / "methods")
    if methods not in sys.path:
        sys.path.append(methods)
    return importlib.import_module(name)


def make_plain(value: Any) -> Any:
    """A value for JSON; None for what pandas calls missing."""
    if value is None or value != value or str(value) == "<NA>":
        return None
    return value.item() if hasattr(value, "item") else value


def describe_sizes(sizes: list[dict[str, Any]]) -> Iterator[str]:
    lifts = sorted({row["detectable_relative_lift"] for row in sizes})
    if not lifts:
        yield "  no order says who bought: map customer_id or customer_email in the entry that feeds orders"
        return
    found = {(row["days"], row["detectable_relative_lift"]): make_plain(row["units_per_arm"]) for row in sizes}
    table = [("days", *(f"{lift:.0%} more" for lift in lifts))]
    table += [
        (str(days), *(show(found.get((days, lift)), ",") for lift in lifts))
        for days in sorted({row["days"] for row in sizes})
    ]
    yield from (f"  {line}" for line in align(table, right=set(range(len(lifts) + 1)), is_ruled=True))


def describe_studies(studies: list[dict[str, Any]]) -> Iterator[str]:
    """What the last run planned: a study takes no simulation."""
    yield from ["", "By respondent: in each of two cells, those who saw it and those who did not"]
    table = [("more", "each", "in words")]
    table += [
        (f"{row['detectable_relative_lift']:.0%}", show(make_plain(row["units_per_arm"]), ",.0f"), row["reason"])
        for row in studies
    ]
    yield from (f"  {line}" for line in align(table, right={0, 1}, is_ruled=True))


def describe_regions(rows: list[dict[str, Any]]) -> Iterator[str]:
    table = [("regions", "days", "shows", "false", "which, or why not")]
    table += [
        (
            show(row["units_per_arm"], ","),
            show(row["days"], ","),
            show(row["detectable_relative_lift"], ".1%"),
            show(row["false_positive_ratio"], ".0%"),
            str(row["regions"] if row["is_feasible"] else row["reason"]),
        )
        for row in rows
    ]
    yield from (f"  {line}" for line in align(table, right={0, 1, 2, 3}, is_ruled=True))


def show(value: float | None, form: str) -> str:
    return NOTHING if value is None else format(value, form)


if __name__ == "__main__":
    sys.exit(main())
