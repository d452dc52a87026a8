"""Fivetran's own test data of its Shopify connector: what is read is what Fivetran's dbt package sums up, without tax.

The package's subtotals are 10.00 pounds (2.80 + 2.80 + 4.40) and 580.00 dollars (100 + 80 + 50 + 200 + 150). Prices include tax:
0.01 on the first order in dollars, whose total has nothing else, and 0.02 on the second, of 80.00 of 100.02. No refund of the
data has its goods, its adjustments or its order there.
"""

import shutil
from pathlib import Path

import pytest

from tests.conftest import REAL
from tests.warehouse.bare import CompiledProject, build, find_warnings

SOURCE = REAL / "shopify_connector"
pytestmark = pytest.mark.skipif(not SOURCE.is_dir(), reason=f"the real data is not here: {SOURCE}")

TABLES = {
    "shopify_order_data": "orders",
    "shopify_order_line_data": "order_lines",
    "shopify_order_discount_code_data": "order_discount_codes",
    "shopify_refund_data": "refunds",
    "shopify_order_line_refund_data": "order_line_refunds",
    "shopify_order_adjustment_data": "order_adjustments",
    "shopify_customer_data": "customers",
    "shopify_discount_code_basic_data": "discounts",
}


def test_fivetrans_own_data_gives_its_subtotals_without_tax(project: CompiledProject, tmp_path: Path):
    shutil.copytree(SOURCE, tmp_path / "landing")
    (tmp_path / "plan.yml").write_text(
        "{programme: Connector, currency: USD, timezone: America/New_York, exchange_rates: {GBP: 1.25}}\n"
    )
    entries = "\n".join(
        f"  - {{files: landing/{file}.csv, format: fivetran_shopify_{table}, values: {{shop: kitties}}}}"
        for file, table in TABLES.items()
    )
    (tmp_path / "extracts.yml").write_text(f"extracts:\n{entries}\n")
    warehouse = build(project, tmp_path)
    orders = warehouse.execute(
        "select order_id, currency, gross::varchar, net::varchar, discount_codes from intermediate.int_orders_latest"
        " order by order_id"
    ).fetchall()
    assert orders == [
        ("1000001", "USD", "100.00", "99.99", "BASIC001"),
        ("1000002", "USD", "80.00", "79.98", "BASIC002"),
        ("1000003", "USD", "50.00", "50.00", "SHIP001"),
        ("1000004", "USD", "200.00", "200.00", "BXGY001"),
        ("1000005", "USD", "150.00", "150.00", "APP001"),
        ("2669509541985", "GBP", "4.40", "4.40", "GIFTCARD"),
        ("2669516488801", "GBP", "2.80", "2.80", "SHIPPING2022"),
        ("2674098602081", "GBP", "5.60", "2.80", "GIFTCARD;SHIPPING2022;FIXED"),
    ]
    # 579.97 dollars and 10.00 pounds at 1.25.
    assert warehouse.execute("select sum(net_revenue)::varchar from results.orders").fetchone() == ("592.47",)
    refunds = "select count(*), count(amount) from intermediate.int_refunds_latest"
    assert warehouse.execute(refunds).fetchone() == (5, 0)
    assert sum("which no delivery has" in problem for problem in find_warnings(project, warehouse)) == 5
    customers = "select sum(orders) from intermediate.int_customers_latest"
    assert warehouse.execute(customers).fetchone() == (5,)
