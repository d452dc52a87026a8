"""The truth about partners and advocates, from the story and never from the exports."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from statistics import median

from story import care, feedback, people
from story.clock import LAST_DAY, business_day
from story.orders import Order, Sales
from story.social import Post

# The same as in plan.yml.
SYNONYMS = {"latte art": "coffee", "roasting": "brewing"}
KINDS = ("fee", "commission", "product", "travel", "media")
PROMOTER_FROM = 9
REPEAT_BUYER_FROM = 3


def list_relationships() -> list[dict]:
    """One row per partner. A commitment that was not kept is open until its due date, then broken: `unkept_due_on`."""
    commitments, requests = group(care.make_commitments()), group(care.answer_requests())
    received: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(KINDS, Decimal(0)))
    for row in care.pay_costs():
        received[row["partner_id"]][row["kind"]] += care.cost_in_euro(row)
    return [
        {
            "partner_id": partner.partner_id,
            "relationship": partner.relationship,
            "commitments_made": len(commitments[partner.partner_id]),
            "commitments_kept": sum(is_kept_in_time(row) for row in commitments[partner.partner_id]),
            "commitments_late": sum(
                row["kept_on"] is not None and not is_kept_in_time(row) for row in commitments[partner.partner_id]
            ),
            "unkept_due_on": ";".join(
                sorted(str(row["due_on"]) for row in commitments[partner.partner_id] if row["kept_on"] is None)
            ),
            "requests": len(requests[partner.partner_id]),
            "requests_answered": sum(row["answered_at"] is not None for row in requests[partner.partner_id]),
            "median_answer_hours": find_median_hours(requests[partner.partner_id]),
            "value_received": sum(received[partner.partner_id].values()),
            **{f"{kind}_received": received[partner.partner_id][kind] for kind in KINDS},
        }
        for partner in people.PARTNERS
    ]


def group(rows: list[dict]) -> dict[str, list[dict]]:
    groups: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        groups[row["partner_id"]].append(row)
    return groups


def is_kept_in_time(commitment: dict) -> bool:
    return commitment["kept_on"] is not None and commitment["kept_on"] <= commitment["due_on"]


def find_median_hours(requests: list[dict]) -> str:
    waited = [row["answered_at"] - row["asked_at"] for row in requests if row["answered_at"]]
    return f"{median(wait / timedelta(hours=1) for wait in waited):.6f}" if waited else ""


def list_relevance(posts: list[Post]) -> list[dict]:
    """Pairs of partner and campaign that share a topic, or that a post or a code brings together."""
    together = {(post.partner_id, post.campaign_id) for post in posts if post.campaign_id}
    together |= {(code.partner_id, code.campaign_id) for code in people.CODES if code.campaign_id}
    rows = []
    for partner in people.PARTNERS:
        for campaign in people.CAMPAIGNS:
            mine, theirs = read_topics(partner.topics), read_topics(campaign.topics)
            if mine & theirs or (partner.partner_id, campaign.campaign_id) in together:
                rows.append(
                    {
                        "partner_id": partner.partner_id,
                        "campaign_id": campaign.campaign_id,
                        "topics_shared": len(mine & theirs),
                        "topics_of_campaign": len(theirs),
                        "topics_of_partner": len(mine),
                    }
                )
    return rows


def read_topics(topics: str) -> set[str]:
    return {SYNONYMS.get(topic, topic) for topic in topics.split(";")}


def list_undisclosed(posts: list[Post]) -> list[dict]:
    return [
        {"post_id": post.post_id, "partner_id": post.partner_id}
        for post in posts
        if post.is_paid and not post.is_disclosed
    ]


def list_advocates(sales: Sales) -> list[dict]:
    """Everybody with a reason, by partner id or customer id (a pseudonym in the marts)."""
    bought: dict[str, list[Order]] = defaultdict(list)
    for order in sales.sold:
        if not order.is_excluded:
            bought[order.customer_id].append(order)
    answers = find_latest_answers(sales)
    invited: dict[str, list[dict]] = defaultdict(list)
    for row in sales.referrals:
        if not row["is_self"]:
            invited[row["referrer_id"]].append(row)

    partners = [(partner.partner_id, partner.customer_id) for partner in people.PARTNERS]
    customers = (bought.keys() | answers.keys() | invited.keys()) - {name for partner in partners for name in partner}
    rows = []
    for partner_id, customer_id in partners + [("", customer_id) for customer_id in sorted(customers)]:
        reasons = [
            *describe_referrals(invited[partner_id] + (invited[customer_id] if customer_id else []), bought),
            *describe_answer(answers.get(customer_id)),
            *describe_orders(bought[customer_id] if customer_id else []),
            *describe_partner(partner_id),
        ]
        if reasons:
            rows.append({"partner_id": partner_id, "customer_id": customer_id, "reasons": " | ".join(reasons)})
    return rows


def find_latest_answers(sales: Sales) -> dict[str, dict]:
    answers = sorted(feedback.ask_for_recommendations(sales.orders), key=lambda row: row["answered_at"])
    return {row["customer_id"]: row for row in answers}


def describe_referrals(invited: list[dict], bought: dict[str, list[Order]]) -> Iterator[str]:
    """Orders of referred customers since their registration. Nobody is invited by two people."""
    orders: dict[str, list[Order]] = {}
    for row in invited:
        since = row["registered_at"] or row["invited_at"]
        orders[row["referred_customer_id"]] = [
            order for order in bought[row["referred_customer_id"]] if order.ordered_at >= since
        ]
    buyers = [of_one for customer_id, of_one in orders.items() if customer_id and of_one]
    registered = sum(row["is_registered"] for row in invited)
    if buyers:
        revenue = sum(order.net_revenue for of_one in buyers for order in of_one)
        yield f"referred {count(len(buyers), 'customer', 'customers')}, who bought for {revenue}"
    elif registered:
        yield f"brought {count(registered, 'person', 'people')}, nobody has bought yet"
    elif invited:
        yield f"invited {count(len(invited), 'person', 'people')}, nobody has come yet"


def describe_answer(answer: dict | None) -> Iterator[str]:
    if answer and int(answer["answer"]) >= PROMOTER_FROM:
        yield f"said {answer['answer']} of 10 on {business_day(answer['answered_at'])}"


def describe_orders(orders: list[Order]) -> Iterator[str]:
    if len(orders) >= REPEAT_BUYER_FROM:
        yield f"bought {len(orders)} times, last on {max(order.day for order in orders)}"


def describe_partner(partner_id: str) -> Iterator[str]:
    """On any day after the story."""
    partner = next((partner for partner in people.PARTNERS if partner.partner_id == partner_id), None)
    if partner and partner.relationship == "employee":
        yield "is an employee"
    if partner and not partner.followers:
        codes = sorted(
            code.code
            for code in people.CODES
            if code.partner_id == partner_id and code.is_owned_on(LAST_DAY + timedelta(days=1))
        )
        owns = f"owns the code{'s' if len(codes) > 1 else ''} {' and '.join(codes)} and " if codes else ""
        yield f"{owns}has no online following"


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
