"""The proofs as the night runs them: checks that close the gate, and the command that tells of a column by hand."""

import json
import shutil
from pathlib import Path

import pytest
from dagster import AssetKey, AssetSelection, AssetSpec, DagsterInstance, Definitions, define_asset_job

from orchestration.defs.checks.separation import APART, MARTS, NO_SCORE, border, mart_key
from orchestration.defs.resources import alone
from orchestration.lineage import __main__ as command
from orchestration.lineage.proof import Proof
from orchestration.programme.folder import ProgrammeFolder

ORDERS = "model.reach_and_results.results__orders"
LEAK = """
select partner_id as order_id, impressions as net_revenue
from memory.staging.stg_linkedin__post_rows
order by likes + 2 * impressions
"""


def run_checks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], tuple[bool, str]]:
    """By mart and check: whether it passed, and what it says."""
    monkeypatch.setenv("PROGRAMME", str(folder))
    defs = Definitions(
        assets=[AssetSpec(mart_key(mart)) for mart in MARTS],
        asset_checks=[border],
        resources={"alone": alone},
        jobs=[define_asset_job("prove", AssetSelection.checks(border))],
    )
    job = defs.resolve_job_def("prove")
    result = job.execute_in_process(instance=DagsterInstance.ephemeral(), raise_on_error=False)
    return {
        (check.asset_key.to_user_string(), check.check_name): (check.passed, check.description or "")
        for check in result.get_asset_check_evaluations()
    }


@pytest.fixture
def built(tmp_path: Path, target: Path) -> Path:
    """A programme whose warehouse was built from the project as it stands."""
    folder = ProgrammeFolder(tmp_path).warehouse / "dbt"
    folder.mkdir(parents=True)
    shutil.copy(target / "manifest.json", folder)
    return tmp_path


def test_every_mart_is_proved_and_a_leak_is_told_with_its_path(built: Path, monkeypatch: pytest.MonkeyPatch):
    outcomes = run_checks(built, monkeypatch)
    assert len(outcomes) == 2 * len(MARTS) >= 60
    assert {says for _, says in outcomes.values()} == {""}
    assert all(passed for passed, _ in outcomes.values())

    manifest_file = built / "warehouse" / "dbt" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    manifest["nodes"][ORDERS]["compiled_code"] = LEAK
    manifest_file.write_text(json.dumps(manifest))
    outcomes = run_checks(built, monkeypatch)
    passed, says = outcomes["results/orders", APART]
    assert not passed
    assert (
        "derives from reach: results.orders.net_revenue ← stg_linkedin__post_rows.impressions ←"
        " raw.linkedin_posts.impressions" in says
    )
    assert not outcomes["results/orders", NO_SCORE][0]
    assert "blends engagements with impressions" in outcomes["results/orders", NO_SCORE][1]
    # Other marts stand on this one: what it lets in, and what is missing from it, is told of them, too.
    assert not outcomes["goals/progress", APART][0]


def test_what_cannot_be_proved_closes_every_mart(built: Path, monkeypatch: pytest.MonkeyPatch):
    manifest_file = built / "warehouse" / "dbt" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    manifest["nodes"][ORDERS]["compiled_code"] = "select * from read_csv('followers.csv')"
    manifest_file.write_text(json.dumps(manifest))
    outcomes = run_checks(built, monkeypatch)
    assert not any(passed for passed, _ in outcomes.values())


def test_a_mart_that_is_not_in_what_was_built_is_not_proved(built: Path, monkeypatch: pytest.MonkeyPatch):
    manifest_file = built / "warehouse" / "dbt" / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    del manifest["nodes"]["model.reach_and_results.reach__posts"]
    manifest_file.write_text(json.dumps(manifest))
    passed, says = run_checks(built, monkeypatch)["reach/posts", APART]
    assert not passed
    assert "reach.posts is not in what dbt built" in says


def test_no_night_is_published_without_the_proofs():
    from orchestration.definitions import CHECKED, defs

    checks = {spec.key for checked in CHECKED for spec in checked.check_specs if spec.blocking}
    published = defs.resolve_asset_graph().get(AssetKey(["published", "marts"]))
    for mart in MARTS:
        for name in (APART, NO_SCORE):
            assert any(key.asset_key == mart_key(mart) and key.name == name for key in checks)
        assert mart_key(mart) in published.parent_keys


def test_a_column_is_told_with_everything_that_it_is_made_of(proof: Proof):
    lines = list(command.tell(command.find_origin("reach.partners.engagement_rate", proof.graph), proof))
    assert lines[0] == "reach.partners.engagement_rate, unit: engagements/accounts"
    assert "  ← reach.posts.likes" in lines
    assert any(line.endswith("← raw.post_metrics.likes") for line in lines)
    assert any(line.strip() == "← (case) raw.post_metrics._decimal" for line in lines)


def test_a_column_that_is_not_there_is_told_with_those_that_are(proof: Proof):
    with pytest.raises(command.NotProvable, match=r"There is no results\.orders\.reach\. There are: .*net_revenue"):
        command.find_origin("results.orders.reach", proof.graph)


def test_the_command_sums_the_proofs_up(proof: Proof):
    assert list(command.find_problems(proof)) == []
    first, *_ = command.summarise(proof, 1.0)
    assert first == f"{len(MARTS)} marts of goals, reach, relationships, results: reach stays apart"
