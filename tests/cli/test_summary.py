"""Lines of the summary of a run."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.cli.summary import format_undefined, format_unpaid, summarise
from orchestration.landing.load import land
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.warehouse.database import warehouse_file
from tests.tiny import write_tiny


@pytest.mark.parametrize(
    ("lacking", "line"),
    [
        (("goal", "baseline, target", ["office-coffee"]), "office-coffee: baseline, target"),
        (("goal", "kpi", ["a", "b"]), "2 goals: kpi: a, b"),
        (("objective", "owner", ["sell"]), "sell: owner"),
        (("campaign", "objective", ["spring"]), "campaign spring serves no objective"),
        (("campaign", "objective", ["a", "b"]), "2 campaigns serve no objective: a, b"),
        (("partner", "campaign or step", ["mira"]), "partner mira is in no campaign and no step"),
        (
            ("partner", "campaign or step", [f"p{number}" for number in range(1, 51)]),
            "50 partners are in no campaign and no step: p1, p2, p3, p4, p5, …",
        ),
        (("partner", "campaign or step", ["jo@mail.example"]), "partner (address) is in no campaign and no step"),
    ],
)
def test_what_lacks_the_same_is_one_line(lacking: tuple[str, str, list[str]], line: str):
    assert format_undefined(*lacking) == line


def test_one_unpaid_order_is_one():
    assert format_unpaid(1, 1000, Decimal("0.50"), "EUR") == (
        "1 of 1,000 orders is not paid yet, 0.50 EUR; it counts. Exclude its status with excluded_statuses"
    )


PUBLISHED = """
    create schema goals;
    create table goals.kpis as select 'orders' as kpi, 'orders' as unit;
    create table goals.progress as
    select 'spring' as goal_id, 'orders' as kpi, 1 as baseline, 2 as target, 3 as actual, 'met' as status,
        null::varchar as what_moved, null::varchar as reason
    union all
    select 'proof', 'orders', 1, 2, null, 'unproven', null, 'experiment bag shows no lift'
    union all
    select 'someday', 'orders', null, 2, null, 'undefined', null, 'still to be defined: baseline';
    create table goals.undefined as
    select null::varchar as objective_id, null::varchar as goal_id, null::varchar as campaign_id,
        'p' || range as partner_id, 'campaign or step' as element
    from range(1, 51);
    create schema results;
    create table results.orders as
    select 1234.5 as net_revenue, range % 3 <> 0 as is_paid from range(4) union all select 5, null;
"""
UNLISTED = """
    create schema intermediate;
    create table intermediate.int_partners_unlisted_described as
    select '1 partner id is not in partners: inf001; did you mean INF001?' as problem;
    create table intermediate.int_match_rates as
    select * from (
        values
            ('conversion', 'awin', 4, 1, 1, 0, 0, 0, '77, 78', '2041, 6097'),
            ('conversion', 'impact', 4, 2, 0, 2, 0, 0, '79', '2041, 6097')
    ) as rates (claim_type, source, claims, matched, by_order_id, by_order_ref, by_person_and_day, ambiguous,
        claimed_examples, order_examples);
"""


def test_the_summary_names_entries_partners_that_are_in_no_list_and_what_repeats_once(tmp_path: Path):
    folder = read_programme(write_tiny(tmp_path / "programme")).folder
    folder.extracts_file.write_text(
        "extracts: [{files: landing/orders*.csv, feeds: orders, name: shop_eu, drop: {order_id: ['2']}}]"
    )
    write_plan_tables(read_programme(folder.path))
    land(read_programme(folder.path))
    folder.published.mkdir()
    for file, tables in ((folder.published_marts, PUBLISHED), (warehouse_file(folder), UNLISTED)):
        with duckdb.connect(file) as database:
            database.execute(tables)
    (folder.published / "latest.json").write_text(
        '{"restated": {"since": "2026-08-01T030000Z", "months": {"2026-03": "2 late orders (in late.csv)"}}}'
    )
    lines = summarise(folder).splitlines()
    assert lines[1:-4] == [
        "goal     KPI     baseline  target  actual  status",
        "───────  ──────  ────────  ──────  ──────  ─────────",
        "proof    orders         1       2       –  unproven",
        "someday  orders         –       2       –  undefined",
        "spring   orders         1       2       3  met",
        "",
        "Why (goals.progress):",
        "  proof is unproven: experiment bag shows no lift",
        "",
        "Still to define (goals.undefined):",
        "  50 partners are in no campaign and no step: p1, p2, p3, p4, p5, …",
        "",
        "2 of 5 orders are not paid yet, 2,469.00 EUR; they count. Exclude their status with excluded_statuses",
        "",
        "Closed months that changed since version 2026-08-01T030000Z:",
        "  2026-03: 2 late orders (in late.csv)",
        "",
        "1 partner id is not in partners: inf001; did you mean INF001?",
        "",
        "Claims that find no order:",
        "  awin: 1 of 4 sales find their order. It calls them 77, 78; the newest orders are 2041, 6097. Deliver the numbers"
        " that it uses as order_refs of the orders, or the buyer's customer id or address with it (results.unmatched).",
        "",
        "What rules did to rows and values (by file: metadata of raw/<extract> in Dagster):",
        "  shop_eu: 1 row dropped (drop: order_id)",
    ]
