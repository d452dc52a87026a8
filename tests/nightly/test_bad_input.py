"""Wrong input, as users meet it: a clear message, nothing lost, and the last version stays readable."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import receivers
from tests.conftest import EMPTY_AS_OF, REPOSITORY, SLOW, Run, run_nightly, run_with_history
from tests.nightly.test_damage import damage_raw, make_older
from tests.receivers import serve
from tests.tiny import ORDERS, PLAN, write_tiny
from tests.warehouse.bare import CompiledProject, build, find_broken_tests

SECRET = "hunter2-token"
REFUNDS = "refund_id,order_id,refunded_at,amount\nr1,1,2026-03-05 10:00:00,{amount}\n"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny(tmp_path)


def publish_by_hand(programme: Path) -> subprocess.CompletedProcess:
    """What a data engineer might try after a failed run: materialise the published marts alone."""
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("dagster"), "asset", "materialize"),
            *("-m", "orchestration.definitions", "--select", 'key:"published/marts"'),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(programme), "DAGSTER_HOME": str(programme / "warehouse" / "dagster")},
        capture_output=True,
        text=True,
    )


def test_a_missing_pattern_only_warns(tiny_run: Run):
    assert "no file matches landing/refunds*.csv" in tiny_run.screen
    assert tiny_run.query("select actual, status from goals.progress") == [(40.0, "missed")]


def copy_tiny(tiny_run: Run, folder: Path) -> Path:
    shutil.copytree(tiny_run.programme, folder / "programme")
    return folder / "programme"


def deliver_without_net(programme: Path) -> Path:
    """Orders without a required column; the file."""
    incomplete = programme / "landing" / "orders_2026-03-04.csv"
    incomplete.write_text("order_id,ordered_at,Net sales\n4,2026-03-04,1.00\n")
    return incomplete


def test_a_run_that_fails_leaves_the_last_version_readable(tiny_run: Run, tmp_path: Path):
    """A file without a required column stops a run, then a negative refund the next ones."""
    tiny = copy_tiny(tiny_run, tmp_path)
    incomplete = deliver_without_net(tiny)
    stopped = run_nightly(tiny)
    assert stopped.status == 1
    assert re.search(r"landing/orders_2026-03-04\.csv .*net.*Net sales", stopped.screen), stopped.screen
    assert stopped.query("select count(*) from results.orders") == [(2,)]
    assert len(stopped.versions) == 1

    incomplete.unlink()
    (tiny / "landing" / "refunds.csv").write_text(REFUNDS.format(amount="-5.00"))
    with serve(webhook := receivers.Webhook()) as port:
        doubtful = run_nightly(tiny, ALERT_WEBHOOK_URL=f"http://127.0.0.1:{port}/{SECRET}")
    assert doubtful.status == 1
    assert "amounts_are_positive" in doubtful.screen
    [(_, message)] = webhook.received
    assert message.startswith("Tiny: the nightly run FAILED.")
    assert "amounts_are_positive" in message and "landing/refunds.csv, record 1" in message
    assert f"Last published version: {doubtful.versions[0].name}" in message
    assert "alert sent: the webhook" in doubtful.screen
    assert doubtful.query("select count(*) from results.orders") == [(2,)]
    assert len(doubtful.versions) == 1

    again = run_nightly(
        tiny,
        ALERT_WEBHOOK_URL=f"http://127.0.0.1:{port}/{SECRET}",
        ALERT_MAIL_TO="jo@example.com",
        SMTP_URL=f"smtp://jo:{SECRET}@127.0.0.1:{port}",
    )
    assert "alert not sent: the webhook (ALERT_WEBHOOK_URL): Connection refused" in again.screen
    assert "alert not sent: mail (ALERT_MAIL_TO): Connection refused" in again.screen
    assert SECRET not in doubtful.screen + again.screen
    assert not [file for file in tiny.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert again.status == 1, "a delivery that failed a check must not be accepted by the next run"
    assert "amounts_are_positive" in again.screen


@SLOW
def test_the_run_after_the_correction_publishes_whatever_was_damaged(tiny_run: Run, tmp_path: Path):
    """Two runs fail; then their input is corrected, and somebody damaged raw and the warehouse in the meantime."""
    tiny = copy_tiny(tiny_run, tmp_path)
    incomplete = deliver_without_net(tiny)
    assert run_nightly(tiny).status == 1
    incomplete.unlink()
    refunds = tiny / "landing" / "refunds.csv"
    refunds.write_text(REFUNDS.format(amount="-5.00"))
    assert run_nightly(tiny).status == 1

    deliver_pounds(tiny)
    (tiny / "plan.yml").write_text(PLAN + "exchange_rates: {GBP: 1.5}\n")
    refunds.write_text(REFUNDS.format(amount="5.00"))
    damaged = damage_raw(tiny)
    make_older(tiny / "warehouse" / "warehouse.duckdb")
    corrected = run_nightly(tiny)
    assert corrected.status == 0, corrected.screen
    assert f"the loaded rows are missing or damaged ({damaged})" in corrected.screen
    assert corrected.query("select order_id, net_revenue from results.orders order by all") == [
        ("1", 35),
        ("2", 60),
        ("3", 90),
    ]
    assert corrected.query("select actual from goals.progress") == [(35.0,)]


def deliver_pounds(programme: Path) -> None:
    """One order more, in a currency that needs a rate."""
    more = ORDERS.replace("2,bo,2026-03-02 10:00:00,EUR", "3,bo,2026-03-03 10:00:00,GBP")
    (programme / "landing" / "orders_2026-03-03.csv").write_text(more)


def test_an_order_without_a_rate_fails_a_test_that_names_it(tiny: Path, project: CompiledProject):
    deliver_pounds(tiny)
    with build(project, tiny) as marts:
        problems = str(find_broken_tests(project, marts)["assert_every_currency_has_an_exchange_rate"])
    assert "landing/orders_2026-03-03.csv" in problems
    assert "GBP has no rate; add GBP under exchange_rates in plan.yml" in problems


@SLOW
def test_an_order_without_a_rate_stops_the_run_and_nothing_is_published_by_hand(tiny: Path):
    first = run_with_history(tiny)
    assert first.status == 0, first.screen
    deliver_pounds(tiny)
    stopped = run_with_history(tiny)
    assert stopped.status == 1
    assert "landing/orders_2026-03-03.csv" in stopped.screen
    assert "GBP has no rate; add GBP under exchange_rates in plan.yml" in stopped.screen
    assert stopped.query("select count(*) from results.orders") == [(2,)]
    by_hand = publish_by_hand(tiny)
    assert by_hand.returncode != 0
    assert "not published; the last published version is unchanged" in by_hand.stdout + by_hand.stderr
    assert "assert_every_currency_has_an_exchange_rate" in by_hand.stdout + by_hand.stderr
    assert stopped.versions == first.versions


def test_a_plan_with_five_mistakes_gives_five_messages_before_anything_is_built(tiny: Path):
    (tiny / "plan.yml").write_text(
        PLAN.replace("currency: EUR", "currency: euro")
        .replace("Europe/Brussels", "Europe/Brusels")
        .replace("net_revenue", "reach")
        .replace("ends_on: 2026-03-31", "ends_on: 2026-02-30")
        .replace("owner: jo@example.com", "ownr: jo@example.com")
    )
    with serve(webhook := receivers.Webhook()) as port:
        run = run_nightly(tiny, ALERT_WEBHOOK_URL=f"http://127.0.0.1:{port}/")
    assert run.status == 1
    [(_, message)] = webhook.received
    assert "plan.yml line 2" in message and "plan.yml line 9" in message
    lines = [line for line in run.screen.splitlines() if line.startswith("plan.yml line ")]
    assert [int(re.match(r"plan.yml line (\d+)", line)[1]) for line in lines] == [2, 3, 7, 9, 9], run.screen
    assert "net_revenue" in run.screen, "the message lists what the goal could measure"
    assert not (tiny / "warehouse").exists()


def test_the_message_on_a_missing_folder_or_file_says_how_to_start(tmp_path: Path):
    nowhere = run_nightly(tmp_path / "nowhere")
    assert nowhere.status == 1
    assert "does not exist" in nowhere.screen
    empty = run_nightly(tmp_path)
    assert empty.status == 1
    assert "make new PROGRAMME=" in nowhere.screen and "make new PROGRAMME=" in empty.screen


@SLOW
def test_a_programme_without_any_file_yet_runs_and_publishes_empty_marts(empty_run: Run):
    assert "No data yet" in empty_run.screen and "make onboard FILE=" in empty_run.screen
    assert empty_run.query("select count(*) from results.orders") == [(0,)]
    assert empty_run.query("select actual, status, as_of::varchar from goals.progress") == [
        (None, "unknown", EMPTY_AS_OF)
    ]


def test_a_day_that_is_no_date_is_refused_at_once(tiny: Path):
    run = run_nightly(tiny, AS_OF="yesterday")
    assert run.status == 1
    assert "AS_OF=yesterday is no day" in run.screen
