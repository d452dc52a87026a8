"""The marts of the people who vouch against the sample's known truth, which was decided before the files were written."""

import csv
import hashlib
import hmac
from datetime import date
from decimal import Decimal

import pytest

from tests.conftest import REPOSITORY, Run

TRUTH = REPOSITORY / "sample" / "truth"
COUNTS = ("commitments_made", "commitments_kept", "commitments_late", "requests", "requests_answered")
AMOUNTS = (
    "value_received",
    "fees_received",
    "commission_received",
    "product_received",
    "travel_received",
    "media_received",
)


def read_truth(name: str) -> list[dict[str, str]]:
    with (TRUTH / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_partner_got_what_the_truth_has(sample_run: Run):
    found = {
        partner: (relationship, *figures)
        for partner, relationship, *figures in sample_run.query(
            f"select partner_id, relationship, {', '.join(COUNTS + AMOUNTS)} from relationships.partners"
        )
    }
    expected = {
        row["partner_id"]: (
            row["relationship"],
            *(int(row[name]) for name in COUNTS),
            *(Decimal(row[name.replace("fees", "fee")]) for name in AMOUNTS),
        )
        for row in read_truth("relationships")
    }
    assert found == expected


def test_every_partner_waited_as_long_as_in_the_truth(sample_run: Run):
    found = dict(sample_run.query("select partner_id, median_answer_hours from relationships.partners"))
    hours = {row["partner_id"]: row["median_answer_hours"] for row in read_truth("relationships")}
    assert found == {
        partner: pytest.approx(float(known), abs=1e-5) if known else None for partner, known in hours.items()
    }


def test_what_was_not_kept_is_broken_once_its_day_is_over(sample_run: Run):
    [(as_of,)] = sample_run.query("select distinct as_of from goals.progress")
    found = {
        partner: (broken, still_open)
        for partner, broken, still_open in sample_run.query(
            "select partner_id, commitments_broken, commitments_open from relationships.partners"
        )
    }
    for row in read_truth("relationships"):
        due = [date.fromisoformat(day) for day in row["unkept_due_on"].split(";") if day]
        broken = sum(day < as_of for day in due)
        assert found[row["partner_id"]] == (broken, len(due) - broken), row["partner_id"]


def test_every_advocate_has_the_reasons_of_the_truth(sample_run: Run):
    key = (sample_run.programme / ".pseudonym_key").read_bytes()

    def hide(customer_id: str) -> str:
        return hmac.new(key, customer_id.encode(), hashlib.sha256).hexdigest()[:32]

    found = {
        person: (partner, customer, reasons)
        for person, partner, customer, reasons in sample_run.query(
            "select person_id, partner_id, customer_id, reasons from relationships.advocates"
        )
    }
    expected = {
        row["partner_id"] or hide(row["customer_id"]): (
            row["partner_id"] or None,
            hide(row["customer_id"]) if row["customer_id"] else None,
            row["reasons"].split(" | "),
        )
        for row in read_truth("advocates")
    }
    assert found == expected
    assert len(found) > 500


def test_advocates_are_in_alphabetical_order(sample_run: Run):
    """Of the published file, as a reader finds it: nothing ranks them."""
    names = [name for (name,) in sample_run.query("select name from relationships.advocates") if name]
    assert names == sorted(names) and len(names) > 10


def test_partners_and_campaigns_share_the_topics_of_the_truth(sample_run: Run):
    columns = ("partner_id", "campaign_id", "topics_shared", "topics_of_campaign", "topics_of_partner")
    found = sample_run.query(f"select {', '.join(columns)} from reach.relevance order by all")
    assert found == sorted(
        (row["partner_id"], row["campaign_id"], *(int(row[name]) for name in columns[2:]))
        for row in read_truth("relevance")
    )
    for shared, of_campaign, ratio in sample_run.query(
        "select topics_shared, topics_of_campaign, relevance_ratio from reach.relevance"
    ):
        assert ratio == pytest.approx(shared / of_campaign)


def test_paid_posts_that_do_not_say_so_are_listed(sample_run: Run):
    found = sample_run.query("select post_id, partner_id, disclosure from relationships.undisclosed order by all")
    assert found == sorted((row["post_id"], row["partner_id"], "not disclosed") for row in read_truth("undisclosed"))
