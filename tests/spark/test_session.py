"""The session that dbt's threads share: recursion in rounds, leftovers, and a driver that is lost."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.spark.programmes import FOR_SMALL_TABLES

pytestmark = pytest.mark.spark

LOSE_THE_DRIVER = """
import os, signal, sys
from dbt_common.exceptions import DbtRuntimeError
from dbt.adapters.sparksession.connections import SessionHandle, SparkSessionCredentials
from dbt.adapters.sparksession.session import close_session

handle = SessionHandle(SparkSessionCredentials(
    database=None, schema="main", master="local[1]", storage=sys.argv[1], config={config}
))
handle.cursor().execute("select 1")
assert [tuple(row) for row in handle.fetchall()] == [(1,)]
os.kill(handle.session.sparkContext._gateway.proc.pid, signal.SIGKILL)
try:
    handle.cursor().execute("select 1")
except DbtRuntimeError as error:
    print(error.msg)
close_session()
print("closed")
"""


def test_a_circle_ends_and_each_row_is_found_once(spark: Any):
    from dbt.adapters.sparksession.rounds import unroll

    sql = """
        with recursive
            edges as (select * from values (1, 2), (2, 3), (3, 1), (4, 5) as edges (a, b)),
            reached as ( /* rounds start,node*/ select a as start, b as node from edges /* step*/
                union
                select reached.start, edges.b as node from reached inner join edges on edges.a = reached.node /* end*/
            )
        select start, node from reached order by start, node
    """
    rows = [tuple(row) for row in spark.sql(unroll(spark, sql)).collect()]
    assert rows == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3), (4, 5)]


def test_a_lost_driver_is_named_and_what_it_left_does_not_hinder_the_next(tmp_path: Path):
    code = LOSE_THE_DRIVER.replace("{config}", repr(FOR_SMALL_TABLES))
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=REPOSITORY,
            env={**os.environ, "PSEUDONYM_KEY": "x"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.stdout.splitlines()[-1:] == ["closed"], done.stderr[-3000:]
        assert done.stdout.startswith("Spark cannot be reached or has ended: "), done.stdout
        assert (tmp_path / "tables_of_reach_and_results").exists()
