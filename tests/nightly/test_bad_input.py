"""Wrong input, as users meet it: a clear message, nothing lost, and what was published last stays readable."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.alerts import receivers
from tests.alerts.receivers import serve

from tests.conftest import REPOSITORY, run_nightly
from tests.tiny import ORDERS, PLAN, write_tiny

SECRET = "hunter2-token"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny(tmp_path)


def publish_by_hand(programme: Path) -> subprocess.CompletedProcess:
    """What a data engineer might try after a failed night: materialise the published marts alone."""
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


def test_a_night_that_fails_leaves_the_last_one_readable_and_the_next_one_recovers(tiny: Path):
    """A missing pattern only warns; an order without a rate, then negative refunds, stop the night; mended, it goes on."""
    first = run_nightly(tiny)
    assert first.status == 0, first.screen
    assert "no file matches landing/refunds*.csv" in first.screen
    assert first.query("select actual, status from goals.progress") == [(40.0, "missed")]

    foreign = tiny / "landing" / "orders_2026-03-03.csv"
    foreign.write_text(ORDERS.replace("2,bo,2026-03-02 10:00:00,EUR", "3,bo,2026-03-03 10:00:00,GBP"))
    stopped = run_nightly(tiny)
    assert stopped.status == 1
    assert "landing/orders_2026-03-03.csv" in stopped.screen
    assert "GBP has no rate; add GBP under exchange_rates in plan.yml" in stopped.screen
    assert stopped.query("select count(*) from results.orders") == [(2,)]
    assert len(stopped.nights) == 1

    by_hand = publish_by_hand(tiny)
    assert by_hand.returncode != 0
    assert "not published, and what was published last stays as it is" in by_hand.stdout + by_hand.stderr
    assert len(stopped.nights) == 1

    (tiny / "plan.yml").write_text(PLAN + "exchange_rates: {GBP: 1.5}\n")
    refunds = tiny / "landing" / "refunds.csv"
    refunds.write_text("refund_id,order_id,refunded_at,amount\nr1,1,2026-03-05 10:00:00,-5.00\n")
    with serve(webhook := receivers.Webhook()) as port:
        doubtful = run_nightly(tiny, ALERT_WEBHOOK_URL=f"http://127.0.0.1:{port}/{SECRET}")
    assert doubtful.status == 1
    [(_, told)] = webhook.received
    assert told.startswith("Tiny: the nightly run FAILED.")
    assert "amounts_are_positive" in told and "landing/refunds.csv, record 1" in told
    assert f"Last good night: {doubtful.nights[0].name}" in told
    assert "told the webhook" in doubtful.screen
    assert "amounts_are_positive" in doubtful.screen
    assert len(doubtful.nights) == 1

    again = run_nightly(
        tiny,
        ALERT_WEBHOOK_URL=f"http://127.0.0.1:{port}/{SECRET}",
        ALERT_MAIL_TO="jo@example.com",
        SMTP_URL=f"smtp://jo:{SECRET}@127.0.0.1:{port}",
    )
    assert "not told: the webhook (ALERT_WEBHOOK_URL): Connection refused" in again.screen
    assert "not told: mail (ALERT_MAIL_TO): Connection refused" in again.screen
    assert SECRET not in doubtful.screen + again.screen
    assert not [file for file in tiny.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert again.status == 1, "a delivery that broke a promise must not slip in on the night after"
    assert "amounts_are_positive" in again.screen

    refunds.write_text("refund_id,order_id,refunded_at,amount\nr1,1,2026-03-05 10:00:00,5.00\n")
    mended = run_nightly(tiny)
    assert mended.status == 0, mended.screen
    assert mended.query("select order_id, net_revenue from results.orders order by all") == [
        ("1", 35),
        ("2", 60),
        ("3", 90),
    ]
    assert mended.query("select actual from goals.progress") == [(35.0,)]


def test_a_file_without_a_required_column_stops_the_night_and_names_it(tiny: Path):
    (tiny / "landing" / "orders_2026-03-04.csv").write_text("order_id,ordered_at,Net sales\n4,2026-03-04,1.00\n")
    run = run_nightly(tiny)
    assert run.status == 1
    assert re.search(r"landing/orders_2026-03-04\.csv .*net.*Net sales", run.screen), run.screen
    assert not (tiny / "published" / "marts.duckdb").exists()


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
    [(_, told)] = webhook.received
    assert "plan.yml line 2" in told and "plan.yml line 9" in told
    lines = [line for line in run.screen.splitlines() if line.startswith("plan.yml line ")]
    assert [int(re.match(r"plan.yml line (\d+)", line)[1]) for line in lines] == [2, 3, 7, 9, 9], run.screen
    assert "net_revenue" in run.screen, "the message lists what the goal could aim at"
    assert not (tiny / "warehouse").exists()


def test_a_folder_that_does_not_exist_or_lacks_its_files_says_how_to_begin(tmp_path: Path):
    nowhere = run_nightly(tmp_path / "nowhere")
    assert nowhere.status == 1
    assert "does not exist" in nowhere.screen
    empty = run_nightly(tmp_path)
    assert empty.status == 1
    assert "make new PROGRAMME=" in nowhere.screen and "make new PROGRAMME=" in empty.screen


def test_a_programme_without_any_file_yet_runs_and_publishes_empty_marts(tiny: Path):
    shutil.rmtree(tiny / "landing")
    (tiny / "landing").mkdir()
    run = run_nightly(tiny, AS_OF="2026-03-10")
    assert run.status == 0, run.screen
    assert "No data yet" in run.screen and "make onboard FILE=" in run.screen
    assert run.query("select count(*) from results.orders") == [(0,)]
    assert run.query("select actual, status, as_of::varchar from goals.progress") == [(0.0, "behind", "2026-03-10")]


def test_a_day_that_is_none_is_said_at_once(tiny: Path):
    run = run_nightly(tiny, AS_OF="yesterday")
    assert run.status == 1
    assert "AS_OF=yesterday is no day" in run.screen
