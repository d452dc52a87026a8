"""Fivetran's Shopify tables, loaded into a real PostgreSQL with real types and pulled from it, give the marts that the
files give."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.pulling.pull import pull
from orchestration.programme import read_programme
from tests.conftest import REAL
from tests.servers.postgres import PostgresServer
from tests.warehouse.bare import CompiledProject, build

SOURCE = REAL / "shopify_connector"
pytestmark = pytest.mark.skipif(not SOURCE.is_dir(), reason=f"the real data is not here: {SOURCE}")

PLAN = "{programme: Connectors, currency: USD, timezone: America/New_York, exchange_rates: {GBP: 1.25}}\n"
READ = {
    "shopify_order_data": """feeds: orders
    columns: {order_id: id, ordered_at: created_at, tax: total_tax, discount: total_discounts, net: subtotal_price, status: financial_status}
    values: {shop: kitties}
    timezone: UTC
""",
    "shopify_order_line_refund_data": """feeds: refunds
    columns: {refund_id: id, order_id: order_line_id, refunded_at: _fivetran_synced, amount: subtotal}
    values: {shop: kitties, currency: USD}
    timezone: UTC
""",
}
# What Fivetran's columns are in a warehouse.
TYPES = {"id": "bigint", "subtotal_price": "numeric", "total_tax": "numeric(12,2)", "total_discounts": "numeric",
         "created_at": "timestamp", "updated_at": "timestamp", "taxes_included": "boolean", "subtotal": "numeric",
         "_fivetran_synced": "timestamp"}  # fmt: skip


def load(server: PostgresServer, table: str) -> None:
    with duckdb.connect() as connection:
        rows = connection.execute("from read_csv($1, all_varchar = true)", [str(SOURCE / f"{table}.csv")])
        names = [column[0] for column in rows.description]
        values = rows.fetchall()
    columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in names)
    with server.connect() as opened:
        opened.execute(f"create table {table} ({columns})")
        marks = ", ".join(f"%s::{TYPES.get(name, 'text')}" for name in names)
        for row in values:
            opened.execute(f"insert into {table} values ({marks})", row)


def read_marts(project: CompiledProject, folder: Path) -> dict[str, list[tuple]]:
    with build(project, folder) as marts:
        tables = marts.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in ('results', 'goals')"
        ).fetchall()
        return {
            f"{schema}.{name}": marts.execute(f'from "{schema}"."{name}" order by all').fetchall()
            for schema, name in tables
            if name != "unmatched"  # names the files
        }


def test_pulled_tables_give_the_same_marts_as_files(postgres: PostgresServer, project: CompiledProject, tmp_path: Path):
    postgres.execute("drop schema public cascade", "create schema public")
    made = {}
    for kind in ("files", "pulled"):
        folder = tmp_path / kind
        (folder / "landing").mkdir(parents=True)
        (folder / "plan.yml").write_text(PLAN)
        shutil.copy(tmp_path / "files" / ".pseudonym_key", folder) if kind == "pulled" else None
        entries = []
        for table, reading in READ.items():
            if kind == "files":
                shutil.copy(SOURCE / f"{table}.csv", folder / "landing")
                entries.append(f"  - files: landing/{table}.csv\n    {reading}")
            else:
                load(postgres, table)
                entries.append(f"  - from: shop_db\n    table: public.{table}\n    {reading}")
        (folder / "extracts.yml").write_text("extracts:\n" + "".join(entries))
        if kind == "pulled":
            (folder / "settings.yml").write_text(f"connections: {{shop_db: '{postgres.url}'}}\n")
            programme = read_programme(folder)
            for entry in programme.entries:
                assert pull(programme, entry, environment={"PG_PASSWORD": postgres.password}).rows
        made[kind] = read_marts(project, folder)
    assert made["files"]["results.orders"] and len(made["files"]) > 20
    assert made["pulled"] == made["files"]
