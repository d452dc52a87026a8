"""Does what is about to be published hold what was delivered, to the row and to the cent?

Two sets of control totals, each counted twice, on paths that have nothing in common:

- `every_row_and_cent_arrived`: what landing counted while it read a file, against what is in raw and in quarantine.
- `net_revenue_is_what_was_delivered`: the money in the marts, against a recount from raw that knows no model of dbt.

Vendors' formats need more than casts before they are orders; their recount starts from their staging models.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    MetadataValue,
    multi_asset_check,
)

from orchestration.assets.dbt_graph import read_manifest
from orchestration.building.inputs import combine
from orchestration.building.standing import read_standing, remember_standing
from orchestration.checks.recount import Totals, count_deliveries, fingerprint_raw, recount_revenue
from orchestration.environment import find_folder
from orchestration.programme.programme import Programme, read_programme
from orchestration.progress import log
from orchestration.resources import ALONE
from orchestration.warehouse import read_warehouse

ARRIVED = "every_row_and_cent_arrived"
REVENUE = "net_revenue_is_what_was_delivered"
DELIVERIES = AssetKey(["ledger", "deliveries"])
SHOWN = 10

# Each gives rows of (what, orders or null, net revenue).
MARTS = {
    "orders": "select 'all orders', count(*), sum(net_revenue) from results.orders",
    "evidence": "select 'all evidence', sum(orders), sum(net_revenue) from results.evidence",
    "credits": "select attribution_model, null, sum(credited_revenue) from results.credits group by all",
    "daily": "select attribution_model, null, sum(net_revenue) from results.daily group by all",
}
# An order that nothing claims has no credits, so these are held against the orders that something does.
OF_ATTRIBUTED = ("credits", "daily")
ATTRIBUTED = "select coalesce(sum(net_revenue), 0) from results.orders where evidence <> 'none'"


def results_key(mart: str) -> AssetKey:
    return AssetKey(["results", mart])


@multi_asset_check(
    name="delivered_totals",
    specs=[
        AssetCheckSpec(
            ARRIVED,
            asset=DELIVERIES,
            blocking=True,
            description="Read is kept, quarantined or dropped; raw and quarantine hold the rows and money they got.",
        )
    ],
    pool="warehouse",
    required_resource_keys=ALONE,
)
def delivered_totals(context: AssetCheckExecutionContext) -> AssetCheckResult:
    counted = count_deliveries(find_folder())
    problems = counted.problems
    return AssetCheckResult(
        asset_key=DELIVERIES,
        check_name=ARRIVED,
        passed=not problems,
        severity=AssetCheckSeverity.ERROR,
        description=describe(problems) if problems else None,
        metadata={**counted.totals, "problems": MetadataValue.json(problems)},
    )


@multi_asset_check(
    name="revenue_totals",
    specs=[
        AssetCheckSpec(
            REVENUE,
            asset=results_key(mart),
            blocking=True,
            description="Its net revenue is that of the raw files, recounted without any of the models; to the cent.",
        )
        for mart in MARTS
    ],
    can_subset=True,
    pool="warehouse",
    required_resource_keys=ALONE,
)
def revenue_totals(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
    programme = read_programme(find_folder().path)
    known = read_known(programme)
    with read_warehouse(programme.folder) as warehouse:
        expected = known or recount_revenue(programme, warehouse, read_manifest())
        found = {mart: warehouse.execute(query).fetchall() for mart, query in MARTS.items()}
        [(attributed,)] = warehouse.execute(ATTRIBUTED).fetchall()
    remember_recount(programme, expected)
    currency, broken = programme.plan.currency, 0
    for mart, rows in found.items():
        if AssetCheckKey(results_key(mart), REVENUE) not in context.selected_asset_check_keys:
            continue
        revenue = attributed if mart in OF_ATTRIBUTED else expected.net_revenue
        orders = None if mart in OF_ATTRIBUTED else expected.orders
        problems = list(compare(mart, rows, orders, revenue, currency))
        broken += bool(problems)
        yield AssetCheckResult(
            asset_key=results_key(mart),
            check_name=REVENUE,
            passed=not problems,
            severity=AssetCheckSeverity.ERROR,
            description=describe(problems) if problems else None,
            metadata={
                "expected net revenue": float(revenue),
                "expected": f"{revenue:,.2f} {currency}",
                **({} if orders is None else {"expected orders": orders}),
                **{f"net revenue, {what}": float(money or 0) for what, _, money in rows},
            },
        )
    log.info(
        "control totals: %s orders and %s %s of net revenue, from raw to marts; %s",
        f"{expected.orders:,}",
        f"{expected.net_revenue:,.2f}",
        currency,
        f"{broken} totals are WRONG" if broken else "every total agrees, to the cent",
    )


def compare(mart: str, rows: list[tuple], orders: int | None, revenue: Decimal, currency: str) -> Iterator[str]:
    """What does not agree, each in one line; no rows at all is nothing."""
    for what, found_orders, money in rows or [("nothing", None, None)]:
        name = f"results.{mart}, {what}"
        difference = (money or Decimal(0)) - revenue
        if difference:
            yield (
                f"{name}: net revenue is {money or 0:,.2f} {currency}, and should be {revenue:,.2f}:"
                f" {difference:+,.2f} {currency}"
            )
        if orders is not None and (found_orders or 0) != orders:
            yield f"{name}: {found_orders or 0:,} orders, and should be {orders:,}: {(found_orders or 0) - orders:+,}"


def describe(problems: list[str]) -> str:
    left = len(problems) - SHOWN
    shown = [*problems[:SHOWN], *([f"… and {left} more"] if left > 0 else [])]
    return "\n".join([*shown, "What to do: make rebuild. If it says the same again, it is a defect: report it."])


def read_known(programme: Programme) -> Totals | None:
    """The recount of a night before, where raw and the plan are as they were."""
    known: Mapping[str, str] = json.loads(read_standing(programme.folder).get(REVENUE, "{}"))
    if known.get("inputs") != find_inputs(programme):
        return None
    return Totals(int(known["orders"]), Decimal(known["net_revenue"]))


def remember_recount(programme: Programme, totals: Totals) -> None:
    kept = {
        "inputs": find_inputs(programme),
        "orders": str(totals.orders),
        "net_revenue": str(totals.net_revenue),
    }
    remember_standing(programme.folder, {REVENUE: json.dumps(kept)})


def find_inputs(programme: Programme) -> str:
    plan = programme.plan
    said = (plan.currency, sorted(plan.exchange_rates.items()), sorted(plan.excluded_statuses))
    return combine([fingerprint_raw(programme.folder, read_manifest()), repr(said)])
