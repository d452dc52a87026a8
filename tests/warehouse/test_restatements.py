"""A programme whose late files change closed months: each month is named with its reason, from the marts of two builds."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.publish import describe_version
from orchestration.publishing.restated_months import Restatement, find_restated_months
from orchestration.warehouse.database import drop_warehouse, warehouse_file
from tests.warehouse.bare import CompiledProject, build
from tests.warehouse.programmes import Extracts, Rows, deliver, start_programme

PLAN = "{{programme: Late, currency: EUR, timezone: UTC, lookback_days: 30, self_purchases: {}}}\n"
EXTRACTS = ("orders", "refunds", "codes", "costs", "clicks", "partners")
HEADER = ("shop", "order_id", "customer_id", "customer_email", "ordered_at", "net", "discount_codes")


def write_orders(*rows: tuple[str, ...]) -> Rows:
    return [dict(zip(HEADER, ("eu", *row), strict=True)) for row in rows]


FIRST: Extracts = {
    "orders": write_orders(
        ("1", "c1", "ada@mail.example", "2026-03-05", "40.00", "MIRA"),
        ("2", "c2", "", "2026-03-10", "60.00", ""),
        ("3", "c1", "", "2026-04-02", "30.00", "MIRA"),
        ("4", "c4", "", "2026-05-01", "10.00", ""),
        ("6", "c6", "", "2026-06-05", "80.00", "MIRA"),
        ("7", "c7", "", "2026-07-31", "90.00", ""),
    ),
    "codes": [{"code": "MIRA", "partner_id": "mira"}],
    "partners": [{"partner_id": "mira", "name": "Mira", "customer_id": "c6"}],
}
# Order 5 is late, order 1 has another amount, c4 is Ada, as the address on order 4 shows, and c2 came by a visit. July is
# open on 1 August.
SECOND: Extracts = {
    "orders": write_orders(
        ("1", "c1", "ada@mail.example", "2026-03-05", "45.00", "MIRA"),
        ("4", "c4", "Ada@mail.example", "2026-05-01", "10.00", ""),
        ("5", "c5", "", "2026-03-31 23:00:00", "5.00", ""),
        ("8", "c8", "", "2026-07-01", "8.00", ""),
    ),
    "refunds": [
        {"shop": "eu", "refund_id": "r1", "order_id": "3", "refunded_at": "2026-04-20", "amount": "3.00"},
        {"shop": "eu", "refund_id": "r2", "order_id": "3", "refunded_at": "2026-07-31", "amount": "2.00"},
    ],
    "clicks": [{"click_id": "k1", "clicked_at": "2026-03-09", "partner_id": "mira", "customer_id": "c2"}],
    "costs": [{"cost_id": "1", "paid_on": "2026-02-10", "partner_id": "mira", "amount": "7.00"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    folder = ProgrammeFolder(start_programme(tmp_path, PLAN.format("credit"), EXTRACTS))
    deliver_files(folder, FIRST, day=1)
    return folder


def deliver_files(folder: ProgrammeFolder, extracts: Extracts, day: int) -> None:
    for extract, rows in extracts.items():
        deliver(folder.path, extract, rows, day)


def make_version(
    project: CompiledProject, folder: ProgrammeFolder, as_of: date, last: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], Restatement]:
    """Build, and write the marts of results into a version's folder: what latest.json says, and which closed months the
    version changes."""
    drop_warehouse(folder)
    name = f"{as_of}T030000Z"
    marts = folder.versions / name / "marts.duckdb"
    marts.parent.mkdir(parents=True)
    with build(project, folder.path, as_of, warehouse_file(folder)) as connection:
        tables = connection.execute(
            "select distinct table_name from information_schema.tables where table_schema = 'results'"
        ).fetchall()
        connection.execute(f"attach '{marts}' as published; create schema published.results")
        for (table,) in tables:
            connection.execute(f"create table published.results.{table} as from warehouse.results.{table}")
    latest = describe_version(folder, name, datetime.now(UTC), {})
    return latest, find_restated_months(folder, last or {}, latest, marts)


def test_late_files_name_the_months_that_they_change_and_why(project: CompiledProject, folder: ProgrammeFolder):
    first, restated = make_version(project, folder, date(2026, 8, 1))
    assert restated == Restatement(None, {})
    second, restated = make_version(project, folder, date(2026, 8, 2), first)
    assert restated == Restatement(first["version"], {}), "only the day is another"
    deliver_files(folder, SECOND, day=3)
    third, restated = make_version(project, folder, date(2026, 8, 3), second)
    assert restated == Restatement(
        second["version"],
        {
            "2026-02": "costs +7.00 EUR",
            "2026-03": "1 late order, 1 corrected order (in orders_2026-08-03.csv), 1 order credited otherwise",
            "2026-04": "refunds +3.00 EUR",
            "2026-05": "1 order of a person merged, cut or erased",
        },
    )
    folder.plan_file.write_text(PLAN.format("exclude"))
    assert make_version(project, folder, date(2026, 8, 4), third)[1].months == {
        "2026-06": "1 order credited otherwise, plan.yml changed (self_purchases)"
    }
