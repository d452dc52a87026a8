"""One programme of what real teams do and demos do not, in a folder with a # in its name; figures by hand. DuckDB alone
builds the marts; `make test-slow` compares them with those of a whole run."""

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import SLOW, TODAY, Run, copy_inputs, run_nightly
from tests.warehouse.bare import BareBuild, CompiledProject, build, find_different_marts, find_warnings

# In every value of the plan that is free: SQL that would end a statement, and what dbt and the report might fill in.
HOSTILE = "x'); drop schema results cascade; -- \" {{ 1 / 0 }} {% raise %} <script>alert(1)</script>"
PLAN = """\
programme: HOSTILE
currency: EUR
timezone: Pacific/Auckland
lookback_days: 400
attribution_model: linear
objectives:
  - id: sell
    statement: HOSTILE
    owner: HOSTILE
    goals:
      - {id: three-orders, kpi: orders, target: 3, baseline: 0, starts_on: 2026-04-01, ends_on: 2026-04-30, evidence: tracked}
      - {id: from-instagram, kpi: orders, target: 1, baseline: 0, starts_on: 2026-05-01, ends_on: 2026-05-31, evidence: tracked, only: {platform: [Instagram]}}
      - {id: by-p1, kpi: net_revenue, target: 1, baseline: 0, starts_on: 2026-04-01, ends_on: 2026-06-30, evidence: tracked, only: {partner: P1}}
      - id: by-nobody
        kpi: net_revenue
        target: 1
        baseline: 0
        starts_on: 2026-04-01
        ends_on: 2026-06-30
        evidence: tracked
        only: {partner: HOSTILE, campaign: HOSTILE, platform: HOSTILE}
    steps: [{id: one, statement: HOSTILE, owner: HOSTILE}]
aliases: {HOSTILE: P9}
synonyms: {HOSTILE: coffee}
""".replace("HOSTILE", json.dumps(HOSTILE))
EXTRACTS = """\
extracts:
  - {files: landing/orders.json, feeds: orders}
  - {files: landing/refunds.csv, feeds: refunds}
  - {files: landing/codes.csv, feeds: codes}
  - {files: landing/clicks.csv, feeds: clicks}
  - {files: landing/referrals.csv, feeds: referrals}
  - {files: landing/costs_*.csv, feeds: costs, delivery: snapshot}
  - {files: landing/experiments.csv, feeds: experiments}
  - {files: landing/outcomes.csv, feeds: experiment_outcomes, duplicates: last}
"""
FILES = {
    # Three April orders with three codes each; one of May after old clicks; one of June by a referral.
    "orders.json": """[
        {"order_id": 1, "customer_id": "a", "ordered_at": "2026-04-10 12:00", "net": 19.00, "discount_codes": ["A", "B", "C"]},
        {"order_id": 2, "customer_id": "b", "ordered_at": "2026-04-11 12:00", "net": 10.00, "discount_codes": ["A", "B", "C"]},
        {"order_id": 3, "customer_id": "c", "ordered_at": "2026-04-12 12:00", "net": 10.00, "discount_codes": ["A", "B", "C"]},
        {"order_id": 4, "customer_id": "d", "ordered_at": "2026-05-10 12:00", "net": 10.00},
        {"order_id": 5, "customer_id": "e", "ordered_at": "2026-06-10 12:00", "net": 50.00}
    ]""",
    "refunds.csv": "refund_id,order_id,refunded_at,amount\nr1,1,2026-04-20,7.00\nr2,1,2026-04-21,12.00\n",
    "codes.csv": "code,partner_id\nA,P1\nB,P2\nC,P3\n",
    "clicks.csv": (
        "click_id,clicked_at,partner_id,customer_id,utm_source\n"
        "k1,2025-04-20 12:00,P1,d,Instagram\nk2,2025-05-20 12:00,P2,d,Instagram\n"
    ),
    # P1 is in no roster, but owns a code: the referral is P1's, not that of a customer called P1.
    "referrals.csv": "referral_id,referrer_id,referred_customer_id,registered_at\nf1,P1,e,2026-06-01\n",
    # A snapshot that failed on the second day and is what it was on the third.
    "costs_2026-04-01.csv": "cost_id,paid_on,amount\nc1,2026-04-01,10\nc2,2026-04-01,20\n",
    "costs_2026-04-02.csv": "cost_id,paid_on,amount\n",
    "costs_2026-04-03.csv": "cost_id,paid_on,amount\nc1,2026-04-01,10\nc2,2026-04-01,20\n",
    # u is in both arms.
    "experiments.csv": "experiment_id,design,kpi,starts_on,ends_on\ntwice,randomised,net_revenue,2026-03-01,2026-03-31\n",
    "outcomes.csv": "experiment_id,unit_id,arm,value\ntwice,u,control,5\ntwice,u,bag,6\ntwice,v,control,5\ntwice,w,bag,6\n",
}


@pytest.fixture(scope="module")
def odd(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> BareBuild:
    programme: Path = tmp_path_factory.mktemp("odd") / "Week #1 & co"
    (programme / "landing").mkdir(parents=True)
    (programme / "plan.yml").write_text(PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS)
    for name, content in FILES.items():
        (programme / "landing" / name).write_text(content)
    return BareBuild(programme, build(project, programme, date.fromisoformat(TODAY)))


def test_three_orders_in_thirds_are_three_orders(odd: BareBuild):
    assert odd.query("select actual, attainment, status from goals.progress where goal_id = 'three-orders'") == [
        (3.0, 1.0, "met")
    ]


def test_an_order_that_is_wholly_refunded_leaves_nobody_a_cent(odd: BareBuild):
    assert odd.query("select distinct credited_revenue from results.credits where order_id = '1'") == [(Decimal(0),)]
    assert odd.query(
        "select sum(net_revenue) from results.partners where month = '2026-04-01' and attribution_model = 'linear'"
    ) == [(Decimal(20),)]


def test_touches_of_a_year_ago_share_by_their_age(odd: BareBuild):
    """30 days are 30/7 half-lives: the older click has 1 / (1 + 2^(30/7)) of the order."""
    older = 1 / (1 + 2 ** (30 / 7))
    found = dict(
        odd.query(
            "select partner_id, credit_ratio from results.credits where order_id = '4' and attribution_model = 'time_decay'"
        )
    )
    assert found == {"P1": pytest.approx(older), "P2": pytest.approx(1 - older)}


def test_a_platform_is_a_platform_in_any_case(odd: BareBuild):
    assert odd.query("select actual, status from goals.progress where goal_id = 'from-instagram'") == [(1.0, "met")]


def test_a_partner_without_a_roster_is_one_partner(odd: BareBuild):
    """Thirds of 0.00, 10.00 and 10.00, half of 10.00 and all of 50.00: a hash says who gets the cent of a third, 3.33 or
    3.34."""
    [(actual,)] = odd.query("select actual from goals.progress where goal_id = 'by-p1'")
    assert any(actual == pytest.approx(third + 55) for third in (6.66, 6.67, 6.68))
    assert odd.query("select distinct partner_id, relationship from results.credits where order_id = '5'") == [
        ("P1", "unknown")
    ]


def test_a_snapshot_that_returns_counts_again(odd: BareBuild):
    assert odd.query("select sum(cost) from results.campaigns where attribution_model = 'linear'") == [(Decimal(30),)]


def test_a_warning_names_a_broken_experiment(odd: BareBuild, project: CompiledProject):
    assert any("experiment twice: 1 units are in two arms" in line for line in find_warnings(project, odd.connection))


def test_text_of_the_plan_is_never_run_as_sql(odd: BareBuild):
    [(narrowed,)] = odd.query("select narrowed_to from goals.definitions where goal_id = 'by-nobody'")
    assert json.loads(narrowed) == {name: [HOSTILE] for name in ("campaign", "partner", "platform")}
    assert odd.query("select statement, owner from goals.steps") == [(HOSTILE, HOSTILE)]
    assert odd.query("select actual from goals.progress where goal_id = 'by-nobody'") == [(0.0,)]


@SLOW
def test_a_whole_run_publishes_these_marts_and_shows_text_of_the_plan_as_text(odd: BareBuild, tmp_path: Path):
    programme = copy_inputs(odd.programme, tmp_path / odd.programme.name)
    shutil.copy(odd.programme / ".pseudonym_key", programme)
    run: Run = run_nightly(programme)
    assert run.status == 0, run.screen
    published = programme / "published"
    assert find_different_marts(published / "marts.duckdb", odd.connection) == []
    assert "experiment twice: 1 units are in two arms" in run.screen
    latest = json.loads((published / "latest.json").read_text())
    assert (latest["programme"], latest["objectives"][0]["statement"]) == (HOSTILE, HOSTILE)
    report = (published / "report.html").read_text()
    assert "alert(1)" in report and "<script>alert(1)" not in report
