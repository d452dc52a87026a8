"""The sample on Spark, after a second run: the same tables and published marts as on DuckDB, and the key is nowhere."""

import base64
import json
import re
from pathlib import Path

import pytest

from dbt_project.plugins.keyed import pads
from orchestration.lineage.proof import prove
from orchestration.programme.repository import DBT_PROJECT
from tests.conftest import Run
from tests.spark.comparing import compare, list_relations
from tests.spark.conftest import KEY

pytestmark = pytest.mark.spark
INCREMENTAL = {
    f"{node['schema']}.{node['alias']}"
    for node in json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())["nodes"].values()
    if node["config"]["materialized"] == "incremental"
}
MARTS = ("reach", "results", "goals", "relationships")


def warehouse(run: Run) -> Path:
    return run.programme / "warehouse" / "warehouse.duckdb"


def differences(one: Path, other: Path, schemas: tuple[str, ...]) -> dict[str, str]:
    """By relation, how its rows differ between two databases of DuckDB; also those that only one has."""
    relations = list_relations(one, schemas)
    missing = set(list_relations(other, schemas)) ^ set(relations)
    assert len(relations) > 20
    found = compare(one, relations, lambda schema, name: f'from other."{schema}"."{name}"', other)
    return {**{".".join(relation): "only one engine has it" for relation in missing}, **dict(found)}


def test_every_table_is_the_same_row_by_row(on_duckdb: Run, on_spark: Run):
    assert differences(warehouse(on_duckdb), warehouse(on_spark), ("intermediate", "staging", *MARTS)) == {}


def test_the_published_marts_are_the_same(on_duckdb: Run, on_spark: Run):
    databases = [run.programme / "published" / "marts.duckdb" for run in (on_duckdb, on_spark)]
    assert differences(*databases, MARTS) == {}


def test_a_run_says_which_engine_built_the_marts(on_duckdb: Run, on_spark: Run):
    latest = [json.loads((run.programme / "published" / "latest.json").read_text()) for run in (on_duckdb, on_spark)]
    assert [one["engine"] for one in latest] == ["duckdb", "spark on local[2]"]
    assert "Built with spark on local[2]." in on_spark.screen
    assert "Built with" not in on_duckdb.screen


def test_a_run_builds_upon_the_tables_of_the_last_one(first_on_spark: Run, on_duckdb: Run, on_spark: Run):
    assert "everything is built: " in first_on_spark.screen
    assert "everything is built" not in on_spark.screen
    [told] = re.findall("dbt: (.* months of journeys are built again.*)", on_spark.screen)
    assert told in on_duckdb.screen
    assert not re.match("([0-9]+) of \\1 ", told)


def test_reach_and_results_are_separate_in_the_sql_that_spark_ran(on_spark: Run):
    proof = prove(on_spark.programme / "warehouse" / "dbt")
    assert proof.separation.holds, list(proof.separation.describe())
    assert (
        "engine.pads"
        in (on_spark.programme / "warehouse/dbt/compiled")
        .joinpath("reach_and_results/models/staging/extracts/stg_extracts__orders.sql")
        .read_text()
    )


def test_the_key_of_the_pseudonyms_is_in_no_query_plan_log_or_table_that_is_left(on_spark: Run):
    secrets = [KEY.encode()]
    for pad in pads(KEY.encode()):
        secrets += [pad, pad.hex().encode(), pad.hex().upper().encode(), base64.b64encode(pad)]
    places = [on_spark.programme, on_spark.programme.parent / "events"]
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    assert any("events" in file.parts and file.stat().st_size > 1_000_000 for file in files)
    assert len(files) > 500
    left = {folder.name for folder in on_spark.programme.glob("warehouse/spark/*/*/*")}
    assert left == {"engine.kept", *INCREMENTAL}
    leaks = [file for file in files if any(secret in file.read_bytes() for secret in secrets)]
    assert leaks == []
    assert KEY not in on_spark.screen
