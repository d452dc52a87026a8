"""A figure that cannot be computed is unknown: never 0, and the goal says what is missing and where to put it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pytest

from tests.warehouse.bare import CompiledProject, Warehouse, build, build_model, find_upstream
from tests.warehouse.programmes import Extracts, deliver, start_programme

PLAN = """\
programme: Unknown
currency: EUR
timezone: Europe/Brussels
attribution_model: last_touch
objectives:
  - id: all
    statement: Every KPI.
    owner: jo
    goals:
"""
DAYS = "starts_on: 2026-03-01, ends_on: 2026-03-31"
RESULTS = (
    "net_revenue", "orders", "new_customers", "referred_customers", "contribution_margin", "return_on_cost", "roas",
    "cost_per_new_customer", "average_order_value", "repeat_customer_ratio", "ltv_180", "leads", "signups", "installs",
    "k_factor", "commitments_kept_ratio", "median_answer_hours",
)  # fmt: skip
PROVEN = ("brand_lift", "incremental_revenue")
LESS_IS_BETTER = ("cost_per_new_customer", "median_answer_hours")

# Everything there is: ada is new with 40.00 on 2 March and came in September for 180 days with 60.00 (old). One order more.
COMPLETE: Extracts = {
    "partners": [{"partner_id": "mira", "relationship": "employee"}],
    "codes": [{"code": "MIRA", "partner_id": "mira"}],
    "orders": [
        {"order_id": "1", "customer_id": "old", "ordered_at": "2025-09-10", "net": "60.00", "cost_of_goods": "20.00", "discount_codes": "MIRA"},
        {"order_id": "2", "customer_id": "ada", "ordered_at": "2026-03-02", "net": "40.00", "cost_of_goods": "10.00", "discount_codes": "MIRA"},
        {"order_id": "3", "customer_id": "old", "ordered_at": "2026-03-09", "net": "20.00", "cost_of_goods": "10.00", "discount_codes": "MIRA"},
    ],
    "costs": [{"cost_id": "c", "paid_on": "2026-03-03", "partner_id": "mira", "amount": "10.00"}],
    "conversions": [
        {"conversion_id": "1", "converted_at": "2026-03-03", "partner_id": "mira", "kind": "lead"},
        {"conversion_id": "2", "converted_at": "2026-03-03", "partner_id": "mira", "kind": "signup"},
        {"conversion_id": "3", "converted_at": "2026-03-03", "partner_id": "mira", "kind": "install"},
    ],
    "referrals": [{"referral_id": "1", "referrer_id": "mira", "invited_at": "2026-03-02", "referred_customer_id": "dee", "registered_at": "2026-03-03", "is_registered": "true"}],
    "commitments": [{"commitment_id": "1", "partner_id": "mira", "made_on": "2026-02-01", "due_on": "2026-03-04", "kept_on": "2026-03-04"}],
    "requests": [{"request_id": "1", "partner_id": "mira", "asked_at": "2026-03-02 10:00:00", "answered_at": "2026-03-02 12:00:00"}],
}  # fmt: skip
# By hand. k_factor: mira, old, ada and dee are 4 people, 1 registered. Margin: 40 + 20 - 10 - 10 - 10 paid.
KNOWN = {
    "net_revenue": 60, "orders": 2, "new_customers": 1, "referred_customers": 0, "contribution_margin": 30,
    "return_on_cost": 3, "roas": 6, "cost_per_new_customer": 10, "average_order_value": 30, "repeat_customer_ratio": 0.5,
    "ltv_180": 60, "leads": 1, "signups": 1, "installs": 1, "k_factor": 0.25, "commitments_kept_ratio": 1,
    "median_answer_hours": 2,
}  # fmt: skip
OF_ORDERS = set(RESULTS[:11])


@dataclass(frozen=True)
class Case:
    """What is missing: whole extracts, or columns whose cells are empty; the KPIs that are unknown then, and what a
    reason says."""

    said: str
    unknown: set[str]
    extracts: tuple[str, ...] = ()
    cells: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


NEW = {"new_customers", "referred_customers", "cost_per_new_customer", "repeat_customer_ratio", "ltv_180"}
MARGIN = {"contribution_margin", "return_on_cost"}
COST = {"return_on_cost", "roas", "cost_per_new_customer"}
CASES = {
    "nothing at all": Case("", set(RESULTS), tuple(COMPLETE)),
    "no orders": Case("feeds orders", OF_ORDERS, ("orders",)),
    "only old orders": Case("the newest order is of 2025-09-10", OF_ORDERS - {"ltv_180"}, rows={"orders": 1}),
    "nobody says who brought an order": Case(
        "who brought an order",
        OF_ORDERS | {"leads", "signups", "installs", "k_factor"},
        ("codes", "conversions", "referrals"),
    ),
    "orders without customers": Case("map customer_id", NEW, cells={"orders": ("customer_id",)}),
    "orders without cost of goods": Case("cost_of_goods", MARGIN, cells={"orders": ("cost_of_goods",)}),
    "no costs": Case("feeds costs", COST, ("costs",)),
    "a cost of 0": Case("divided by 0", {"return_on_cost", "roas"}, cells={"costs": ("amount",)}),
    "no conversions": Case("the kind", {"leads", "signups", "installs"}, ("conversions",)),
    "only leads": Case("the kind", {"signups", "installs"}, rows={"conversions": 1}),
    "no referrals": Case("feeds referrals", {"k_factor", "referred_customers"}, ("referrals",)),
    "referrals without dates": Case(
        "has a date: map registered_at", {"k_factor"}, cells={"referrals": ("invited_at", "registered_at")}
    ),
    "no commitments": Case("feeds commitments", {"commitments_kept_ratio"}, ("commitments",)),
    "commitments without a day": Case("due_on", {"commitments_kept_ratio"}, cells={"commitments": ("due_on",)}),
    "no requests": Case("feeds requests", {"median_answer_hours"}, ("requests",)),
    "requests without an answer": Case("finished", {"median_answer_hours"}, cells={"requests": ("answered_at",)}),
}


def take_away(case: Case, marts: duckdb.DuckDBPyConnection) -> set[str]:
    """Takes it from the canonical extracts; returns the models that were changed."""
    changed = {f"int_{extract}_latest" for extract in (*case.extracts, *case.cells, *case.rows)}
    for model in changed:
        marts.execute(f"create or replace table intermediate.{model} as from kept.{model}")
    for extract in case.extracts:
        marts.execute(f"delete from intermediate.int_{extract}_latest")
    for extract, columns in case.cells.items():
        cells = ", ".join(f"{column} = {'0' if column == 'amount' else 'null'}" for column in columns)
        marts.execute(f"update intermediate.int_{extract}_latest set {cells}")
    for extract, rows in case.rows.items():
        marts.execute(f"delete from intermediate.int_{extract}_latest where _row > {rows}")
    return changed


def rebuild(project: CompiledProject, marts: duckdb.DuckDBPyConnection, changed: set[str]) -> None:
    """Whatever goals read that is made from these models."""
    needed = find_upstream(project, {"goals__progress", "goals__history"})
    stale = {key for key, node in project.nodes.items() if node["name"] in changed}
    for node in project.models:
        is_made_from_them = bool(set(node["depends_on"].get("nodes", ())) & stale)
        # What was changed stays as it is, also where it is made from another that was.
        if is_made_from_them and node["unique_id"] in needed and node["name"] not in changed:
            stale.add(node["unique_id"])
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            marts.execute(f'drop {kind} "{node["schema"]}"."{node["alias"]}"')
            build_model(marts, node)


def write_plan(kpis: tuple[str, ...], more: str = "") -> str:
    def describe(kpi: str) -> str:
        target, baseline = (1, 99) if kpi in LESS_IS_BETTER else (99, 1)
        return f"      - {{id: {kpi}, kpi: {kpi}, target: {target}, baseline: {baseline}, {DAYS}, evidence: said}}\n"

    return PLAN + "".join(map(describe, kpis)) + more


def build_programme(project: CompiledProject, folder, extracts: Extracts, plan: str) -> Warehouse:
    programme = start_programme(folder, plan, extracts)
    for extract, rows in extracts.items():
        deliver(programme, extract, rows)
    return build(project, programme, date(2026, 3, 15))


def read_goals(marts: duckdb.DuckDBPyConnection) -> dict[str, tuple]:
    """Actual, status and reason of the goals that need no experiment."""
    found = marts.execute("select goal_id, actual, status, reason from goals.progress").fetchall()
    return {goal: (actual, status, reason) for goal, actual, status, reason in found if goal not in PROVEN}


def test_every_result_is_in_the_table(project: CompiledProject):
    kpis = duckdb.sql(
        "select kpi from 'dbt_project/seeds/kpis.csv' where family in ('result', 'relationship')"
    ).fetchall()
    assert {kpi for (kpi,) in kpis} == {*RESULTS, *PROVEN}


@pytest.fixture(scope="module")
def complete(project: CompiledProject, folders: Iterator) -> Iterator[Warehouse]:
    with build_programme(project, next(folders), COMPLETE, write_plan((*RESULTS, *PROVEN))) as marts:
        marts.execute("create schema kept")
        for extract in COMPLETE:
            marts.execute(f"create table kept.int_{extract}_latest as from intermediate.int_{extract}_latest")
        yield marts


def test_with_everything_delivered_every_figure_is_known(complete: duckdb.DuckDBPyConnection):
    goals = read_goals(complete)
    assert {goal: actual for goal, (actual, _, _) in goals.items()} == pytest.approx(KNOWN)
    assert {status for _, status, _ in goals.values()} <= {"on track", "behind", "met"}
    assert {reason for _, _, reason in goals.values()} == {None}


def test_what_only_a_comparison_shows_is_unproven_without_one_and_not_0(complete: duckdb.DuckDBPyConnection):
    found = complete.execute("select goal_id, actual, status, reason from goals.progress").fetchall()
    proven = {goal: rest for goal, *rest in found if goal in PROVEN}
    assert {tuple(rest[:2]) for rest in proven.values()} == {(None, "unproven")}
    assert "entries that feed brand_lift_answers" in proven["brand_lift"][2]
    assert "no experiment on net_revenue was delivered" in proven["incremental_revenue"][2]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_missing_makes_its_figures_unknown_and_no_other(
    case: Case, project: CompiledProject, complete: Warehouse
):
    complete.build()
    # What the case before took away comes back with this rebuild.
    complete.execute("create table if not exists kept.changed (model text)")
    before = {model for (model,) in complete.execute("from kept.changed").fetchall()}
    for model in before:
        complete.execute(f"create or replace table intermediate.{model} as from kept.{model}")
    changed = take_away(case, complete)
    complete.execute("create or replace table kept.changed as select unnest(?::text[]) as model", [sorted(changed)])
    rebuild(project, complete, before | changed)
    goals = read_goals(complete)
    history = complete.execute("select goal_id from goals.history where actual is not null").fetchall()
    assert {goal for goal, (_, status, _) in goals.items() if status == "unknown"} == case.unknown
    assert {goal for goal, (actual, _, _) in goals.items() if actual is None} == case.unknown
    assert {goal for goal, (_, _, reason) in goals.items() if reason is not None} == case.unknown
    assert any(case.said in goals[kpi][2] for kpi in case.unknown)
    assert not {goal for (goal,) in history} & case.unknown
