"""A failed run of the Dagster UI sends one alert, in the words of `make nightly`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import (
    AssetCheckResult,
    DagsterInstance,
    DagsterRun,
    DefaultSensorStatus,
    Definitions,
    SkipReason,
    asset,
    asset_check,
    build_run_status_sensor_context,
    define_asset_job,
)

from orchestration.defs.jobs import SENDS_ALERT
from orchestration.defs.sensors.failures import WILL_RETRY, AlertNotSent, build_failure_sensor
from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.liveness import KILLED
from tests import receivers
from tests.receivers import serve

BECAUSE = "A negative refund has always been a doubled export."


@asset
def refunds() -> None: ...


@asset_check(asset=refunds, blocking=True)
def amounts_are_positive() -> AssetCheckResult:
    return AssetCheckResult(passed=False, description=BECAUSE)


@asset(deps=[refunds])
def marts() -> None: ...


@asset
def plan() -> None:
    try:
        raise ValueError("plan.yml, line 3: no such KPI")
    except ValueError as error:
        raise RuntimeError("the step broke") from error


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    return ProgrammeFolder(tmp_path)


def run_sensor(folder: ProgrammeFolder, instance: DagsterInstance, tags: dict[str, str]) -> SkipReason | None:
    """The sensor on a run in which a check and a step failed."""
    defs = Definitions(
        assets=[refunds, marts, plan], asset_checks=[amounts_are_positive], jobs=[define_asset_job("nightly")]
    )
    result = defs.resolve_job_def("nightly").execute_in_process(instance=instance, raise_on_error=False, tags=tags)
    run: DagsterRun = instance.get_run_by_id(result.run_id)
    [failure] = [event for event in result.all_events if event.is_run_failure]
    context = build_run_status_sensor_context("alert_on_failed_runs", failure, instance, run).for_run_failure()
    return build_failure_sensor(folder)(context)


def test_it_is_on_where_the_environment_names_a_receiver(folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch):
    for variable in ("ALERT_WEBHOOK_URL", "ALERT_MAIL_TO"):
        monkeypatch.delenv(variable, raising=False)
    assert build_failure_sensor(folder).default_status == DefaultSensorStatus.STOPPED
    for url in ("https://hooks.example.com/x", "not a URL"):
        monkeypatch.setenv("ALERT_WEBHOOK_URL", url)
        assert build_failure_sensor(folder).default_status == DefaultSensorStatus.RUNNING


def test_the_alert_names_the_check_and_the_innermost_cause(
    folder: ProgrammeFolder, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    with serve(webhook := receivers.Webhook()) as port:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/token")
        run_sensor(folder, instance, {})
    [(_, text)] = webhook.received
    failures = [line for line in text.splitlines() if line.startswith("- ")]
    assert failures == [
        f"- refunds: amounts_are_positive. {BECAUSE}",
        "- plan: ValueError: plan.yml, line 3: no such KPI",
    ]
    assert "in the Dagster UI" in text


@pytest.mark.parametrize(
    ("tag", "reason"), [(SENDS_ALERT, "make nightly sends the alert"), (WILL_RETRY, "the run will be retried")]
)
def test_no_second_alert_is_sent(
    folder: ProgrammeFolder, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch, tag: str, reason: str
):
    with serve(webhook := receivers.Webhook()) as port:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/token")
        assert run_sensor(folder, instance, {tag: "true"}) == SkipReason(reason)
    assert not webhook.received


def test_a_receiver_that_answers_500_shows_in_the_sensor_without_its_address(
    folder: ProgrammeFolder, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    with serve(receivers.Webhook(500)) as port:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/hunter2")
        with pytest.raises(AlertNotSent, match="it answered 500") as raised:
            run_sensor(folder, instance, {})
    assert raised.value.__context__ is None and raised.value.__cause__ is None
    assert "hunter2" not in str(raised.value)


def test_the_alert_of_a_run_that_was_killed_is_sent_though_its_starter_would_have_sent_it(
    folder: ProgrammeFolder, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    with serve(webhook := receivers.Webhook()) as port:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/token")
        assert run_sensor(folder, instance, {SENDS_ALERT: "true", KILLED: "true"}) is None
    assert len(webhook.received) == 1
