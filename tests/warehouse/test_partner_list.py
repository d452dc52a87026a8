"""Partner ids that the list of partners does not have: they stay, and are warned of."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.bare import CompiledProject, build, find_warnings
from tests.warehouse.programmes import Rows, deliver, start_programme

PLAN = "{programme: Roster, currency: EUR, timezone: Europe/Brussels}\n"
ROSTER: Rows = [{"partner_id": "42"}, {"partner_id": "INF001"}]
# As pandas writes partners of which some are not known; typed by hand on the next day.
ORDERS: Rows = [{"order_id": f"{n}", "ordered_at": f"2026-03-0{n}", "net": "10"} for n in range(1, 5)]
PANDAS: Rows = [
    {"conversion_id": f"{n}", "converted_at": f"2026-03-0{n}", "order_id": f"{n}", "partner_id": partner}
    for n, partner in ((1, "nan"), (2, "42.0"), (3, "N/A"))
]
TYPED: Rows = [{"conversion_id": "4", "converted_at": "2026-03-04", "order_id": "4", "partner_id": "inf001"}]


@pytest.fixture(scope="module")
def marts(project: CompiledProject, folders: Iterator[Path]) -> duckdb.DuckDBPyConnection:
    folder = start_programme(next(folders), PLAN, ["partners", "orders", "conversions"])
    deliver(folder, "partners", ROSTER)
    deliver(folder, "orders", ORDERS)
    deliver(folder, "conversions", PANDAS)
    deliver(folder, "conversions", TYPED, day=2)
    return build(project, folder, date(2026, 3, 15))


def test_an_id_that_pandas_wrote_is_the_partners_and_a_word_for_empty_is_nobodys(marts: duckdb.DuckDBPyConnection):
    found = marts.execute("select order_id, partner_id from results.orders order by all").fetchall()
    assert found == [("1", None), ("2", "42"), ("3", None), ("4", "inf001")]
    assert marts.execute("select partner_id from relationships.partners order by all").fetchall() == [
        ("42",),
        ("INF001",),
        ("inf001",),
    ]


def test_an_id_that_is_in_no_list_is_warned_of(marts: duckdb.DuckDBPyConnection, project: CompiledProject):
    warning = "1 partner id is not in partners: inf001; did you mean INF001? It holds 50 % of the credited revenue."
    assert [line for line in find_warnings(project, marts) if "not in partners" in line] == [warning]


def test_without_a_list_no_id_is_missing_in_it(project: CompiledProject, folders: Iterator[Path]):
    folder = start_programme(next(folders), PLAN, ["orders", "conversions"])
    deliver(folder, "orders", ORDERS)
    deliver(folder, "conversions", TYPED)
    with build(project, folder, date(2026, 3, 15)) as marts:
        assert not [line for line in find_warnings(project, marts) if "not in partners" in line]
        assert marts.execute("select partner_id from results.orders where order_id = '4'").fetchall() == [("inf001",)]


def test_who_is_in_no_list_any_more_was_in_one(project: CompiledProject, folders: Iterator[Path]):
    folder = start_programme(next(folders), PLAN, ["partners", "orders", "conversions"])
    entries = folder / "extracts.yml"
    entries.write_text(entries.read_text().replace("feeds: partners", "feeds: partners, delivery: snapshot"))
    deliver(folder, "partners", ROSTER)
    deliver(folder, "partners", ROSTER[:1], day=2)
    deliver(folder, "orders", ORDERS)
    deliver(folder, "conversions", [{**TYPED[0], "partner_id": "INF001"}])
    with build(project, folder, date(2026, 3, 15)) as marts:
        assert not [line for line in find_warnings(project, marts) if "not in partners" in line]
