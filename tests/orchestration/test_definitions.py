"""What Dagster loads: the code location by itself, and what the graph must show."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from dagster import AssetKey, Definitions, FreshnessPolicy

from orchestration.programme.contract import read_contract
from orchestration.runtime.dagster_home import SETTINGS
from tests.conftest import REPOSITORY, SAMPLE

GROUPS = {"landing", "raw", "staging", "intermediate", "reach", "results", "goals", "relationships", "published"}


@pytest.fixture(scope="module")
def defs() -> Definitions:
    from orchestration.definitions import defs

    return defs


def test_the_graph_reads_as_the_pipeline(defs: Definitions):
    graph = defs.resolve_asset_graph()
    assert {graph.get(key).group_name for key in graph.materializable_asset_keys} == GROUPS
    assert AssetKey(["published", "marts"]) in graph.materializable_asset_keys
    for extract in read_contract():
        assert graph.get(AssetKey(["raw", extract])).child_keys == {
            AssetKey(["staging", f"stg_extracts__{extract}"]),
            AssetKey(["ledger", "deliveries"]),
            AssetKey(["ledger", "quarantine"]),
        }


def test_every_asset_says_what_it_is(defs: Definitions):
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.kinds, spec.key
        assert spec.owners, spec.key


def test_who_set_the_goals_owns_them_and_who_builds_them_does_too(defs: Definitions):
    owners = {spec.key: list(spec.owners) for spec in defs.resolve_all_asset_specs()}
    of_goals = ["team:marketing-data", "jo@northwind.example", "sam@northwind.example"]
    assert owners[AssetKey(["goals", "progress"])] == owners[AssetKey(["landing", "programme"])] == of_goals
    assert owners[AssetKey(["results", "orders"])] == ["team:marketing-data"]


def test_an_asset_leads_to_its_table_or_file_and_to_what_says_how_it_is_made(defs: Definitions):
    for spec in defs.resolve_all_asset_specs():
        assert {"dagster/table_name", "dagster/uri"} & set(spec.metadata), spec.key
        if links := spec.metadata.get("dagster/code_references"):
            for link in links.code_references:
                assert Path(link.file_path).is_file(), link
        else:
            assert spec.key.path[0] in ("landing", "plan", "ledger", "published"), spec.key


def test_a_night_that_does_not_come_is_seen_after_a_day_and_two_hours(defs: Definitions):
    policies = {spec.key: spec.freshness_policy for spec in defs.resolve_all_asset_specs() if spec.freshness_policy}
    assert policies == {AssetKey(["published", "marts"]): FreshnessPolicy.time_window(timedelta(hours=26))}


def test_every_promise_is_a_check_and_critical_ones_block(defs: Definitions):
    from expectations.suites import load_suites

    checks = {spec.key: spec for checked in defs.asset_checks for spec in checked.check_specs}
    for folder, prefix in (("raw", ["raw"]), ("marts", [])):
        for table, suite in load_suites(REPOSITORY / "expectations" / folder).items():
            for promise in suite:
                spec = next(
                    spec
                    for key, spec in checks.items()
                    if key.name == promise.name and key.asset_key == AssetKey([*prefix, *table.split(".")])
                )
                assert spec.blocking == (promise.severity == "critical")


def test_the_schedule_is_at_night_in_the_programmes_time_zone(defs: Definitions):
    [schedule] = defs.schedules
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * *", "Europe/Brussels")


def test_every_writer_waits_in_one_pool(defs: Definitions):
    nightly = defs.resolve_job_def("nightly")
    assert {node.definition.pool for node in nightly.nodes} == {"warehouse"}


def test_dagster_finds_nothing_to_complain_about(tmp_path: Path):
    shutil.copy(SETTINGS, tmp_path / "dagster.yaml")
    done = subprocess.run(
        [Path(sys.executable).with_name("dg"), "check", "defs"],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "PROGRAMME": str(SAMPLE),
            "DAGSTER_HOME": str(tmp_path),
            "VIRTUAL_ENV": sys.prefix,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "warning" in line.lower()]
    assert not complaints


def test_what_a_mart_that_is_a_view_stands_on_is_published_with_it():
    from orchestration.defs.dbt_graph import find_table_keys

    keys = find_table_keys(["model.reach_and_results.results__daily", "model.reach_and_results.results__orders"])
    assert {key.to_user_string() for key in keys} == {
        "results/daily",
        "results/orders",
        "intermediate/int_credits_daily",
        "intermediate/int_costs_daily",
        "staging/attribution_models",
    }


def test_a_night_that_is_tried_again_begins_where_damage_is_found(defs: Definitions):
    assert defs.resolve_job_def("nightly").tags["dagster/retry_strategy"] == "ALL_STEPS"


def test_every_data_test_is_a_check(defs: Definitions):
    """One whose meta names a model that it does not read would be none, and no night would be whole any more."""
    from orchestration.defs.dbt_graph import find_check_keys

    assert set(find_check_keys().values()) <= defs.resolve_asset_graph().asset_check_keys
