"""Fivetran's Shopify tables, loaded into a real PostgreSQL with real types and pulled from it, give the marts that files
of the same rows give."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.pulling.pull import pull
from orchestration.programme import read_programme
from tests.conftest import REAL
from tests.pulling.conftest import Bench
from tests.servers.postgres import PostgresServer
from tests.servers.processes import PASSWORD
from tests.warehouse.bare import CompiledProject, build

SOURCE = REAL / "shopify_connector"
pytestmark = pytest.mark.skipif(not SOURCE.is_dir(), reason=f"the real data is not here: {SOURCE}")

PLAN = "{programme: Connectors, currency: USD, timezone: America/New_York, exchange_rates: {GBP: 1.25}}\n"
# What is pulled: a table as it is, or a query in words that PostgreSQL and DuckDB share.
ORDERS = """
    select o.id, o.created_at, o.currency, o.subtotal_price, o.total_tax, o.total_discounts, o.customer_id, o.email,
      o.financial_status, o.name, o.order_number, d.codes
    from shopify_order_data o
    left join (select order_id, string_agg(code, ';' order by code) as codes from shopify_order_discount_code_data
      group by order_id) d on d.order_id = o.id"""
REFUNDS = """
    select l.id, coalesce(r.order_id, l.order_line_id) as order_id, coalesce(r.created_at, l._fivetran_synced) as refunded_at,
      l.subtotal
    from shopify_order_line_refund_data l left join shopify_refund_data r on r.id = l.refund_id"""
CODES = "select distinct code, 'partner of ' || lower(code) as partner_id from shopify_order_discount_code_data"
PULLED = {
    "orders": (
        ORDERS,
        "{order_id: id, ordered_at: created_at, tax: total_tax, discount: total_discounts, net: subtotal_price,"
        " status: financial_status, customer_email: email, order_refs: order_number, discount_codes: codes}",
    ),
    "refunds": (REFUNDS, "{refund_id: id, amount: subtotal}"),
    "codes": (CODES, "{}"),
    "customers": ("shopify_customer_data", "{customer_id: id, first_ordered_at: created_at, orders: orders_count}"),
}
VALUES = {"codes": "", "refunds": ", values: {shop: kitties, currency: USD}"}
# What Fivetran's columns are in a warehouse.
TYPES = {
    **dict.fromkeys(("subtotal_price", "total_discounts", "subtotal", "amount", "total_price", "total_spent"), "numeric"),
    "total_tax": "numeric(12,2)", "orders_count": "integer", "taxes_included": "boolean", "_fivetran_synced": "timestamp",
}  # fmt: skip


def find_type(name: str) -> str:
    if name in TYPES:
        return TYPES[name]
    return "bigint" if re.search(r"(^|_)id$", name) else "timestamp" if name.endswith("_at") else "text"


def read_csv(table: str) -> str:
    return f"read_csv('{SOURCE / table}.csv', all_varchar = true)"


def load(server: PostgresServer, table: str) -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(f"from {read_csv(table)}")
        names = [column[0] for column in rows.description]
        values = rows.fetchall()
    columns = ", ".join(f'"{name}" {find_type(name)}' for name in names)
    marks = ", ".join(f"%s::{find_type(name)}" for name in names)
    with server.connect() as opened:
        opened.execute(f"create table {table} ({columns})")
        for row in values:
            opened.execute(f"insert into {table} values ({marks})", row)


def write_file(query: str, target: Path) -> None:
    """What a team would export: the table's file, or the query over the files as CSV."""
    if " " not in query.strip():
        shutil.copy(SOURCE / f"{query}.csv", target)
        return
    with duckdb.connect() as connection:
        for file in SOURCE.glob("*.csv"):
            connection.execute(f"create view {file.stem} as from {read_csv(file.stem)}")
        connection.execute(f"copy ({query}) to '{target}' (header)")


def read_marts(project: CompiledProject, folder: Path) -> dict[str, list[tuple]]:
    with build(project, folder) as marts:
        tables = marts.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in ('results', 'goals',"
            " 'relationships')"
        ).fetchall()
        return {
            f"{schema}.{name}": marts.execute(f'from "{schema}"."{name}" order by all').fetchall()
            for schema, name in tables
            if name != "unmatched"  # names the files
        }


def test_pulled_tables_give_the_same_marts_as_files(postgres: PostgresServer, project: CompiledProject, tmp_path: Path):
    postgres.execute("drop schema public cascade", "create schema public")
    for file in sorted(SOURCE.glob("*.csv")):
        load(postgres, file.stem)
    made = {}
    for kind in ("files", "pulled"):
        folder = Bench(tmp_path / kind, {}).path
        (folder / "plan.yml").write_text(PLAN)
        entries = []
        for feeds, (query, columns) in PULLED.items():
            reading = (
                f"feeds: {feeds}, timezone: UTC, columns: {columns}{VALUES.get(feeds, ', values: {shop: kitties}')}"
            )
            if kind == "files":
                write_file(query, folder / "landing" / f"{feeds}.csv")
                entries.append(f"  - {{files: landing/{feeds}.csv, {reading}}}\n")
            else:
                origin = f'query: "{" ".join(query.split())}"' if " " in query.strip() else f"table: public.{query}"
                entries.append(f"  - {{from: shop_db, {origin}, {reading}}}\n")
        (folder / "extracts.yml").write_text("extracts:\n" + "".join(entries))
        if kind == "pulled":
            shutil.copy(tmp_path / "files" / ".pseudonym_key", folder)
            (folder / "settings.yml").write_text(f"connections: {{shop_db: '{postgres.url}'}}\n")
            programme = read_programme(folder)
            for entry in programme.entries:
                done = pull(programme, entry, environment={"PG_PASSWORD": PASSWORD})
                assert done.rows and done.rows == done.rows_at_source
        made[kind] = read_marts(project, folder)
    assert len(made["files"]) > 20
    for mart in ("results.orders", "results.credits", "results.partners"):
        assert made["files"][mart], mart
    assert made["pulled"] == made["files"]
