"""What a run builds on the tables of the last one: dbt_project/selectors.yml."""

import json

from orchestration.programme.repository import DBT_PROJECT
from orchestration.publishing.marts import SCHEMAS
from orchestration.warehouse.dbt_build import ALL_BUT_VIEWS
from tests.conftest import SLOW

TYPES = {"model", "seed", "test"}


@SLOW
def test_only_views_that_are_no_marts_are_left_out(tmp_path, monkeypatch):
    from dbt.cli.main import dbtRunner  # a second, which collecting tests would take otherwise

    monkeypatch.chdir(DBT_PROJECT)
    nodes = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())["nodes"]
    left_out = {
        key for key, node in nodes.items() if node["config"]["materialized"] == "view" and node["schema"] not in SCHEMAS
    }

    listed = ("ls", "--selector", ALL_BUT_VIEWS, "--output", "json", "--output-keys", "unique_id")
    done = dbtRunner().invoke(["--quiet", *listed, "--target-path", str(tmp_path)])

    assert done.success, done.exception
    selected = {json.loads(line)["unique_id"] for line in done.result}
    assert {key for key, node in nodes.items() if node["resource_type"] in TYPES} - left_out == {
        key for key in selected if key.split(".")[0] in TYPES
    }
    assert not {key for key in selected if key.startswith("unit_test.")}
