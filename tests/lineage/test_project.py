"""What prevents a proof is reported by name: undeclared counters, code that is no model, SQL that is not compiled."""

import copy
import json
from pathlib import Path

import pytest

from orchestration.lineage.graph import build_graph
from orchestration.lineage.project import NotProvable, Project, describe_project, read_project
from orchestration.lineage.python_models import find_hidden_reads
from orchestration.lineage.reading import read_models
from orchestration.lineage.separation import prove_separation

PACKAGE = "reach_and_results"
INSTAGRAM = f"source.{PACKAGE}.raw.instagram_posts"


@pytest.fixture
def manifest(target: Path) -> dict:
    return json.loads((target / "manifest.json").read_text())


def find_errors(project: Project) -> list[str]:
    reading = read_models(project)
    return list(prove_separation(build_graph(reading), reading.errors).errors)


def test_a_format_that_feeds_post_metrics_must_declare_its_counters(manifest: dict, target: Path):
    column = manifest["sources"][INSTAGRAM]["columns"]["likes"]
    column["meta"].pop("family", None)
    column["config"]["meta"].pop("family")
    assert find_errors(describe_project(manifest, target)) == [
        "models/raw/formats/instagram_posts.yml: raw.instagram_posts.likes declares no family (config: {meta: {family:"
        " …}}, one of reach, engagement, result, relationship, reference)",
        "raw.instagram_posts.likes becomes stg_instagram__post_metrics.likes and declares no such family",
        "models/raw/formats/instagram_posts.yml: raw.instagram_posts.likes is called like a counter and does not declare"
        " its family",
    ]


def test_a_counter_is_one_whatever_the_vendor_calls_it(manifest: dict, target: Path):
    node = manifest["nodes"][f"model.{PACKAGE}.stg_instagram__post_metrics"]
    node["compiled_code"] = node["compiled_code"].replace("cast(null as bigint) as clicks", "length(period) as clicks")
    assert find_errors(describe_project(manifest, target)) == [
        "raw.instagram_posts.period becomes stg_instagram__post_metrics.clicks and declares no such family"
    ]


def test_a_new_extract_must_declare_its_family(manifest: dict, target: Path):
    source = copy.deepcopy(manifest["sources"][f"source.{PACKAGE}.raw.campaigns"])
    source |= {"unique_id": "source.new", "name": "new", "identifier": "new", "meta": {}, "config": {"meta": {}}}
    manifest["sources"]["source.new"] = source
    [error] = find_errors(describe_project(manifest, target))
    assert error.startswith("models/raw/campaigns.yml: raw.new declares no family")


def test_a_family_that_does_not_exist_is_reported(manifest: dict, target: Path):
    manifest["sources"][f"source.{PACKAGE}.raw.codes"]["config"]["meta"]["family"] = "vanity"
    [error] = find_errors(describe_project(manifest, target))
    assert "raw.codes declares the family 'vanity', which is none of reach, engagement" in error


def test_code_that_is_no_model_is_reported(manifest: dict, target: Path):
    orders = manifest["nodes"][f"model.{PACKAGE}.results__orders"]
    orders["config"]["post-hook"] = [{"sql": "update results.orders set net_revenue = 0"}]
    credits = manifest["nodes"][f"model.{PACKAGE}.results__credits"]
    credits["depends_on"]["macros"].append("macro.dbt.run_query")
    asking = {"name": "asking", "depends_on": {"macros": ["macro.dbt.statement"]}, "macro_sql": ""}
    manifest["macros"]["macro.asking"] = asking
    manifest["nodes"][f"model.{PACKAGE}.results__daily"]["depends_on"]["macros"].append("macro.asking")
    manifest["macros"]["macro.own.get_incremental_own_sql"] = {
        "name": "get_incremental_own_sql",
        "macro_sql": "{# may insert #} delete from t; insert into t select followers from s",
        "original_file_path": "macros/own.sql",
        "depends_on": {},
    }
    manifest["macros"]["macro.own.create_table_as"] = {
        "name": "create_table_as",
        "macro_sql": "create table t as select followers from s",
        "original_file_path": "macros/own.sql",
        "depends_on": {},
    }
    start = manifest["nodes"][f"operation.{PACKAGE}.{PACKAGE}-on-run-start-0"]
    manifest["nodes"]["operation.end"] = start | {"tags": ["on-run-end"], "raw_code": "{{ mend() }}"}
    manifest["functions"]["function.f"] = {"original_file_path": "functions/f.sql"}
    assert sorted(describe_project(manifest, target).errors) == [
        "dbt_project.yml: on-run-end runs '{{ mend() }}' after the models, which is not examined",
        "functions/f.sql: a function of the database is not examined",
        "macros/own.sql: create_table_as brings rows into tables, which is not examined",
        "macros/own.sql: get_incremental_own_sql brings rows into tables, which is not examined",
        "models/marts/results/results__credits.sql asks the database while it is compiled: the answer is in its SQL as a"
        " constant",
        "models/marts/results/results__daily.sql asks the database while it is compiled: the answer is in its SQL as a"
        " constant",
        "models/marts/results/results__orders.sql: the hook 'update results.orders set net_revenue = 0' is not examined",
    ]


def test_two_tables_under_one_name_are_reported(manifest: dict, target: Path):
    manifest["sources"][f"source.{PACKAGE}.plan.steps"] |= {"schema": "reach", "identifier": "posts"}
    errors = describe_project(manifest, target).errors
    assert errors == ("models/marts/reach/reach__posts.sql: reach.posts is also what models/raw/_plan.yml makes",)


def test_a_model_that_cannot_be_read_is_reported(manifest: dict, target: Path):
    manifest["nodes"][f"model.{PACKAGE}.results__orders"]["compiled_code"] = "select * from read_csv('followers.csv')"
    errors = find_errors(describe_project(manifest, target))
    assert errors[0] == (
        "models/marts/results/results__orders.sql reads from what is no table of the project: READ_CSV('followers.csv')"
    )


def test_sql_that_this_run_did_not_compile_is_read_as_it_was_built(manifest: dict, target: Path):
    """`dbt build -s some_model` leaves the others as they are: tables, and SQL beside the manifest."""
    whole = describe_project(manifest, target)
    for node in manifest["nodes"].values():
        node.pop("compiled_code", None)
    assert describe_project(manifest, target).tables == whole.tables


def test_sql_that_was_not_compiled_is_reported(manifest: dict, tmp_path: Path):
    node = manifest["nodes"][f"model.{PACKAGE}.results__orders"]
    node.pop("compiled_code")
    assert describe_project(manifest, tmp_path).errors == (
        "models/marts/results/results__orders.sql has not been compiled: run the whole nightly job",
    )


def test_a_project_that_was_never_built_is_reported(tmp_path: Path):
    with pytest.raises(NotProvable, match=r"manifest\.json is not there"):
        read_project(tmp_path)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("import duckdb", "line 1 imports duckdb, which could read any data"),
        ("from pathlib import Path", "line 1 imports pathlib, which could read any data"),
        ("text = open('followers.csv').read()", "line 1 uses open()"),
        (
            "import pandas as pd\nposts = pd.read_csv('followers.csv')",
            "line 2 uses .read_csv, which could read any data",
        ),
        ("def model(dbt, session):\n    return session.table('reach.posts')", "line 2 uses the session"),
        ("def model(dbt, session):\n    return dbt.ref('a').query('a', 'select 1')", "line 2 uses .query"),
    ],
)
def test_a_python_model_has_no_other_way_to_data_than_ref(line: str, reason: str):
    assert any(found.startswith(reason) for found in find_hidden_reads(line))


def test_a_python_model_may_use_methods_and_numerical_libraries(tmp_path: Path):
    (tmp_path / "lifts.py").write_text("import numpy as np\n")
    (tmp_path / "leaks.py").write_text("import requests\n")
    code = "from {} import compute\n\ndef model(dbt, session):\n    return compute(dbt.ref('a').df())\n"
    assert list(find_hidden_reads(code.format("lifts"), tmp_path)) == []
    assert list(find_hidden_reads(code.format("leaks"), tmp_path)) == [
        "methods/leaks.py: line 1 imports requests, which could read any data"
    ]
