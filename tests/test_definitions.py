"""What Dagster loads, and what its graph must show."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from dagster import AssetCheckKey, AssetKey, Definitions, FreshnessPolicy, materialize

from orchestration.defs.assets.raw import LandingFailed, build_raw_assets, find_unused_formats
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.resources import ProgrammeResource
from orchestration.landing.raw_files import EMPTY_NAME
from orchestration.programme.contract import read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.marts import SCHEMAS
from orchestration.runtime.dagster_home import SETTINGS
from tests.conftest import REPOSITORY, SAMPLE, SLOW
from tests.tiny import write_tiny

GROUPS = {"landing", "raw", "staging", "intermediate", "reach", "results", "goals", "relationships", "published"}


@pytest.fixture(scope="module")
def defs() -> Definitions:
    """Of the sample programme; imported here, because only this module reads the environment while it is imported."""
    from orchestration.definitions import build_definitions

    return build_definitions(ProgrammeFolder(SAMPLE))


@pytest.fixture(scope="module")
def graph() -> DbtGraph:
    folder = ProgrammeFolder(SAMPLE)
    return DbtGraph(folder, find_unused_formats(folder))


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


def test_every_asset_has_a_description_a_kind_and_an_owner(defs: Definitions):
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.kinds, spec.key
        assert spec.owners, spec.key


def test_goals_are_owned_by_those_who_set_them_and_by_the_team(defs: Definitions):
    owners = {spec.key: list(spec.owners) for spec in defs.resolve_all_asset_specs()}
    of_goals = ["team:marketing-data", "jo@northwind.example", "sam@northwind.example"]
    assert owners[AssetKey(["goals", "progress"])] == owners[AssetKey(["landing", "programme"])] == of_goals
    assert owners[AssetKey(["results", "orders"])] == ["team:marketing-data"]


def test_an_asset_links_to_its_table_or_file_and_to_its_code(defs: Definitions):
    for spec in defs.resolve_all_asset_specs():
        assert {"dagster/table_name", "dagster/uri"} & set(spec.metadata), spec.key
        if links := spec.metadata.get("dagster/code_references"):
            for link in links.code_references:
                assert Path(link.file_path).is_file(), link
        else:
            assert spec.key.path[0] in ("landing", "plan", "ledger", "published"), spec.key


def test_published_marts_are_stale_after_a_day_and_two_hours(defs: Definitions):
    policies = {spec.key: spec.freshness_policy for spec in defs.resolve_all_asset_specs() if spec.freshness_policy}
    assert policies == {AssetKey(["published", "marts"]): FreshnessPolicy.time_window(timedelta(hours=26))}


def test_every_suite_is_a_check_and_blocks_if_an_expectation_is_critical(defs: Definitions):
    from expectations.suites import load_suites

    checks = {spec.key: spec for checked in defs.asset_checks for spec in checked.check_specs}
    for folder, prefix in (("raw", ["raw"]), ("marts", [])):
        for table, suite in load_suites(REPOSITORY / "expectations" / folder).items():
            spec = checks[AssetCheckKey(AssetKey([*prefix, *table.split(".")]), "expectations")]
            assert spec.blocking == any(expectation.severity == "critical" for expectation in suite)
            assert all(expectation.name in spec.description for expectation in suite)


def test_the_schedule_is_in_the_programmes_time_zone(defs: Definitions):
    [schedule] = defs.schedules
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * *", "Europe/Brussels")


def test_every_step_is_in_one_pool(defs: Definitions):
    nightly = defs.resolve_job_def("nightly")
    assert {node.definition.pool for node in nightly.nodes} == {"warehouse"}


def test_every_job_and_asset_can_be_resolved(defs: Definitions):
    Definitions.validate_loadable(defs)


@SLOW
def test_dagster_loads_the_code_location_without_a_warning(tmp_path: Path):
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


def test_a_mart_that_is_a_view_needs_the_tables_that_it_reads(graph: DbtGraph):
    keys = graph.find_tables(["model.reach_and_results.results__daily", "model.reach_and_results.results__orders"])
    assert {key.to_user_string() for key in keys} == {
        "results/daily",
        "results/orders",
        "intermediate/int_credits_daily",
        "intermediate/int_costs_daily",
        "staging/attribution_models",
    }


def test_a_retry_runs_every_step(defs: Definitions):
    assert defs.resolve_job_def("nightly").tags["dagster/retry_strategy"] == "ALL_STEPS"


def test_every_data_test_is_a_check(defs: Definitions, graph: DbtGraph):
    """One whose meta names a model that it does not read would be none, and no run would find anything unchanged."""
    tests = [key for key, node in graph.manifest["nodes"].items() if node["resource_type"] == "test"]
    assert set(graph.check_keys.values()) <= defs.resolve_asset_graph().asset_check_keys
    assert set(graph.check_keys) == set(tests)


def test_other_steps_read_only_the_marts_of_the_dbt_step(defs: Definitions):
    """The dbt step has no output for its other models: a step that reads one would be skipped."""
    [dbt] = [step for step in defs.assets if step.op.name == "dbt"]
    others = [step for step in (*defs.assets, *defs.asset_checks) if step is not dbt]
    read = {key for step in others for key in (*step.dependency_keys, *(spec.asset_key for spec in step.check_specs))}
    assert {key.path[0] for key in read & dbt.keys} <= set(SCHEMAS)


def test_only_formats_that_the_programme_uses_are_shown(tmp_path: Path):
    folder = ProgrammeFolder(write_tiny(tmp_path / "tiny"))
    assert find_unused_formats(folder) == set(read_formats())
    with folder.extracts_file.open("a") as file:
        file.write("  - {files: landing/posts*.csv, format: tiktok_posts}\n")
    assert find_unused_formats(folder) == set(read_formats()) - {"tiktok_posts"}

    whole, graph = DbtGraph(folder), DbtGraph(folder, find_unused_formats(folder))
    removed = {key.path[-1] for model, key in whole.asset_keys.items() if model not in graph.asset_keys}
    assert {"stg_shopify__orders", "stg_stripe__refunds", "stg_ecb__exchange_rates"} <= removed
    assert all(name.startswith("stg_") and not name.startswith(("stg_extracts_", "stg_plan_")) for name in removed)
    shown = {key.path[-1] for key in graph.asset_keys.values()}
    assert {"stg_tiktok__posts", "stg_tiktok__post_metrics", "int_orders_latest"} <= shown
    assert not [
        key
        for node in graph.manifest["nodes"].values()
        for key in node["depends_on"].get("nodes", ())
        if "stripe" in key
    ]


def test_a_format_of_which_raw_has_deliveries_is_shown_and_the_ledger_stays_as_it_is(tmp_path: Path):
    """Dagster's pages load definitions without the lock, beside a run: a ledger is not repaired then."""
    folder = ProgrammeFolder(write_tiny(tmp_path / "tiny"))
    for format, file in (("stripe_balance", "0a1b.parquet"), ("x_posts", EMPTY_NAME)):
        (folder.raw / format).mkdir(parents=True)
        (folder.raw / format / file).touch()
    folder.ledger_file.write_text("damaged")
    assert find_unused_formats(folder) == set(read_formats()) - {"stripe_balance"}
    assert folder.ledger_file.read_text() == "damaged"


def test_a_format_that_dagster_does_not_know_yet_stops_the_run(tmp_path: Path):
    folder = ProgrammeFolder(write_tiny(tmp_path / "tiny"))
    raw = build_raw_assets(folder, unused_formats=find_unused_formats(folder))
    with folder.extracts_file.open("a") as file:
        file.write("  - {files: landing/posts*.csv, format: tiktok_posts}\n")
    with pytest.raises(LandingFailed, match=r"tiktok_posts since Dagster loaded .* reload the definitions"):
        materialize([raw], resources={"programme": ProgrammeResource(path=str(folder.path))})
