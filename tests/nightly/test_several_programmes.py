"""`make nightly-all` on three real programmes: each has its own lock, history and versions."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, TODAY
from tests.tiny import write_tiny


@pytest.mark.slow
def test_three_programmes_run_one_after_the_other_and_share_nothing(tmp_path: Path):
    for name in ("one", "three", "two"):
        write_tiny(tmp_path / name)
    # Fails a critical check: an order without the day on which it was placed.
    broken = tmp_path / "three" / "landing" / "orders_2026-03-02.csv"
    broken.write_text("order_id,customer_id,ordered_at,currency,net,discount_codes\n1,ada,never,EUR,40.00,\n")
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.nightly_all"],
        env={**os.environ, "PROGRAMMES": str(tmp_path), "AS_OF": TODAY},
        cwd=REPOSITORY, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 of 3 programmes succeeded" in done.stdout
    outcomes = [line.split()[:2] for line in done.stdout.splitlines()[-3:]]
    assert outcomes == [["one", "ok"], ["three", "FAILED"], ["two", "ok"]], done.stdout
    assert [(tmp_path / name / "published" / "latest.json").exists() for name in ("one", "two", "three")] == [
        True,
        True,
        False,
    ]
    runs = [list_runs(tmp_path / name) for name in ("one", "two", "three")]
    assert [len(of_one) for of_one in runs] == [1, 1, 1] and len(set.union(*runs)) == 3, "a history of its own each"


def list_runs(programme: Path) -> set[str]:
    with closing(sqlite3.connect(programme / "warehouse" / "dagster" / "history" / "runs.db")) as history:
        return {run for (run,) in history.execute("select run_id from runs")}
