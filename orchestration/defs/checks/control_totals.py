"""Control totals: reconcile the marts with the deliveries, to the row and to the cent.

Two sets, each counted independently in two ways:

- `every_row_and_cent_arrived`: the counts of landing while it reads a file, against raw and quarantine.
- `net_revenue_is_what_was_delivered`: the revenue in the marts, against a recount from raw without dbt's models.

Vendors' formats need more than casts to become orders, so their recount starts from their staging models.
"""

from collections.abc import Iterator
from decimal import Decimal

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from orchestration.defs import POOL
from orchestration.defs.check_events import Recorded, record_check
from orchestration.defs.checks.problem_lines import report_problems
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.resources import ProgrammeResource
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import read_warehouse
from orchestration.warehouse.recount import Totals, count_deliveries, recount_revenue

ARRIVED = "every_row_and_cent_arrived"
REVENUE = "net_revenue_is_what_was_delivered"
DELIVERIES = AssetKey(["ledger", "deliveries"])
REMEDY = "What to do: make rebuild. If the message stays the same, it is a bug: report it."

Row = tuple[str, int | None, Decimal | None]
"""Label, orders, net revenue."""

# Each query returns one Row per total to compare.
MARTS = {
    "orders": "select 'all orders', count(*), sum(net_revenue) from results.orders",
    "evidence": "select 'all evidence', sum(orders), sum(net_revenue) from results.evidence",
    "credits": "select attribution_model, null, sum(credited_revenue) from results.credits group by all",
    "daily": "select attribution_model, null, sum(net_revenue) from results.daily group by all",
}
# An untracked order has no credits, so these marts are compared with the attributed orders.
OF_ATTRIBUTED = ("credits", "daily")
ATTRIBUTED = "select coalesce(sum(net_revenue), 0) from results.orders where evidence <> 'none'"


def results_key(mart: str) -> AssetKey:
    return AssetKey(["results", mart])


def build_delivered_totals() -> AssetChecksDefinition:
    spec = AssetCheckSpec(
        ARRIVED,
        asset=DELIVERIES,
        blocking=True,
        description="Rows read = kept + quarantined + dropped; raw and quarantine have as many rows and as much money.",
    )

    @multi_asset_check(name="delivered_totals", specs=[spec], pool=POOL)
    def delivered_totals(programme: ProgrammeResource) -> AssetCheckResult:
        counted = count_deliveries(programme.folder)
        return report_problems(DELIVERIES, ARRIVED, counted.problems, counted.totals, REMEDY)

    return delivered_totals


def build_revenue_totals(graph: DbtGraph) -> AssetChecksDefinition:
    @multi_asset_check(
        name="revenue_totals",
        specs=[
            AssetCheckSpec(
                REVENUE,
                asset=results_key(mart),
                blocking=True,
                description="Its net revenue equals that of raw, recounted without dbt's models, to the cent.",
            )
            for mart in MARTS
        ],
        can_subset=True,
        pool=POOL,
    )
    def revenue_totals(context: AssetCheckExecutionContext, programme: ProgrammeResource) -> Iterator[Recorded]:
        checked = programme.read()
        with read_warehouse(programme.folder) as warehouse:
            expected = recount_revenue(checked, warehouse, graph.manifest)
            found = {mart: warehouse.execute(query).fetchall() for mart, query in MARTS.items()}
            [(attributed,)] = warehouse.execute(ATTRIBUTED).fetchall()
        currency, failed = checked.plan.currency, 0
        for mart, rows in found.items():
            if AssetCheckKey(results_key(mart), REVENUE) in context.selected_asset_check_keys:
                result = report(mart, rows, expected, attributed, currency)
                failed += not result.passed
                yield from record_check(revenue_totals, result)
        log.info(
            "control totals: %s orders, net revenue %s %s; %s",
            f"{expected.orders:,}",
            f"{expected.net_revenue:,.2f}",
            currency,
            f"{failed} totals DIFFER between raw and marts" if failed else "raw and marts agree to the cent",
        )

    return revenue_totals


def report(mart: str, rows: list[Row], expected: Totals, attributed: Decimal, currency: str) -> AssetCheckResult:
    revenue = attributed if mart in OF_ATTRIBUTED else expected.net_revenue
    orders = None if mart in OF_ATTRIBUTED else expected.orders
    metadata = {
        "expected net revenue": float(revenue),
        "expected": f"{revenue:,.2f} {currency}",
        **({} if orders is None else {"expected orders": orders}),
        **{f"net revenue, {label}": float(money or 0) for label, _, money in rows},
    }
    problems = list(compare(mart, rows, orders, revenue, currency))
    return report_problems(results_key(mart), REVENUE, problems, metadata, REMEDY)


def compare(mart: str, rows: list[Row], orders: int | None, revenue: Decimal, currency: str) -> Iterator[str]:
    """One line for each difference; a mart without rows counts as zero."""
    for label, found_orders, money in rows or [("nothing", None, None)]:
        name = f"results.{mart}, {label}"
        difference = (money or Decimal(0)) - revenue
        if difference:
            yield (
                f"{name}: net revenue is {money or 0:,.2f} {currency} instead of {revenue:,.2f}:"
                f" {difference:+,.2f} {currency}"
            )
        if orders is not None and (found_orders or 0) != orders:
            yield f"{name}: {found_orders or 0:,} orders instead of {orders:,}: {(found_orders or 0) - orders:+,}"
