"""What a run builds on the tables of the last one: dbt_project/selectors.yml."""

import json

from dbt.cli.main import dbtRunner

from orchestration.programme.repository import DBT_PROJECT
from orchestration.warehouse.dbt_build import WHAT_MAY_DIFFER

TYPES = {"model", "seed", "test"}


def test_it_leaves_out_seeds_views_and_what_only_the_plan_determines(tmp_path, monkeypatch):
    monkeypatch.chdir(DBT_PROJECT)
    nodes = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())["nodes"]
    left_out = {
        key
        for key, node in nodes.items()
        if node["resource_type"] == "seed"
        or (node["config"]["materialized"] == "view" and node["schema"] in ("staging", "intermediate"))
        or (node["resource_type"] == "model" and is_of_plan(key, nodes))
    }

    listed = ("ls", "--selector", WHAT_MAY_DIFFER, "--output", "json", "--output-keys", "unique_id")
    done = dbtRunner().invoke(["--quiet", *listed, "--target-path", str(tmp_path)])

    assert done.success, done.exception
    selected = {json.loads(line)["unique_id"] for line in done.result}
    assert {key for key, node in nodes.items() if node["resource_type"] in TYPES} - left_out == {
        key for key in selected if key.split(".")[0] in TYPES
    }
    assert not {key for key in selected if key.startswith("unit_test.")}


def is_of_plan(key: str, nodes: dict) -> bool:
    """Whether it is a staging model that reads nothing but plan.yml; which day it is may differ."""
    if key not in nodes:
        return key.startswith("source.reach_and_results.plan.") and not key.endswith(".today")
    node = nodes[key]
    return node["schema"] == "staging" and all(is_of_plan(read, nodes) for read in node["depends_on"]["nodes"])
