"""Deliveries that come twice, late, corrected, out of order, in other versions, or empty."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.landing.load import land
from orchestration.programme.programme import read_programme
from tests.warehouse.bare import CompiledProject, build, find_failed_tests

PLAN = "{programme: Deliveries, currency: EUR, timezone: UTC}\n"
EXTRACTS = """\
extracts:
  - {files: landing/orders_*.csv, feeds: orders}
  - {files: landing/roster_*.csv, feeds: partners, delivery: snapshot}
  - {files: landing/posts_*.csv, feeds: posts}
"""
HEADER = "order_id,ordered_at,net\n"
RUNS = [
    {
        # The third day comes first; the second is missing and comes later.
        "orders_2026-03-03.csv": HEADER + "3,2026-03-03,30\n",
        "orders_2026-03-01.csv": HEADER + "1,2026-03-01,10\n",
        "roster_2026-03-01.csv": "partner_id,name\np1,Mira\np2,Leo\n",
        # Two versions of one export: other columns, another order of them.
        "posts_2026-03-01.csv": "post_id,platform\n9007199254740993001,x\n",
        "posts_2026-03-02.csv": "is_paid,platform,url,post_id\ntrue,x,https://x.example/2,9007199254740993002\n",
    },
    {
        # A correction of the first day under the day it was made, with a late row; the same file twice; an empty day.
        "orders_2026-03-04.csv": HEADER + "1,2026-03-01,11\n0,2026-02-28,5\n",
        "orders_2026-03-01 (copy).csv": HEADER + "1,2026-03-01,10\n",
        "orders_2026-03-05.csv": HEADER,
        "roster_2026-03-02.csv": "partner_id,name\np1,Mira M.\n",
    },
    {
        # The missing day, older than what is there: it replaces no row that came after it.
        "orders_2026-03-02.csv": HEADER + "2,2026-03-02,20\n3,2026-03-03,99\n",
    },
]


@pytest.fixture(scope="module")
def read(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[tuple]]:
    folder: Path = tmp_path_factory.mktemp("deliveries")
    (folder / "landing").mkdir()
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(EXTRACTS)
    for run in RUNS:
        for name, content in run.items():
            (folder / "landing" / name).write_text(content)
        assert not land(read_programme(folder)).refusals
    warehouse = build(project, folder)
    assert find_failed_tests(project, warehouse) == {}
    return lambda sql: warehouse.execute(sql).fetchall()


def test_the_latest_delivery_of_each_order_counts_whenever_it_came(read: Callable):
    found = read("select order_id, net::varchar from intermediate.int_orders_latest order by all")
    assert found == [("0", "5.00"), ("1", "11.00"), ("2", "20.00"), ("3", "30.00")]


def test_raw_keeps_both_the_first_and_the_corrected_delivery(read: Callable):
    assert read("select net from raw.orders where order_id = '1' order by _delivery_order") == [("10",), ("11",)]


def test_the_same_content_is_loaded_once(read: Callable):
    assert read("select count(*) from ledger.deliveries where extract = 'orders'") == [(5,)]


def test_a_row_that_is_gone_from_a_snapshot_is_gone(read: Callable):
    assert read("select partner_id, name from intermediate.int_partners_latest") == [("p1", "Mira M.")]


def test_two_versions_of_an_export_are_read_by_name(read: Callable):
    assert read("select post_id, is_paid, url from intermediate.int_posts_latest order by all") == [
        ("9007199254740993001", None, None),
        ("9007199254740993002", True, "https://x.example/2"),
    ]
