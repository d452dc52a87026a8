"""The exposures name precisely the marts that the report, the workbook and the dashboards read."""

import json
import re

import pytest
import sqlglot
import yaml
from sqlglot import exp

from orchestration.programme.repository import DBT_PROJECT
from orchestration.publishing.marts import SCHEMAS
from orchestration.publishing.report.parts import QUERIES
from orchestration.publishing.report.workbook import SHEETS
from tests.conftest import REPOSITORY

ASSETS = REPOSITORY / "bi" / "superset" / "assets"


def list_marts(query: str) -> set[str]:
    """Published tables that a query reads, as schema.name."""
    tables = sqlglot.parse_one(query, read="duckdb").find_all(exp.Table)
    return {f"{table.db}.{table.name}" for table in tables if table.db in SCHEMAS}


def read_assets(kind: str) -> list[dict]:
    return [yaml.safe_load(file.read_text()) for file in sorted((ASSETS / kind).glob("*.yaml"))]


def read_documented_columns(dataset: dict) -> set[str]:
    schema, table = dataset["schema"], dataset["table_name"]
    [model] = yaml.safe_load((DBT_PROJECT / "models" / "marts" / schema / f"{schema}__{table}.yml").read_text())[
        "models"
    ]
    return {column["name"] for column in model["columns"]}


def list_marts_of_dashboard(slug: str) -> set[str]:
    datasets = {}
    for file in (ASSETS / "datasets").glob("*.yaml"):
        dataset = yaml.safe_load(file.read_text())
        datasets[dataset["uuid"]] = f"{dataset['schema']}.{dataset['table_name']}"
    charts = [yaml.safe_load(file.read_text()) for file in (ASSETS / "charts").glob("*.yaml")]
    read_by = {chart["uuid"]: datasets[chart["dataset_uuid"]] for chart in charts}
    position = yaml.safe_load((ASSETS / "dashboards" / f"{slug}.yaml").read_text())["position"]
    places = [place for place in position.values() if isinstance(place, dict) and place["type"] == "CHART"]
    assert places
    return {read_by[place["meta"]["uuid"]] for place in places}


READ = {
    "report": lambda: set().union(*(list_marts(file.read_text()) for file in QUERIES.glob("*.sql"))),
    "workbook": lambda: set().union(*map(list_marts, SHEETS.values())),
    "dashboard_of_goals_and_results": lambda: list_marts_of_dashboard("goals-and-results"),
    "dashboard_of_partners_and_customers": lambda: list_marts_of_dashboard("partners-and-customers"),
    "dashboard_of_reach": lambda: list_marts_of_dashboard("reach"),
}


# Every mart is on a dashboard, or here with the reason why not.
NOT_ON_A_DASHBOARD = {
    "goals.definitions": "versions of goals; progress says what was changed while a goal ran",
    "goals.history": "goals.progress has the newest day; the report draws the others",
    "goals.kpis": "a dictionary, not figures",
    "reach.partners": "reach.posts by partner; Superset takes the name `partners` once",
    "reach.relevance": "for choosing partners, row by row",
    "relationships.advocates": "one row per person: a list to work through, in the workbook",
    "relationships.commitments": "counted in relationships.partners",
    "relationships.requests": "counted in relationships.partners",
    "relationships.undisclosed": "posts to be mended one by one",
    "results.actions": "leads, signups and installs are goals of few programmes; in the semantic layer",
    "results.credits": "one row per touch; summed in the marts of partners, campaigns and relationships",
    "results.daily": "summed by month in the marts of partners, campaigns and relationships",
    "results.exclusions": "orders that are no sales; the summary of the run tells them",
    "results.incrementality_daily": "days behind the verdicts of results.incrementality",
    "results.orders": "one row per order; summed in results.evidence",
    "results.partners": "results.partners_all_time has the partners; Superset takes the name `partners` once",
    "results.referral_daily": "summed by month in results.referral_totals",
    "results.referrals": "one row per referrer; summed in results.referral_totals",
    "results.self_purchases": "orders that credit nobody, to be looked at one by one",
    "results.self_referrals": "invitations to be looked at one by one",
}
# What is no sum: shares, ratios, means, limits, and counts of people who are in several rows.
NEVER_SUMMED = re.compile(
    r"share|removal_effect|roas|return_on_cost|average_order_value|people|active_customers|payback_month|touches|days|p_value"
    r"|ci_low|ci_high|units_available|units_per_arm|attainment|k_factor|.*_(ratio|lift|mean|rate|conversion)|.*_per_.*"
)


def find_wrong_sums(expression: str) -> list[str]:
    """Sums of a column that cannot be added up; a product with how many rows it is the mean of can."""
    sums = sqlglot.parse_one(expression, read="duckdb").find_all(exp.Sum)
    return [
        found.sql()
        for found in sums
        if not found.find(exp.Mul) and any(NEVER_SUMMED.fullmatch(column.name) for column in found.find_all(exp.Column))
    ]


@pytest.fixture(scope="module")
def exposures() -> dict[str, dict]:
    manifest = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())
    return {exposure["name"]: exposure for exposure in manifest["exposures"].values()}


def test_every_exposure_is_compared_below(exposures: dict[str, dict]):
    assert set(exposures) == set(READ)
    assert all(exposure["owner"]["email"] and exposure["description"] for exposure in exposures.values())


@pytest.mark.parametrize("name", READ)
def test_an_exposure_names_precisely_the_marts_that_are_read(name: str, exposures: dict[str, dict]):
    exposure = exposures[name]
    named = {node.split(".")[-1].replace("__", ".") for node in exposure["depends_on"]["nodes"]}
    # dbt lets nothing refer to reach, so its marts are named in meta.
    named_of_reach = set(exposure["config"]["meta"].get("reads_of_reach", []))
    assert named | named_of_reach == READ[name]()
    assert all(mart.startswith("reach.") for mart in named_of_reach)


def test_every_dataset_has_a_unique_table_name_and_every_chart_its_numbers():
    """Superset's SQLite refuses a second table of the same name; bi/superset/prove.py compares what has numbers."""
    names = [yaml.safe_load(file.read_text())["table_name"] for file in (ASSETS / "datasets").glob("*.yaml")]
    assert len(names) == len(set(names))
    numbers = {file.stem for file in (ASSETS.parent / "numbers").glob("*.sql")}
    assert {file.stem for file in (ASSETS / "charts").glob("*.yaml")} == numbers


def test_every_mart_is_on_a_dashboard_or_has_a_reason_not_to_be():
    models = (DBT_PROJECT / "models" / "marts").glob("*/*.sql")
    shown = set().union(*(list_marts_of_dashboard(file.stem) for file in (ASSETS / "dashboards").glob("*.yaml")))
    assert not shown & NOT_ON_A_DASHBOARD.keys()
    assert {model.stem.replace("__", ".") for model in models} == shown | NOT_ON_A_DASHBOARD.keys()


def test_every_dataset_and_every_chart_is_on_a_dashboard():
    charts = {chart["uuid"]: chart["dataset_uuid"] for chart in read_assets("charts")}
    placed = {
        place["meta"]["uuid"]
        for dashboard in read_assets("dashboards")
        for place in dashboard["position"].values()
        if isinstance(place, dict) and place["type"] == "CHART"
    }
    assert placed == charts.keys()
    assert {dataset["uuid"] for dataset in read_assets("datasets")} == set(charts.values())


@pytest.mark.parametrize("dataset", read_assets("datasets"), ids=lambda dataset: dataset["table_name"])
def test_no_dataset_offers_the_sum_of_what_cannot_be_added_up(dataset: dict):
    """Shares and people by month do not add up; credits and cohorts do only within one model or one level, which the
    metric itself asks for. A weighted mean may sum a product."""
    columns = read_documented_columns(dataset)
    for metric in dataset["metrics"]:
        expression = metric["expression"]
        assert not find_wrong_sums(expression)
        for one in {"attribution_model", "level"} & columns:
            assert f"count(distinct {one}) > 1" in expression, (metric["metric_name"], one)
        names = {column.name for column in sqlglot.parse_one(expression, read="duckdb").find_all(exp.Column)}
        if {"customers", "months_since"} <= columns and "customers" in names:
            assert "months_since = 0" in expression or "count(distinct months_since) > 1" in expression


def test_a_sum_of_what_cannot_be_added_up_is_found():
    found = find_wrong_sums("case when true then SUM(roas) / 2 end + sum(removal_effect)")
    assert sorted(found) == ["SUM(removal_effect)", "SUM(roas)"]
    assert find_wrong_sums("sum(case when a then cumulative_net_revenue_per_customer end)")
    assert not find_wrong_sums(
        "sum(customers * cumulative_net_revenue_per_customer) / sum(customers) + sum(days * orders)"
    )


def test_no_dashboard_shows_reach_beside_a_result():
    for file in (ASSETS / "dashboards").glob("*.yaml"):
        schemas = {mart.split(".")[0] for mart in list_marts_of_dashboard(file.stem)}
        assert schemas == {"reach"} or "reach" not in schemas, file.name
