"""The proofs as a run makes them: checks without which nothing is published, and the command that describes a column."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster import AssetKey, AssetSelection, AssetSpec, DagsterInstance, Definitions, define_asset_job

from orchestration.cli import lineage as command
from orchestration.defs.checks.separation import PROVED, build_separation_checks, mart_key
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.resources import ProgrammeResource
from orchestration.lineage.derivation import describe_derivation
from orchestration.lineage.project import NotProvable
from orchestration.lineage.proof import Proof
from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.marts import Mart, read_marts

ORDERS = "model.reach_and_results.results__orders"
LEAK = """
select partner_id as order_id, impressions as net_revenue
from memory.staging.stg_linkedin__post_rows
order by likes + 2 * impressions
"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> DbtGraph:
    return DbtGraph(ProgrammeFolder(tmp_path_factory.mktemp("graph")))


@pytest.fixture(scope="module")
def marts(graph: DbtGraph) -> list[Mart]:
    return read_marts(graph.manifest_file)


RunChecks = Callable[[], dict[str, tuple[bool, str]]]


@pytest.fixture
def run_checks(built: Path, graph: DbtGraph, marts: list[Mart]) -> RunChecks:
    """Runs the checks on what was built; by mart: whether it passed, and its description."""
    checks = build_separation_checks(graph)
    defs = Definitions(
        assets=[AssetSpec(mart_key(mart)) for mart in marts],
        asset_checks=[checks],
        resources={"programme": ProgrammeResource(path=str(built))},
        jobs=[define_asset_job("prove", AssetSelection.checks(checks))],
    )
    job = defs.resolve_job_def("prove")

    def run() -> dict[str, tuple[bool, str]]:
        result = job.execute_in_process(instance=DagsterInstance.ephemeral(), raise_on_error=False)
        return {
            check.asset_key.to_user_string(): (check.passed, check.description or "")
            for check in result.get_asset_check_evaluations()
        }

    return run


@pytest.fixture
def built(tmp_path: Path, target: Path) -> Path:
    """A programme whose warehouse was built from the project as it is."""
    folder = ProgrammeFolder(tmp_path).warehouse / "dbt"
    folder.mkdir(parents=True)
    shutil.copy(target / "manifest.json", folder)
    return tmp_path


def test_every_mart_is_proved_and_a_leak_is_reported_with_its_path(
    built: Path, run_checks: RunChecks, marts: list[Mart]
):
    outcomes = run_checks()
    assert len(outcomes) == len(marts) >= 30
    assert {says for _, says in outcomes.values()} == {""}
    assert all(passed for passed, _ in outcomes.values())

    manifest_file = built / "warehouse" / "dbt" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    manifest["nodes"][ORDERS]["compiled_code"] = LEAK
    manifest_file.write_text(json.dumps(manifest))
    outcomes = run_checks()
    passed, says = outcomes["results/orders"]
    assert not passed
    assert (
        "derives from reach: results.orders.net_revenue ← stg_linkedin__post_rows.impressions ←"
        " raw.linkedin_posts.impressions" in says
    )
    assert "blends engagements with impressions" in says
    # Other marts derive from this one: what leaks into it leaks into them.
    assert not outcomes["goals/progress"][0]


def test_sql_that_is_not_understood_fails_every_mart(built: Path, run_checks: RunChecks):
    manifest_file = built / "warehouse" / "dbt" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    manifest["nodes"][ORDERS]["compiled_code"] = "select * from read_csv('followers.csv')"
    manifest_file.write_text(json.dumps(manifest))
    outcomes = run_checks()
    assert not any(passed for passed, _ in outcomes.values())


def test_a_mart_that_is_not_in_what_was_built_is_not_proved(built: Path, run_checks: RunChecks):
    manifest_file = built / "warehouse" / "dbt" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    del manifest["nodes"]["model.reach_and_results.reach__posts"]
    manifest_file.write_text(json.dumps(manifest))
    passed, says = run_checks()["reach/posts"]
    assert not passed
    assert "dbt did not build reach.posts" in says


def test_no_version_is_published_without_the_proofs(marts: list[Mart]):
    from orchestration.definitions import defs

    graph = defs.resolve_asset_graph()
    checks = {(key.asset_key, key.name) for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    published = graph.get(AssetKey(["published", "marts"]))
    for mart in marts:
        assert (mart_key(mart), PROVED) in checks
        assert mart_key(mart) in published.parent_keys


def test_a_column_is_described_with_everything_from_which_it_derives(proof: Proof):
    lines = list(describe_derivation("reach.partners.engagement_rate", proof))
    assert lines[0] == "reach.partners.engagement_rate, unit: engagements/accounts"
    assert "  ← reach.posts.likes" in lines
    assert any(line.endswith("← raw.post_metrics.likes") for line in lines)
    assert any(line.strip() == "← (case) raw.post_metrics._decimal" for line in lines)


def test_a_column_that_is_not_there_is_reported_with_those_that_are(proof: Proof):
    with pytest.raises(NotProvable, match=r"There is no results\.orders\.reach\. There are: .*net_revenue"):
        list(describe_derivation("results.orders.reach", proof))


def test_the_command_sums_the_proofs_up(proof: Proof, marts: list[Mart]):
    assert list(command.find_problems(proof)) == []
    first, *_ = command.summarise(proof, 1.0)
    assert first == f"{len(marts)} marts of goals, reach, relationships, results: reach and results are separate"
