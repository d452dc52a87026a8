"""The two semantic layers: what each is made of. bi/metrics/prove.py asks MetricFlow itself."""

import csv
from pathlib import Path

import jinja2
import pytest
import sqlglot
import yaml
from sqlglot import exp

from orchestration.programme.repository import DBT_PROJECT
from tests.conftest import REPOSITORY

METRICS = REPOSITORY / "bi" / "metrics"
SCHEMAS = {"results": {"results", "goals", "relationships"}, "reach": {"reach"}}
FAMILIES = {"results": {"result", "relationship"}, "reach": {"reach", "engagement", "relevance"}}


def list_tables(sql: Path) -> set[tuple[str, str]]:
    """(schema, table) of all that a view reads outside its project, whether by source() or by its plain name."""
    text = (
        jinja2.Environment(extensions=["jinja2.ext.do"])
        .from_string(sql.read_text())
        .render(
            source=lambda schema, table: f"marts.{schema}.{table}",
            ref=lambda name: name,
            env_var=lambda name, default: default,
            execute=False,
        )
    )
    return {(table.db, table.name) for table in sqlglot.parse_one(text, read="duckdb").find_all(exp.Table) if table.db}


def read_documents(side: str) -> list[dict]:
    return [yaml.safe_load(file.read_text()) for file in (METRICS / side / "models").glob("*.yml")]


def list_metrics(side: str) -> set[str]:
    models = [model for document in read_documents(side) for model in document.get("semantic_models", [])]
    measures = {measure["name"] for model in models for measure in model["measures"]}
    return measures | {metric["name"] for document in read_documents(side) for metric in document.get("metrics", [])}


@pytest.mark.parametrize("side", SCHEMAS)
def test_a_semantic_layer_reads_only_the_marts_of_its_own_side(side: str):
    read = set().union(*(list_tables(sql) for sql in (METRICS / side / "models").glob("*.sql")))
    declared = {
        (source["name"], table["name"])
        for document in read_documents(side)
        for source in document.get("sources", [])
        for table in source["tables"]
    }
    assert read == declared
    assert {schema for schema, _ in read} <= SCHEMAS[side]


def test_a_view_that_reads_reach_by_its_plain_name_would_be_found(tmp_path: Path):
    leak = tmp_path / "leak.sql"
    leak.write_text("select * from {{ source('results', 'daily') }} join marts.reach.posts using (partner_id)")
    assert ("reach", "posts") in list_tables(leak)


def test_no_metric_is_on_both_sides_and_one_named_like_a_kpi_is_on_the_side_of_the_kpi():
    assert not list_metrics("results") & list_metrics("reach")
    with (DBT_PROJECT / "seeds" / "kpis.csv").open() as opened:
        families = {row["kpi"]: row["family"] for row in csv.DictReader(opened)}
    for side in SCHEMAS:
        assert {families[name] for name in list_metrics(side) & families.keys()} <= FAMILIES[side]


def test_credits_are_of_one_attribution_model():
    """By the view itself: whatever is asked, nothing can be added up over models."""
    asked = {table: sql.stem for sql in (METRICS / "results" / "models").glob("*.sql") for table in list_tables(sql)}
    marts = ("partners", "campaigns", "relationships")
    of_models = {"daily", "credits", *marts, *(f"{mart}_all_time" for mart in marts)}
    assert {view for (schema, table), view in asked.items() if schema == "results" and table in of_models} == {
        "credits"
    }
    sql = (METRICS / "results" / "models" / "credits.sql").read_text()
    assert sql.rstrip().endswith("where attribution_model = '{{ model }}'")


@pytest.mark.parametrize("view", ["cohorts", "removal_effects"])
def test_cohorts_and_removal_effects_are_of_one_level(view: str):
    sql = (METRICS / "results" / "models" / f"{view}.sql").read_text()
    assert sql.rstrip().endswith("where level = '{{ level }}'")
