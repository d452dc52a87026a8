"""A grocer's real year, brought in through extracts.yml and plan.yml alone. The figures were counted with Python's csv
and decimal modules before the product ran on them. DuckDB alone builds the marts; `make test-slow` compares them with
those of a whole run."""

import shutil
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import Totals, recount_revenue
from tests.conftest import REAL, SLOW, TODAY, Run, copy_inputs, run_nightly
from tests.warehouse.bare import BareBuild, CompiledProject, build, find_different_marts

GROCERY = REAL / "grocery_coupons"
pytestmark = pytest.mark.skipif(not GROCERY.is_dir(), reason=f"the real data is not here: {GROCERY}")

ORDERS = 47_243
CUSTOMERS = 2_377
NET_REVENUE = Decimal("233935.24")
MAILED = 6_589

PLAN = """
programme: Grocer
currency: USD
timezone: America/New_York
lookback_days: 30
attribution_model: last_touch
objectives:
  - id: coupons
    statement: Households that get coupons by mail come and buy.
    owner: ann@example.com
    goals:
      - {id: year, kpi: net_revenue, target: 10000, baseline: 0, starts_on: 2017-01-01, ends_on: 2017-12-31, evidence: tracked}
      - {id: mailing-18, kpi: orders, target: 50, baseline: 0, starts_on: 2017-01-01, ends_on: 2017-12-31, evidence: tracked, only: {campaign: 18}}
"""
EXTRACTS = """
extracts:
  - files: landing/baskets*.csv
    feeds: orders
    columns: {order_id: basket_id, customer_id: household_id, ordered_at: time, net: sales}
  - files: landing/mailings.csv
    feeds: posts
    columns: {post_id: campaign, campaign_id: campaign, published_at: starts}
    values: {platform: mail}
  - files: landing/mailings.csv
    feeds: post_metrics
    columns: {post_id: campaign, observed_at: starts, reach: households_mailed}
  - files: landing/mailings.csv
    feeds: campaigns
    columns: {campaign_id: campaign, name: type, starts_on: starts, ends_on: ends}
  - files: landing/redemptions.csv
    feeds: conversions
    columns: {conversion_id: redemption, converted_at: date, customer_id: household, campaign_id: campaign}
"""


@pytest.fixture(scope="module")
def grocery(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> BareBuild:
    programme = tmp_path_factory.mktemp("grocery") / "programme"
    shutil.copytree(GROCERY, programme / "landing")
    (programme / "plan.yml").write_text(PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS)
    return BareBuild(programme, build(project, programme, date.fromisoformat(TODAY)))


@pytest.fixture(scope="module")
def whole_run(grocery: BareBuild, tmp_path_factory: pytest.TempPathFactory) -> Run:
    programme = copy_inputs(grocery.programme, tmp_path_factory.mktemp("grocery") / "programme")
    shutil.copy(grocery.programme / ".pseudonym_key", programme)
    run = run_nightly(programme)
    assert run.status == 0, run.screen
    return run


def read_marts(run: Run) -> dict[str, bytes]:
    return {f"{file.parent.name}/{file.name}": file.read_bytes() for file in run.versions[-1].glob("*/*.parquet")}


def test_orders_customers_and_revenue_are_the_files(grocery: BareBuild):
    assert grocery.query("select count(*), count(distinct customer_id), sum(net_revenue) from results.orders") == [
        (ORDERS, CUSTOMERS, NET_REVENUE)
    ]


def test_the_control_totals_agree_with_the_files(grocery: BareBuild, project: CompiledProject):
    recounted = recount_revenue(read_programme(grocery.programme), grocery.connection, {"nodes": project.nodes})
    assert recounted == Totals(ORDERS, NET_REVENUE)


def test_reach_of_mailings_is_in_reach_and_nowhere_else(grocery: BareBuild):
    assert grocery.query("select sum(reach) from reach.posts") == grocery.query("select sum(reach) from reach.daily")
    with (GROCERY / "mailings.csv").open() as opened:
        mailed = sum(int(line.rsplit(",", 1)[1]) for line in list(opened)[1:])
    assert grocery.query("select sum(reach) from reach.posts") == [(mailed,)]
    columns = grocery.query(
        "select schema_name, column_name from duckdb_columns() where schema_name in ('results', 'goals', 'relationships')"
    )
    assert not {column for _, column in columns} & {"reach", "impressions", "views", "followers", "likes"}


def test_credited_revenue_is_net_revenue_to_the_cent_per_order_and_model(grocery: BareBuild):
    assert (
        grocery.query("""
        select shop, order_id, attribution_model
        from results.credits join results.orders using (shop, order_id)
        group by all
        having sum(credited_revenue) <> any_value(net_revenue) or abs(sum(credit_ratio) - 1) > 1e-9
    """)
        == []
    )


def test_redemptions_touch_the_orders_of_their_household_and_day(grocery: BareBuild):
    """Counted beforehand: 677 household-days with a redemption have baskets, 701 of them (654 + 22 × 2 + 3). A redemption
    names no basket, and takes one: 688, the sum of the smaller of baskets and redemptions of each day."""
    assert grocery.query(
        "select count(distinct (customer_id, ordered_on)), count(*) from results.orders where evidence <> 'none'"
    ) == [(677, 688)]
    assert grocery.query("select count(*) from results.credits where partner_id is not null") == [(0,)]
    [(credited,)] = grocery.query(
        "select sum(credited_revenue) from results.credits where attribution_model = 'linear'"
    )
    assert grocery.query("select sum(net_revenue) from results.orders where evidence = 'conversion'") == [(credited,)]


def test_the_goal_counts_the_credits_of_its_days(grocery: BareBuild):
    [(expected,)] = grocery.query(
        "select sum(net_revenue) from results.orders where evidence = 'conversion' and ordered_on <= date '2017-12-31'"
    )
    [(actual, status)] = grocery.query("select actual, status from goals.progress where goal_id = 'year'")
    assert actual == pytest.approx(float(expected))
    assert status == ("met" if expected >= 10000 else "missed")


@SLOW
def test_a_whole_run_publishes_these_marts(whole_run: Run, grocery: BareBuild):
    assert find_different_marts(whole_run.programme / "published" / "marts.duckdb", grocery.connection) == []
    total = f"{ORDERS:,} orders, net revenue {NET_REVENUE:,.2f} USD; raw and marts agree to the cent"
    assert total in whole_run.screen


@SLOW
def test_a_run_without_new_deliveries_publishes_nothing(whole_run: Run):
    before = whole_run.versions
    again = run_nightly(whole_run.programme)
    assert again.status == 0, again.screen
    assert " ← " not in again.screen
    assert again.versions == before


@SLOW
def test_a_plain_client_reads_the_marts_during_a_rebuild_from_landing_that_gives_the_same_marts(whole_run: Run):
    before = read_marts(whole_run)
    shutil.rmtree(whole_run.programme / "warehouse")
    stop, reads = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            with duckdb.connect(whole_run.programme / "published" / "marts.duckdb", read_only=True) as marts:
                reads.append(marts.execute("select count(*), sum(net_revenue) from results.orders").fetchall())

    reader = threading.Thread(target=read)
    reader.start()
    again = run_nightly(whole_run.programme)
    stop.set()
    reader.join()
    assert again.status == 0, again.screen
    assert len(reads) > 10
    assert {row for [row] in reads} == {(ORDERS, NET_REVENUE)}
    assert " ← " in again.screen
    assert len(again.versions) == 2
    assert read_marts(again) == before
    assert date.today().isoformat()[:4] in again.versions[-1].name


@SLOW
def test_landing_is_never_changed(whole_run: Run):
    for file in GROCERY.iterdir():
        assert (whole_run.programme / "landing" / Path(file).name).read_bytes() == file.read_bytes()
