"""The exposures name precisely the marts that the report, the workbook and the dashboards read."""

import json

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
    "dashboard_of_reach": lambda: list_marts_of_dashboard("reach"),
}


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


def test_no_dashboard_shows_reach_beside_a_result():
    for file in (ASSETS / "dashboards").glob("*.yaml"):
        schemas = {mart.split(".")[0] for mart in list_marts_of_dashboard(file.stem)}
        assert schemas == {"reach"} or "reach" not in schemas, file.name
