"""The sample programme's marts against its known truth, which was decided before the files were written."""

import csv
import gzip
import json
import re
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.erasure_search import read_contents
from tests.conftest import REPOSITORY, SLOW, Run, run_nightly

TRUTH = REPOSITORY / "sample" / "truth"


def read_truth(name: str) -> list[dict[str, str]]:
    with (TRUTH / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def totals() -> dict[str, Decimal]:
    return {row["name"]: Decimal(row["value"]) for row in read_truth("totals")}


def test_every_order_is_as_it_happened(sample_run: Run):
    found = sample_run.query(
        "select shop, order_id, ordered_on, net_revenue, refunded, is_new_customer, evidence from results.orders"
    )
    expected = [
        (
            row["shop"],
            row["order_id"],
            row["ordered_on"],
            Decimal(row["net_revenue"]),
            Decimal(row["refunded"]),
            row["is_new_customer"] == "true",
            row["evidence"],
        )
        for row in read_truth("orders")
    ]
    assert sorted((*row[:2], str(row[2]), *row[3:]) for row in found) == sorted(expected)


def test_every_credit_is_as_in_the_truth(sample_run: Run):
    found: dict[tuple, list[tuple]] = defaultdict(list)
    for shop, order, model, *credit in sample_run.query(
        "select shop, order_id, attribution_model, evidence, partner_id, campaign_id, sum(credit_ratio)"
        " from results.credits where attribution_model <> 'markov' group by all"
    ):
        found[shop, order, model].append(tuple(credit))
    expected: dict[tuple, list[tuple]] = defaultdict(list)
    for row in read_truth("credits"):
        credit = (row["evidence"], row["partner_id"] or None, row["campaign_id"] or None, float(row["credit_ratio"]))
        expected[row["shop"], row["order_id"], row["attribution_model"]].append(credit)

    assert found.keys() == expected.keys()
    wrong = {key: (found[key], credits) for key, credits in expected.items() if not agree(found[key], credits)}
    assert not wrong


def agree(found: list[tuple], expected: list[tuple]) -> bool:
    """Whether two lists of credits are the same; `*` in the truth means anybody."""
    left = list(found)
    for evidence, partner, campaign, ratio in expected:
        match = next(
            (
                credit
                for credit in left
                if credit[0] == evidence
                and partner in ("*", credit[1])
                and campaign in ("*", credit[2])
                and abs(credit[3] - ratio) < 1e-6
            ),
            None,
        )
        if match is None:
            return False
        left.remove(match)
    return not left


def test_totals_are_as_in_the_truth(sample_run: Run, totals: dict[str, Decimal]):
    [found] = sample_run.query(
        "select count(*), count(distinct customer_id), sum(net_revenue), sum(refunded), sum(contribution_margin)"
        " from results.orders"
    )
    names = ("orders", "customers", "net_revenue", "refunded", "contribution_margin_before_costs")
    assert found == tuple(totals[name] for name in names)


@pytest.mark.parametrize("mart", ["partners", "campaigns", "relationships"])
def test_no_cost_is_lost_or_counted_twice(sample_run: Run, totals: dict[str, Decimal], mart: str):
    costs = sample_run.query(f"select attribution_model, sum(cost) from results.{mart} group by all")
    assert {cost for _, cost in costs} == {totals["costs"]}
    assert len(costs) == 8


def test_tracked_said_and_untracked_are_as_in_the_truth(sample_run: Run, totals: dict[str, Decimal]):
    kinds = {
        "tracked": ("code", "referral", "conversion", "click"),
        "said": ("survey",),
        "untracked": ("none",),
        "renewal": ("renewal",),
    }
    found = sample_run.query("select evidence, sum(orders), sum(net_revenue) from results.evidence group by all")
    assert {row[0]: row[1:] for row in found} == {
        evidence: tuple(sum(totals[f"{figure}_{kind}"] for kind in of) for figure in ("orders", "net_revenue"))
        for evidence, of in kinds.items()
    }
    for month, revenue in sample_run.query("select month, sum(net_revenue) from results.evidence group by all"):
        assert revenue == totals[f"net_revenue_{month:%Y-%m}"]


def test_the_control_totals_agree_with_the_truth(sample_run: Run, totals: dict[str, Decimal]):
    total = f"{totals['orders']:,} orders, net revenue {totals['net_revenue']:,.2f} EUR"
    assert f"{total}; raw and marts agree to the cent" in sample_run.screen


def test_orders_are_recognised_by_what_other_tools_call_them(sample_run: Run):
    found = sample_run.query(
        "select shop, order_id, matched_by from results.orders where shop = 'uk' and evidence <> 'none' order by all"
    )
    assert found == [tuple(row.values()) for row in read_truth("matched_by")]


def test_partners_are_not_credited_for_their_own_orders(sample_run: Run):
    found = sample_run.query(
        "select shop, order_id, partner_id, evidence from results.self_purchases where evidence = 'code'"
    )
    assert found == [tuple(row.values()) for row in read_truth("self_purchases")]


def test_orders_that_are_no_sale_are_counted(sample_run: Run, totals: dict[str, Decimal]):
    assert sample_run.query("select sum(orders) from results.exclusions") == [(totals["excluded_orders"],)]


def test_invitations_are_as_in_the_truth(sample_run: Run, totals: dict[str, Decimal]):
    expected = (totals["invites"], totals["registered"])
    assert sample_run.query("select sum(invites), sum(registered) from results.referrals") == [expected]
    assert sample_run.query("select invites, registered from results.referral_totals where month is null") == [expected]
    assert sample_run.query("select count(*) from results.self_referrals") == [(totals["self_referrals"],)]


def test_people_without_a_following_are_counted_like_influencers(sample_run: Run):
    """What relationships say of the unconnected is what partners who are known to be offline brought."""
    of_relationships = sample_run.query(
        "select attribution_model, sum(net_revenue_of_unconnected) from results.relationships group by all order by all"
    )
    assert of_relationships == sample_run.query(
        "select attribution_model, sum(net_revenue) from results.daily where not is_connected group by all order by all"
    )
    assert all(revenue > 0 for _, revenue in of_relationships)


def test_reach_is_the_latest_known_counters(sample_run: Run, totals: dict[str, Decimal]):
    counters = ("impressions", "reach", "views", "likes", "comments", "shares", "saves", "clicks")
    sums = ", ".join(f"sum({counter})" for counter in counters)
    for mart in ("posts", "daily"):
        [found] = sample_run.query(f"select {sums} from reach.{mart}")
        assert found == tuple(totals[f"latest_{counter}"] for counter in counters)
    assert sample_run.query("select count(*) from reach.posts") == [(totals["posts"],)]


def test_what_could_not_be_read_is_in_quarantine_with_its_line(sample_run: Run):
    found = set()
    for file in (sample_run.programme / "quarantine").glob("*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as opened:
            found |= {
                (row["file"], row["line"], row["extract"], row["column"], row["value"])
                for row in csv.DictReader(opened)
            }
    expected = {
        (row["file"], row["line"], row["extract"], row["column"], row["value"]) for row in read_truth("quarantine")
    }
    assert found == expected


def test_goals_have_every_status_that_the_plan_provokes(sample_run: Run):
    statuses = {status for (status,) in sample_run.query("select status from goals.progress")}
    assert statuses >= {"undefined", "not started", "met", "missed", "unproven"}


def test_the_screen_shows_each_goal_and_where_the_marts_are(sample_run: Run):
    for goal, status in sample_run.query("select goal_id, status from goals.progress"):
        assert any(goal in line and status in line for line in sample_run.screen.splitlines())
    assert str(sample_run.programme / "published" / "marts.duckdb") in sample_run.screen
    assert "Quarantine: 4 rows" in sample_run.screen
    assert "\n  posts, ID: 1 × is empty, and post_id is required; fill it in" in sample_run.screen


def test_every_published_table_and_column_has_a_comment(sample_run: Run):
    assert sample_run.query("select schema_name, table_name from duckdb_tables() where comment is null") == []
    assert (
        sample_run.query("select table_name, column_name from duckdb_columns() where not internal and comment is null")
        == []
    )


def test_each_mart_is_a_parquet_file_of_the_version_with_the_same_rows(sample_run: Run):
    published = sample_run.programme / "published"
    latest = json.loads((published / "latest.json").read_text())
    version = published / "versions" / latest["version"]
    listed = sorted(file for files in latest["parquet"].values() for file in files)
    assert listed == sorted(file.relative_to(published).as_posix() for file in version.rglob("*.parquet"))
    tables = sample_run.query("select schema_name, table_name from duckdb_tables()")
    assert len(tables) == len(latest["rows"]) > 10
    with duckdb.connect() as connection:
        for schema, table in tables:
            parquet = connection.read_parquet(str(Path(version / schema / f"{table}.parquet")).replace("[", "[[]"))
            assert sorted(map(str, parquet.fetchall())) == sorted(map(str, sample_run.query(f"from {schema}.{table}")))


def find_people(content: bytes, people: set[bytes]) -> set[bytes]:
    """Ids are c- and four digits, but not in a UUID (…3f2c-1588-…); of addresses the part before the @ is looked for where
    one of their domains stands."""
    domains = b"|".join({re.escape(person.split(b"@")[1]) for person in people if b"@" in person})
    windows = [content[max(0, at.start() - 64) : at.end()] for at in re.finditer(b"@(?:" + domains + b")", content)]
    addresses = {person for person in people if b"@" in person}
    named = {address for window in windows for address in addresses if window.endswith(address)} if windows else set()
    return named | set(re.findall(rb"(?<![0-9a-f])c-[0-9]{4}(?![0-9])", content)) & people


def test_no_customer_is_named_outside_landing_and_raw(sample_run: Run):
    """Ids and addresses of customers stop at raw; the warehouse, the marts, the logs and Dagster's own storage have
    pseudonyms, also in what is packed (DuckDB, Parquet, XLSX, SQLite). Nor is the key anywhere."""
    with gzip.open(sample_run.programme / "landing" / "shop_us" / "orders.jsonl.gz", "rt") as opened:
        people = {json.loads(line)["email"].strip().lower().encode() for line in opened}
    for file in (sample_run.programme / "landing" / "shop_eu").glob("orders_*.csv"):
        with file.open(encoding="utf-8", newline="") as opened:
            people |= {row["Customer"].strip().lower().encode() for row in csv.DictReader(opened)} - {b""}
    with (sample_run.programme / "landing" / "stand_london" / "orders.csv").open(
        encoding="utf-8", newline=""
    ) as opened:
        people |= {row["E-mail"].strip().lower().encode() for row in csv.DictReader(opened)} - {b""}
    assert len(people) > 300
    key = (sample_run.programme / ".pseudonym_key").read_bytes().strip()
    warehouse = sample_run.programme / "warehouse"
    raw = {warehouse / "raw", warehouse / "quarantine"}
    named = set()
    connection = duckdb.connect()
    for folder in (sample_run.programme / "published", warehouse):
        for file in folder.rglob("*"):
            if file.is_file():
                found: set[bytes] = set()
                for content in read_contents(connection, file):
                    assert key not in content, file
                    found |= find_people(content.lower(), people)
                if raw & set(file.parents):
                    named |= found
                else:
                    assert not found, file
    assert len(named) > 300, "raw has them, so the search can find them"


def test_a_second_run_loads_and_publishes_nothing(sample_run: Run):
    before = sample_run.versions
    again = run_nightly(sample_run.programme)
    assert again.status == 0, again.screen
    assert " ← " not in again.screen
    assert again.versions == before


@SLOW
def test_a_rebuild_from_landing_gives_the_same_marts(sample_run: Run, tmp_path: Path):
    shutil.copytree(sample_run.programme, tmp_path / "programme")
    again = run_nightly(tmp_path / "programme", "--rebuild")
    assert again.status == 0, again.screen
    assert " ← " in again.screen
    first, second = (
        {file.name: file.read_bytes() for file in run.versions[-1].glob("*/*.parquet")} for run in (sample_run, again)
    )
    assert first == second
