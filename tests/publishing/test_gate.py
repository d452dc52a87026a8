"""The gate looks up the outcomes of the checks, whoever started publishing."""

from collections.abc import Iterator

import pytest
from dagster import (
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetKey,
    AssetMaterialization,
    DagsterInstance,
    asset,
    asset_check,
    materialize,
)

from orchestration.publishing.gate import NotPublishable, assert_publishable

MARTS = [AssetKey(["results", "orders"]), AssetKey(["reach", "posts"])]
CHECK = AssetCheckKey(MARTS[0], "keys_are_unique")


def build(
    instance: DagsterInstance,
    *,
    passes: bool = True,
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
    keys: list[AssetKey] = MARTS,
    checked: bool = True,
    breaks: bool = False,
) -> None:
    """One run that builds the marts and checks the first; with `breaks`, it fails before the check."""
    assets = [asset(key=key)(lambda: 1 / (0 if breaks else 1)) for key in keys]

    @asset_check(asset=MARTS[0], name=CHECK.name)
    def check() -> AssetCheckResult:
        return AssetCheckResult(passed=passes, severity=severity)

    materialize([*assets, *([check] if checked else [])], instance=instance, raise_on_error=False)


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as opened:
        yield opened


def test_a_version_whose_checks_passed_is_published(instance: DagsterInstance):
    build(instance)
    assert_publishable(instance, MARTS, [CHECK])


def test_a_failed_check_closes_the_gate_until_it_passes(instance: DagsterInstance):
    build(instance, passes=False)
    with pytest.raises(NotPublishable, match="keys_are_unique on results/orders failed"):
        assert_publishable(instance, MARTS, [CHECK])
    build(instance)
    assert_publishable(instance, MARTS, [CHECK])


def test_a_warning_of_a_check_that_could_also_fail_leaves_the_gate_open(instance: DagsterInstance):
    build(instance, passes=False, severity=AssetCheckSeverity.WARN)
    assert_publishable(instance, MARTS, [CHECK])


def test_a_check_that_never_ran_closes_the_gate(instance: DagsterInstance):
    build(instance, checked=False)
    with pytest.raises(NotPublishable, match="keys_are_unique on results/orders never finished"):
        assert_publishable(instance, MARTS, [CHECK])


def test_a_check_that_its_run_did_not_reach_closes_the_gate(instance: DagsterInstance):
    build(instance)
    build(instance, breaks=True)
    with pytest.raises(NotPublishable, match="keys_are_unique on results/orders never finished"):
        assert_publishable(instance, MARTS, [CHECK])


def test_a_check_that_is_older_than_its_table_closes_the_gate(instance: DagsterInstance):
    build(instance)
    build(instance, checked=False)
    with pytest.raises(NotPublishable, match="has not run since results/orders "):
        assert_publishable(instance, MARTS, [CHECK])


def test_marts_of_different_runs_close_the_gate(instance: DagsterInstance):
    build(instance)
    build(instance, keys=MARTS[:1])
    with pytest.raises(NotPublishable, match="the marts were built by 2 different runs"):
        assert_publishable(instance, MARTS, [CHECK])


def test_marts_that_were_never_built_close_the_gate(instance: DagsterInstance):
    instance.report_runless_asset_event(AssetMaterialization(MARTS[0]))
    with pytest.raises(NotPublishable, match="reach/posts was never built"):
        assert_publishable(instance, MARTS, [])
