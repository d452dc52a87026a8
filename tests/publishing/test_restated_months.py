"""Which closed months a version changes, and why: two published databases made by hand, compared.

The version before is of 1 August with a lookback of 30 days: June closed on 31 July, July is open.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal
from orchestration.publishing.restated_months import Restatement, find_restated_months, read_restatement
from orchestration.warehouse.database import warehouse_file

FIRST = "2026-08-01T030000Z"
PLAN = {"lookback_days": 30, "self_purchases": "exclude", "exchange_rates": ["EUR 1.00000000"]}
LATEST: dict[str, Any] = {
    "version": FIRST,
    "as_of": "2026-08-01",
    "currency": "EUR",
    "attribution_model": "last_touch",
    "plan": PLAN,
    "project": "a1",
}
AFTER = {**LATEST, "version": "2026-08-02T030000Z", "as_of": "2026-08-02"}


@dataclass(frozen=True)
class Order:
    """An order of which `partner` (if any) has the whole credit; `refunds` are pairs of day and amount."""

    order_id: str
    customer: str | None
    day: str
    sold: float
    partner: str | None = None
    is_new: bool | None = None
    relationship: str = "influencer"
    cost_of_goods: float | None = None
    file: str = "landing/orders.csv"
    evidence: str = "code"
    refunds: tuple[tuple[str, float], ...] = ()


ADA, BO, ADA_AGAIN, CY = ORDERS = (
    Order("1", "ada", "2026-03-05", 40, partner="mira", is_new=True),
    Order("2", "bo", "2026-03-31", 60, is_new=True),
    Order("3", "ada", "2026-04-02", 30, partner="mira", is_new=False),
    Order("4", "cy", "2026-07-01", 10, is_new=True),
)
COSTS = (("mira", "2026-03-01", 100.0), ("noa", "2026-03-01", 20.0))
# As the project makes them: months book refunds on their day, and costs belong to each attribution model.
MARTS = """
    create schema results;
    create table results.orders as
    select
        'eu' as shop, order_id, customer as customer_id, day as ordered_on, (sold - refunded)::decimal(18, 2) as net_revenue,
        refunded, (sold - refunded - coalesce(cost_of_goods, 0))::decimal(18, 2) as contribution_margin,
        cost_of_goods is not null as has_cost_of_goods, is_new as is_new_customer, false as is_renewal,
        case when partner is null then 'none' else evidence end as evidence, partner as partner_id,
        null::varchar as campaign_id
    from orders;
    create table results.credits as
    select
        'eu' as shop, order_id, model as attribution_model, partner as partner_id, relationship,
        null::varchar as campaign_id, 1.0::double as credit_ratio
    from orders cross join models where partner is not null and model in ('last_touch', 'linear');
    create table movements as
    select order_id, day, sold as amount, 1 as orders from orders
    union all
    select order_id, day, -amount, 0 from refunds;
    create table results.evidence as
    select
        case when partner is null then 'untracked' else 'tracked' end as evidence,
        date_trunc('month', movements.day)::date as month, sum(movements.orders)::bigint as orders,
        sum(movements.amount)::decimal(18, 2) as net_revenue
    from movements inner join orders using (order_id) group by all;
    create table daily as
    select
        partner as partner_id, relationship, date_trunc('month', movements.day)::date as month,
        movements.orders, movements.amount, is_new, 0 as cost
    from movements inner join orders using (order_id) where partner is not null
    union all
    select partner, 'influencer', date_trunc('month', day)::date, 0, 0, null, cost from costs;
    create table results.partners as
    select
        partner_id, month, model as attribution_model, sum(orders)::double as orders,
        sum(amount)::decimal(18, 2) as net_revenue, sum(case when is_new then orders else 0 end)::double as new_customers,
        0::double as referred_customers, sum(cost)::decimal(18, 2) as cost,
        sum(amount - cost)::decimal(18, 2) as contribution_margin
    from daily cross join models group by all;
    create table results.relationships as
    select relationship, month, model as attribution_model, sum(orders)::double as orders,
        sum(amount)::decimal(18, 2) as net_revenue, sum(cost)::decimal(18, 2) as cost
    from daily cross join models group by all;
    create table results.campaigns as
    select '(unassigned)' as campaign_id, month, model as attribution_model, sum(orders)::double as orders,
        sum(amount)::decimal(18, 2) as net_revenue, sum(cost)::decimal(18, 2) as cost
    from daily cross join models group by all;
"""


def write_marts(file: Path, orders: Iterable[Order], costs: Iterable[tuple[str, str, float]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(file) as database:
        database.execute(
            "create temp table orders (order_id varchar, customer varchar, day date, sold decimal(18, 2),"
            " refunded decimal(18, 2), partner varchar, is_new boolean, relationship varchar, cost_of_goods decimal(18, 2),"
            " file varchar, evidence varchar); create temp table refunds (order_id varchar, day date, amount decimal(18, 2));"
            "create temp table costs (partner varchar, day date, cost decimal(18, 2));"
            "create temp table models as select unnest(['first_touch', 'last_touch', 'linear']) as model"
        )
        for order in orders:
            refunded = sum(amount for _, amount in order.refunds)
            row = [order.order_id, order.customer, order.day, order.sold, refunded, order.partner, order.is_new]
            row += [order.relationship, order.cost_of_goods, order.file, order.evidence]
            database.execute(f"insert into orders values ({', '.join('?' * len(row))})", row)
            for refund in order.refunds:
                database.execute("insert into refunds values (?, ?, ?)", [order.order_id, *refund])
        for cost in costs:
            database.execute("insert into costs values (?, ?, ?)", list(cost))
        database.execute(MARTS)


def write_warehouse(file: Path, orders: Iterable[Order]) -> None:
    """Where orders came from, which marts do not say."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = ", ".join(f"('eu', {quote_literal(order.order_id)}, {quote_literal(order.file)})" for order in orders)
    with duckdb.connect(file) as database:
        database.execute("create schema intermediate")
        database.execute(
            "create table intermediate.int_orders_priced as"
            f" select * from (values {rows}) as priced (shop, order_id, _file)"
        )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marts of the first version, with ORDERS and COSTS."""
    marts = tmp_path_factory.mktemp("first") / "marts.duckdb"
    write_marts(marts, ORDERS, COSTS)
    return marts


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> ProgrammeFolder:
    """A programme whose first version is published."""
    folder = ProgrammeFolder(tmp_path)
    (folder.versions / FIRST).mkdir(parents=True)
    shutil.copy(first, folder.versions / FIRST)
    return folder


def compare(
    folder: ProgrammeFolder,
    *orders: Order,
    costs: Iterable[tuple[str, str, float]] = COSTS,
    last: Mapping[str, Any] = LATEST,
    latest: Mapping[str, Any] = AFTER,
) -> Restatement:
    marts = folder.versions / ".unfinished" / "marts.duckdb"
    write_marts(marts, orders, costs)
    write_warehouse(warehouse_file(folder), orders)
    return find_restated_months(folder, last, latest, marts)


def change_published(folder: ProgrammeFolder, sql: str) -> None:
    with duckdb.connect(folder.versions / FIRST / "marts.duckdb") as database:
        database.execute(sql)


def test_nothing_changed(folder: ProgrammeFolder):
    assert compare(folder, *ORDERS) == Restatement(FIRST, {})


def test_late_and_corrected_orders_are_counted_with_their_files(folder: ProgrammeFolder):
    """Two late ones in March; order 1 has another amount, order 3 of April is of 28 February now."""
    again = "landing/orders_again.csv"
    restated = compare(
        folder,
        replace(ADA, sold=45, file=again),
        BO,
        replace(ADA_AGAIN, day="2026-02-28", file=again),
        CY,
        Order("5", "di", "2026-03-01", 5, file="landing/late.csv"),
        Order("6", "ed", "2026-03-31", 6, file="landing/late.csv"),
    )
    assert restated.months == {
        "2026-02": "1 corrected order (in orders_again.csv)",
        "2026-03": "2 late orders, 1 corrected order (in late.csv, orders_again.csv)",
        "2026-04": "1 corrected order (in orders_again.csv)",
    }


def test_of_many_files_a_few_are_named(folder: ProgrammeFolder):
    late = [Order(f"late{number}", None, "2026-03-01", 5, file=f"landing/{number}.csv") for number in range(1, 5)]
    assert compare(folder, *ORDERS, *late).months == {"2026-03": "4 late orders (in 1.csv, 2.csv, … and 2 more)"}


def test_orders_of_an_open_month_restate_nothing(folder: ProgrammeFolder):
    """A late order of 1 July, and an order of July that is gone."""
    assert compare(folder, *ORDERS[:3], Order("5", "di", "2026-07-01", 5)).months == {}


@pytest.mark.parametrize(
    ("as_of", "lookback_days", "months"),
    [
        ("2026-07-31", 30, ["2026-06"]),
        ("2026-07-30", 30, []),
        ("2026-07-30", 29, ["2026-06"]),
        ("2026-07-01", 0, ["2026-06"]),
    ],
)
def test_a_month_is_closed_when_the_lookback_and_a_day_have_passed(
    folder: ProgrammeFolder, as_of: str, lookback_days: int, months: list[str]
):
    plan = {**PLAN, "lookback_days": lookback_days}
    last, latest = ({**version, "as_of": as_of, "plan": plan} for version in (LATEST, AFTER))
    late = Order("5", "di", "2026-06-30", 5)
    assert list(compare(folder, *ORDERS, late, last=last, latest=latest).months) == months


def test_a_run_for_an_earlier_day_compares_what_was_closed_then(folder: ProgrammeFolder):
    late = Order("5", "di", "2026-06-30", 5)
    assert compare(folder, *ORDERS, late, latest={**AFTER, "as_of": "2026-07-30"}).months == {}


def test_an_order_that_is_gone_is_counted(folder: ProgrammeFolder):
    assert compare(folder, ADA, ADA_AGAIN, CY).months == {"2026-03": "1 order gone"}


def test_merged_people_restate_the_months_of_the_orders_that_have_another_person(folder: ProgrammeFolder):
    """Bo is Ada: order 2 of March has her pseudonym, and she is no new customer there."""
    restated = compare(folder, ADA, replace(BO, customer="ada", is_new=False), ADA_AGAIN, CY)
    assert restated.months == {"2026-03": "1 order of a person merged, cut or erased"}


def test_merged_people_restate_a_month_whose_orders_are_counted_as_before(folder: ProgrammeFolder):
    """Who was new in March stays so, but has other orders now: cohorts and paths differ."""
    restated = compare(folder, ADA, replace(BO, customer="ada"), ADA_AGAIN, CY)
    assert restated.months == {"2026-03": "1 order of a person merged, cut or erased"}


def test_people_cut_and_erased_restate_their_months(folder: ProgrammeFolder):
    """Order 3 is somebody else's, and nobody's is known of order 2."""
    restated = compare(folder, ADA, replace(BO, customer=None, is_new=None), replace(ADA_AGAIN, customer="eve"), CY)
    assert restated.months == {
        "2026-03": "1 order of a person merged, cut or erased",
        "2026-04": "1 order of a person merged, cut or erased",
    }


def test_another_pseudonym_of_the_same_person_restates_nothing(folder: ProgrammeFolder):
    """All of Ada's orders are of ada2, as with an identifier from before her first order, and nothing else differs."""
    assert compare(folder, *(replace(order, customer=f"{order.customer}2") for order in ORDERS)).months == {}


def test_a_person_who_gained_an_identifier_is_the_reason_for_another_credit(folder: ProgrammeFolder):
    """With it came a visit: order 2 is credited to mira."""
    restated = compare(folder, ADA, replace(BO, customer="bo2", partner="mira"), ADA_AGAIN, CY)
    assert restated.months == {"2026-03": "1 order of a person merged, cut or erased"}


def test_another_credit_without_another_reason_is_named_as_that(folder: ProgrammeFolder):
    restated = compare(folder, replace(ADA, partner="noa"), BO, replace(ADA_AGAIN, relationship="customer"), CY)
    assert restated.months == {"2026-03": "1 order credited otherwise", "2026-04": "1 order credited otherwise"}


def test_another_best_evidence_of_the_same_partner_is_another_credit(folder: ProgrammeFolder):
    assert compare(folder, replace(ADA, evidence="survey"), BO, ADA_AGAIN, CY).months == {
        "2026-03": "1 order credited otherwise"
    }


def test_files_are_those_of_late_and_corrected_orders_only(folder: ProgrammeFolder):
    late = Order("5", "di", "2026-03-01", 5, file="landing/late.csv")
    restated = compare(folder, replace(ADA, partner="noa"), BO, ADA_AGAIN, CY, late)
    assert restated.months == {"2026-03": "1 late order (in late.csv), 1 order credited otherwise"}


def test_a_customer_who_had_bought_before_is_named_as_that(folder: ProgrammeFolder):
    """A late order of February makes Bo's first one of March his second."""
    late = Order("0", "bo", "2026-02-01", 5, is_new=True)
    restated = compare(folder, late, ADA, replace(BO, is_new=False), ADA_AGAIN, CY)
    assert restated.months == {
        "2026-02": "1 late order (in orders.csv)",
        "2026-03": "1 order changed between new and returning customer",
    }


def test_late_refunds_restate_the_month_of_the_refund_and_not_that_of_the_order(folder: ProgrammeFolder):
    """12.50 of order 1 of March, given back in April."""
    restated = compare(folder, replace(ADA, refunds=(("2026-04-10", 12.5),)), BO, ADA_AGAIN, CY)
    assert restated.months == {"2026-04": "refunds +12.50 EUR"}


def test_a_refund_of_today_restates_no_closed_month(folder: ProgrammeFolder):
    assert compare(folder, replace(ADA, refunds=(("2026-08-01", 12.5),)), BO, ADA_AGAIN, CY).months == {}


def test_a_refund_that_was_withdrawn_is_less(folder: ProgrammeFolder):
    (folder.versions / FIRST / "marts.duckdb").unlink()
    refunded = replace(ADA, refunds=(("2026-03-10", 1500.0),))
    write_marts(folder.versions / FIRST / "marts.duckdb", [refunded, *ORDERS[1:]], COSTS)
    assert compare(folder, *ORDERS).months == {"2026-03": "refunds -1,500.00 EUR"}


def test_late_costs_are_an_amount(folder: ProgrammeFolder):
    assert compare(folder, *ORDERS, costs=(*COSTS, ("noa", "2026-06-30", 7.0))).months == {"2026-06": "costs +7.00 EUR"}


def test_costs_that_were_another_partners_are_named(folder: ProgrammeFolder):
    costs = (("noa", "2026-03-01", 100.0), ("mira", "2026-03-01", 20.0))
    assert compare(folder, *ORDERS, costs=costs).months == {"2026-03": "costs of other partners"}


def test_figures_that_nothing_explains_are_named_by_their_mart(folder: ProgrammeFolder):
    """A refund in April of an order of March that is credited to another partner, so April's partners differ, too."""
    refunds = (("2026-04-10", 12.5),)
    (folder.versions / FIRST / "marts.duckdb").unlink()
    write_marts(folder.versions / FIRST / "marts.duckdb", [replace(ADA, refunds=refunds), *ORDERS[1:]], COSTS)
    restated = compare(folder, replace(ADA, partner="noa", refunds=refunds), *ORDERS[1:])
    assert restated.months == {
        "2026-03": "1 order credited otherwise",
        "2026-04": "other figures in results.partners",
    }


def test_an_order_counts_once(folder: ProgrammeFolder):
    """Order 2 has another amount, another person and another credit; its file was wrong."""
    restated = compare(folder, ADA, replace(BO, sold=61, customer="ada", partner="noa"), ADA_AGAIN, CY)
    assert restated.months == {"2026-03": "1 corrected order (in orders.csv)"}


def test_another_cost_of_goods_is_a_correction(folder: ProgrammeFolder):
    restated = compare(folder, replace(ADA, cost_of_goods=9), BO, ADA_AGAIN, CY)
    assert restated.months == {"2026-03": "1 corrected order (in orders.csv)"}


def test_a_changed_plan_is_named_with_its_options_where_a_month_differs(folder: ProgrammeFolder):
    latest = {**AFTER, "plan": {**PLAN, "self_purchases": "credit", "exchange_rates": ["EUR 1.00000000", "USD 0.9"]}}
    restated = compare(folder, replace(ADA, partner=None), BO, ADA_AGAIN, CY, latest=latest)
    assert restated.months == {
        "2026-03": "1 order credited otherwise, plan.yml changed (self_purchases, exchange_rates)"
    }
    assert compare_again(folder, latest).months == {}


def compare_again(folder: ProgrammeFolder, latest: Mapping[str, Any]) -> Restatement:
    (folder.versions / ".unfinished" / "marts.duckdb").unlink()
    warehouse_file(folder).unlink()
    return compare(folder, *ORDERS, latest=latest)


def test_with_another_attribution_model_the_figures_by_each_are_compared(folder: ProgrammeFolder):
    """The credits of first_touch are nobody's here, and figures by each model alike."""
    latest = {**AFTER, "attribution_model": "first_touch", "plan": {**PLAN, "attribution_model": "first_touch"}}
    last = {**LATEST, "plan": {**PLAN, "attribution_model": "last_touch"}}
    reason = "1 order credited otherwise, plan.yml changed (attribution_model)"
    assert compare(folder, *ORDERS, last=last, latest=latest).months == {"2026-03": reason, "2026-04": reason}


def test_a_new_release_is_named_and_what_an_earlier_one_did_not_say(folder: ProgrammeFolder):
    last = {name: value for name, value in LATEST.items() if name not in ("plan", "project")}
    restated = compare(folder, ADA, ADA_AGAIN, CY, last=last)
    assert restated.months == {
        "2026-03": "1 order gone, maybe a changed plan.yml (the last version does not say), another release or changed code"
    }


def test_columns_that_an_earlier_release_lacks_are_not_compared(folder: ProgrammeFolder):
    for column in ("is_renewal", "is_new_customer", "has_cost_of_goods", "campaign_id"):
        change_published(folder, f"alter table results.orders drop column {column}")
    change_published(folder, "alter table results.partners drop column referred_customers")
    restated = compare(folder, replace(ADA, is_new=False, cost_of_goods=9), replace(BO, sold=61), ADA_AGAIN, CY)
    assert restated.problem is None
    assert restated.months == {"2026-03": "1 corrected order (in orders.csv)"}


@pytest.mark.parametrize(
    "sql",
    ["alter table results.orders drop column refunded", "drop table results.evidence", "drop schema results cascade"],
)
def test_marts_of_another_kind_are_not_compared_and_it_says_so(folder: ProgrammeFolder, sql: str):
    change_published(folder, sql)
    restated = compare(folder, *ORDERS[1:])
    assert (restated.since, restated.months) == (FIRST, {})
    assert restated.problem.endswith("has other columns than before")


def test_a_damaged_version_is_not_compared_and_it_says_so(folder: ProgrammeFolder):
    file = folder.versions / FIRST / "marts.duckdb"
    content = bytearray(file.read_bytes())
    content[4096:] = b"x" * (len(content) - 4096)
    file.write_bytes(content)
    restated = compare(folder, *ORDERS[1:])
    assert (restated.since, restated.months) == (FIRST, {})
    assert restated.problem


def test_a_version_that_is_gone_and_one_without_its_day_are_not_compared_and_it_says_so(folder: ProgrammeFolder):
    assert compare(folder, *ORDERS, last={**LATEST, "as_of": None}).problem == (
        "latest.json does not say for which day it was made"
    )
    (folder.versions / FIRST / "marts.duckdb").unlink()
    marts = folder.versions / ".unfinished" / "marts.duckdb"
    assert find_restated_months(folder, LATEST, AFTER, marts).problem == (
        f"{folder.versions / FIRST / 'marts.duckdb'} is gone"
    )


def test_the_first_version_restates_nothing(tmp_path: Path):
    assert compare(ProgrammeFolder(tmp_path), *ORDERS, last={}) == Restatement(None, {})


def test_the_lines_for_people_are_short_and_hold_no_address(folder: ProgrammeFolder):
    late = Order("late", None, "2026-03-01", 5, file="landing/jo@mail.example.csv")
    assert compare(folder, *ORDERS, late).describe() == [
        f"Closed months that changed since version {FIRST}:",
        "  2026-03: 1 late order (in (address))",
    ]
    many = Restatement(FIRST, {f"{year}-01": "1 late order" for year in range(2000, 2025)})
    assert many.describe()[-2:] == ["  2019-01: 1 late order", "… and 5 more"]
    assert Restatement(None, {}).describe() == []
    assert Restatement(FIRST, {}, "it is gone").describe() == [
        f"Closed months could not be compared with version {FIRST}: it is gone"
    ]


def test_latest_json_is_read_back_and_that_of_an_earlier_release_says_nothing():
    restated = Restatement(FIRST, {"2026-03": "1 late order"}, None)
    assert read_restatement(json.loads(json.dumps({"restated": asdict(restated)}))) == restated
    assert read_restatement({"version": FIRST}) == Restatement(None, {})


def test_without_latest_json_it_says_that_nothing_was_compared(folder: ProgrammeFolder):
    folder.published_marts.write_bytes((folder.versions / FIRST / "marts.duckdb").read_bytes())
    assert compare(folder, *ORDERS[1:], last={}).describe() == [
        "Closed months could not be compared with the version before: latest.json does not name it"
    ]
