"""Whole programmes of odd rosters: merged, gone, listed twice, never listed; figures by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.contract import read_contract
from tests.warehouse.bare import CompiledProject, build, find_broken_tests, read_marts
from tests.warehouse.programmes import Extracts, deliver, start_programme

PLAN = "{programme: People, currency: EUR, timezone: UTC, lookback_days: 30}\n"
TODAY = date(2026, 3, 10)

# Mira, once under her old id and once under the one that counts, in everything that can name a partner.
TWICE: Extracts = {
    "partners": [
        {"partner_id": "p-99", "name": "Mira, old", "relationship": "customer", "customer_id": "c1", "topics": "tea"},
        {"partner_id": "p-12", "name": "Mira", "relationship": "employee", "customer_id": "c1", "topics": "coffee"},
    ],
    "codes": [{"code": "OLD", "partner_id": "p-99"}, {"code": "NEW", "partner_id": "p-12"}],
    "links": [{"utm_content": "old", "partner_id": "p-99"}, {"utm_content": "new", "partner_id": "p-12"}],
    "orders": [
        {"order_id": "1", "customer_id": "ada", "ordered_at": "2026-03-01", "net": "10.00", "discount_codes": "OLD"},
        {"order_id": "2", "customer_id": "bo", "ordered_at": "2026-03-02", "net": "20.00", "discount_codes": "NEW"},
        {"order_id": "3", "customer_id": "cy", "ordered_at": "2026-03-03", "net": "40.00", "discount_codes": ""},
    ],
    "clicks": [
        {"click_id": "k1", "clicked_at": "2026-02-28", "partner_id": "p-99", "customer_id": "cy"},
        {"click_id": "k2", "clicked_at": "2026-02-27", "partner_id": "p-12", "customer_id": "cy"},
    ],
    "conversions": [
        {"conversion_id": "v1", "converted_at": "2026-03-03", "partner_id": "p-99", "order_id": "3", "kind": "sale"}
    ],
    "referrals": [
        {"referral_id": "r1", "referrer_id": "p-99", "referred_customer_id": "ada", "registered_at": "2026-02-20"},
        {"referral_id": "r2", "referrer_id": "p-12", "referred_customer_id": "bo", "registered_at": "2026-02-20"},
        {"referral_id": "r3", "referrer_id": "c1", "referred_customer_id": "cy", "registered_at": "2026-02-20"},
        {"referral_id": "r4", "referrer_id": "p-99", "referred_customer_id": "c1", "registered_at": "2026-02-20"},
    ],
    "surveys": [{"response_id": "s1", "answered_at": "2026-03-03", "order_id": "3", "partner_id": "p-99"}],
    "costs": [
        {"cost_id": "1", "paid_on": "2026-03-01", "partner_id": "p-99", "kind": "fee", "amount": "5.00"},
        {"cost_id": "2", "paid_on": "2026-03-01", "partner_id": "p-12", "kind": "fee", "amount": "7.00"},
    ],
    "commitments": [
        {"commitment_id": "1", "partner_id": "p-99", "made_on": "2026-03-01", "kept_on": "2026-03-02"},
        {"commitment_id": "2", "partner_id": "p-12", "made_on": "2026-03-01", "kept_on": ""},
    ],
    "requests": [
        {"request_id": "1", "partner_id": "p-99", "asked_at": "2026-03-01 10:00", "answered_at": "2026-03-01 12:00"},
        {"request_id": "2", "partner_id": "p-12", "asked_at": "2026-03-01 10:00", "answered_at": "2026-03-01 16:00"},
    ],
    "posts": [
        {"post_id": "1", "partner_id": "p-99", "platform": "x", "campaign_id": "spring", "is_paid": "yes"},
        {"post_id": "2", "partner_id": "p-12", "platform": "x", "campaign_id": "spring", "is_paid": "no"},
    ],
    "audiences": [
        {"partner_id": "p-99", "platform": "x", "observed_at": "2026-03-01", "followers": "5"},
        {"partner_id": "p-12", "platform": "x", "observed_at": "2026-03-01", "followers": "7"},
    ],
    "campaigns": [{"campaign_id": "spring", "topics": "Coffee"}],
}


@pytest.fixture
def programme(project: CompiledProject, folders: Iterator[Path]):
    """Build a programme of one delivery; its singular tests hold, too."""

    def deliver_and_build(extracts: Extracts, plan: str = PLAN, as_of: date = TODAY) -> duckdb.DuckDBPyConnection:
        folder = start_programme(next(folders), plan, extracts)
        for extract, rows in extracts.items():
            deliver(folder, extract, rows)
        marts = build(project, folder, as_of)
        assert find_broken_tests(project, marts) == {}
        return marts

    return deliver_and_build


@pytest.fixture(scope="module")
def merged(project: CompiledProject, folders: Iterator[Path]) -> duckdb.DuckDBPyConnection:
    plan = """\
programme: P
currency: EUR
timezone: UTC
aliases: {p-99: p-12}
objectives:
  - id: sell
    statement: Sell.
    goals: [{id: mira, kpi: net_revenue, target: 9, starts_on: 2026-03-01, ends_on: 2026-03-31, only: {partner: p-99}}]
"""
    folder = start_programme(next(folders), plan, TWICE)
    for extract, rows in TWICE.items():
        deliver(folder, extract, rows)
    marts = build(project, folder, TODAY)
    assert find_broken_tests(project, marts) == {}
    return marts


def test_an_id_that_no_longer_counts_is_in_no_table(merged: duckdb.DuckDBPyConnection):
    tables = merged.execute(
        # goals.definitions repeats plan.yml to the letter: another id there would be another goal.
        "select schema_name, table_name from duckdb_tables()"
        " where schema_name <> 'staging' and (schema_name, table_name) <> ('goals', 'definitions')"
    ).fetchall()
    assert len(tables) > 50
    for schema, table in tables:
        assert "p-99" not in str(merged.execute(f"from {schema}.{table}").fetchall()), table


def test_every_extract_that_names_a_partner_knows_the_aliases(project: CompiledProject):
    """A new extract must declare in models/raw/<extract>.yml which of its columns names a partner."""
    named = {
        name for name, extract in read_contract().items() if {"partner_id", "referrer_id"} & {*extract.column_names}
    }
    assert named == TWICE.keys() - {"orders", "campaigns"}
    for extract in named:
        [reader] = [
            node
            for node in project.models
            if f"model.reach_and_results.stg_extracts__{extract}" in node["depends_on"].get("nodes", ())
        ]
        assert "stg_plan__aliases" in reader["compiled_code"], extract


def test_two_ids_are_one_person_in_every_mart(merged: duckdb.DuckDBPyConnection):
    assert merged.execute(
        "select name, relationship, commitments_made, commitments_kept, commitments_open, requests, median_answer_hours,"
        " value_received from relationships.partners"
    ).fetchall() == [("Mira", "employee", 2, 1, 1, 2, 4.0, Decimal(12))]
    assert merged.execute(
        "select distinct partner_id, relationship from results.credits where evidence <> 'referral'"
    ).fetchall() == [("p-12", "employee")]
    assert merged.execute("select referrer_id, invites, self_referrals from results.referrals").fetchall() == [
        ("p-12", 3, 1)
    ]
    assert merged.execute("select partner_id, followers, posts from reach.partners").fetchall() == [("p-12", 7, 2)]
    assert merged.execute("select partner_id, topics_shared, topics_of_partner from reach.relevance").fetchall() == [
        ("p-12", 1, 1)
    ]
    assert merged.execute("select post_id, partner_id, name, disclosure from relationships.undisclosed").fetchall() == [
        ("1", "p-12", "Mira", "unknown")
    ]
    [(person, reasons, others)] = merged.execute(
        "select person_id, reasons, other_partner_ids from relationships.advocates where is_partner"
    ).fetchall()
    assert (person, others) == ("p-12", None)
    assert reasons == ["referred 3 customers, who bought for 70.00", "is an employee"]


def test_a_goal_may_name_somebody_by_any_of_their_ids(merged: duckdb.DuckDBPyConnection):
    assert merged.execute("select actual from goals.progress").fetchall() == [(70.0,)]


def test_an_alias_of_somebody_who_is_named_nowhere_else_is_a_partner(programme):
    """Else p-99 would be taken for a customer who invites."""
    marts = programme(
        {
            "referrals": [
                {"referral_id": "1", "referrer_id": "p-99", "referred_customer_id": "a", "registered_at": "2026-03-01"}
            ]
        },
        "{programme: P, currency: EUR, timezone: UTC, aliases: {p-99: p-12}}",
    )
    assert marts.execute("select referrer_id from results.referrals").fetchall() == [("p-12",)]
    assert marts.execute("select partner_id, relationship from relationships.partners").fetchall() == [
        ("p-12", "unknown")
    ]


# --- what a partner was when ----------------------------------------


@pytest.fixture(scope="module")
def year(project: CompiledProject, folders: Iterator[Path]) -> duckdb.DuckDBPyConnection:
    """Mira is a customer, from 1 March an influencer; leo is gone from the list of March; bo was never on any."""
    folder = next(folders)
    (folder / "landing").mkdir()
    (folder / "plan.yml").write_text(
        """\
programme: Year
currency: EUR
timezone: Europe/Brussels
objectives:
  - id: sell
    statement: Sell.
    goals:
      - {id: customers, kpi: net_revenue, target: 100, starts_on: 2026-02-01, ends_on: 2026-03-31, evidence: tracked, only: {relationship: customer}}
      - {id: influencers, kpi: net_revenue, target: 100, starts_on: 2026-02-01, ends_on: 2026-03-31, evidence: tracked, only: {relationship: influencer}}
"""
    )
    (folder / "extracts.yml").write_text(
        """\
extracts:
  - {files: landing/roster_*.csv, feeds: partners, delivery: snapshot}
  - {files: landing/orders.csv, feeds: orders}
  - {files: landing/codes.csv, feeds: codes}
  - {files: landing/clicks.csv, feeds: clicks}
  - {files: landing/costs.csv, feeds: costs}
"""
    )
    for name, content in {
        "roster_2026-02-01.csv": "partner_id,relationship\nmira,customer\nleo,employee\n",
        "roster_2026-03-01.csv": "partner_id,relationship\nmira,influencer\n",
        "codes.csv": "code,partner_id\nMIRA,mira\nLEO,leo\nBO,bo\n",
        # 23:30 UTC on 28 February is already 1 March in Brussels.
        "orders.csv": "order_id,customer_id,ordered_at,net,discount_codes\n"
        "1,a,2026-02-10T12:00Z,1.00,MIRA\n2,b,2026-02-28T23:30Z,2.00,MIRA\n3,c,2026-03-15T12:00Z,4.00,\n"
        "4,d,2026-02-10T12:00Z,8.00,LEO\n5,e,2026-03-15T12:00Z,16.00,LEO\n6,f,2026-03-15T12:00Z,32.00,BO\n",
        # Touched in February, bought in March: mira was a customer then.
        "clicks.csv": "click_id,clicked_at,partner_id,customer_id\nk,2026-02-20T12:00Z,mira,c\n",
        "costs.csv": "cost_id,paid_on,partner_id,amount\n1,2026-02-28,mira,64.00\n2,2026-03-01,mira,128.00\n",
    }.items():
        (folder / "landing" / name).write_text(content)
    marts = build(project, folder, date(2026, 4, 1))
    assert find_broken_tests(project, marts) == {}
    return marts


def test_results_count_under_the_relationship_at_the_time_of_the_touch(year: duckdb.DuckDBPyConnection):
    assert year.execute(
        "select order_id, relationship from results.credits where attribution_model = 'last_touch' order by all"
    ).fetchall() == [
        ("1", "customer"),
        ("2", "influencer"),
        ("3", "customer"),
        ("4", "employee"),
        ("5", "unknown"),
        ("6", "unknown"),
    ]
    assert year.execute(
        "select relationship, sum(net_revenue)::int, sum(cost)::int from results.relationships"
        " where attribution_model = 'last_touch' group by all order by all"
    ).fetchall() == [("customer", 5, 64), ("employee", 8, None), ("influencer", 2, 128), ("unknown", 48, None)]


def test_goals_count_what_a_partner_was_then(year: duckdb.DuckDBPyConnection):
    found = year.execute("select goal_id, actual from goals.progress order by all").fetchall()
    assert found == [("customers", 5.0), ("influencers", 2.0)]


def test_a_partner_has_one_row_a_month_whatever_they_were(year: duckdb.DuckDBPyConnection):
    assert year.execute(
        "select month::text, relationship, net_revenue::int from results.partners"
        " where partner_id = 'mira' and attribution_model = 'last_touch' order by all"
    ).fetchall() == [("2026-02-01", "customer", 1), ("2026-03-01", "influencer", 6)]


def test_who_is_gone_from_the_roster_is_shown_as_unknown_and_never_dropped(year: duckdb.DuckDBPyConnection):
    assert year.execute(
        "select partner_id, relationship, is_in_roster, is_active from relationships.partners order by all"
    ).fetchall() == [
        ("bo", "unknown", False, None),
        ("leo", "unknown", False, None),
        ("mira", "influencer", True, True),
    ]


# --- edges ----------------------------------------


def test_a_partner_who_is_only_promised_or_asks_is_there(programme):
    marts = programme(
        {
            "commitments": [{"commitment_id": "1", "partner_id": "mira", "due_on": "2026-03-09"}],
            "requests": [
                {"request_id": "1", "partner_id": "leo", "asked_at": "2026-03-01 10:00"},
                {"request_id": "2", "partner_id": "leo", "asked_at": "2026-03-08 10:00"},
            ],
        }
    )
    assert marts.execute(
        "select partner_id, commitments_made, commitments_broken, requests, requests_unanswered, median_answer_hours,"
        " oldest_unanswered_days from relationships.partners order by all"
    ).fetchall() == [("leo", 0, 0, 2, 2, None, 9), ("mira", 1, 1, 0, 0, None, None)]


def test_before_everything_nothing_has_happened_yet(programme):
    marts = programme(TWICE, as_of=date(2020, 1, 1))
    assert marts.execute(
        "select partner_id, commitments_made, requests, value_received from relationships.partners order by all"
    ).fetchall() == [("p-12", 0, 0, 0), ("p-99", 0, 0, 0)]
    assert marts.execute(
        "select (select count(*) from relationships.commitments), (select count(*) from relationships.requests)"
    ).fetchall() == [(0, 0)]


def test_two_partners_with_one_shop_account_are_one_person_until_the_plan_says_more(programme):
    """Mira and leo share c1, who bought three times and said 9; each has a code, one of them a following."""
    marts = programme(
        {
            "partners": [
                {"partner_id": "mira", "name": "Mira", "relationship": "customer", "customer_id": "c1", "is_connected": ""},
                {"partner_id": "leo", "name": "Leo", "relationship": "other", "customer_id": " c1", "is_connected": "no"},
            ],
            "codes": [{"code": "mira", "partner_id": "mira"}, {"code": "leo", "partner_id": "leo"}],
            "orders": [
                {"order_id": day, "customer_id": "c1", "ordered_at": f"2026-03-0{day}", "net": "10.00"} for day in "123"
            ],
            "recommendations": [
                {"response_id": "1", "customer_id": "c1", "answered_at": "2026-03-05", "answer": "9"},
                {"response_id": "2", "customer_id": "c2", "answered_at": "2026-03-05", "answer": "8"},
            ],
            "referrals": [
                {"referral_id": "1", "referrer_id": "mira", "referred_customer_id": "", "invited_at": "2026-03-01"},
                {"referral_id": "2", "referrer_id": "c1", "referred_customer_id": "", "invited_at": "2026-03-01"},
            ],
        }
    )  # fmt: skip
    assert marts.execute(
        "select person_id, name, is_partner, orders, referrals_made, other_partner_ids, reasons from relationships.advocates"
    ).fetchall() == [
        (
            "leo",
            "Leo",
            True,
            3,
            2,
            "mira",
            [
                "invited 2 people, nobody has come yet",
                "said 9 of 10 on 2026-03-05",
                "bought 3 times, last on 2026-03-03",
                "owns the codes LEO and MIRA and has no online following",
            ],
        )
    ]
    assert marts.execute("select count(*) from relationships.partners").fetchall() == [(2,)]


def test_the_marts_of_people_do_not_depend_on_the_order_of_rows(programme):
    def read(extracts: Extracts) -> dict:
        marts = read_marts(programme(extracts))
        return {
            table: [row for row in rows if not any(len(str(value)) == 32 for value in row)]
            for table, rows in marts.items()
            if table.startswith("relationships.") or table == "reach.relevance"
        }

    once = read(TWICE)
    assert sum(len(rows) for rows in once.values()) > 8
    assert once == read({extract: rows[::-1] for extract, rows in TWICE.items()})
