"""Costs, commitments and requests: what the partners received."""

from datetime import date, timedelta
from decimal import Decimal

from story import people
from story.clock import FIRST_DAY, LAST_DAY, any_day, any_moment, roll_dice
from story.orders import round_to_cent

COMMITMENTS = [
    "A bag of every new roast",
    "Roastery tour for two",
    "Fee paid within 14 days",
    "Answer to feedback on the café menu",
    "A table at the spring fête",
    "Name on the thank-you wall",
    "Discount for the whole crew",
]
TOPICS = ["invoice", "more samples", "new code", "brewing question", "event", "broken link"]


def pay_costs() -> list[dict]:
    """Fees to influencers, commissions to affiliates, products to everybody."""
    rng = roll_dice("costs")
    rows = []
    for partner in people.PARTNERS:
        first, last = max(partner.joined_on, FIRST_DAY), partner.left_on or LAST_DAY
        kinds = [("product", 12, 60)] * rng.randint(2, 4)
        if partner.relationship == "influencer":
            kinds += [("fee", 180, 700)] * 2 + [("travel", 30, 160)]
        if partner.partner_id in people.AFFILIATES:
            kinds += [("commission", 25, 140)] * 5
        for kind, low, high in kinds:
            paid_on = any_day(rng, first, last)
            rows.append(
                {
                    "paid_on": paid_on,
                    "partner_id": partner.partner_id,
                    "campaign_id": people.pick_campaign(rng, paid_on),
                    "kind": kind,
                    "amount": Decimal(rng.randint(low * 100, high * 100)) / 100,
                    "currency": "USD" if partner.partner_id in ("p-24", "p-25", "p-26", "p-27") else "EUR",
                }
            )
    for campaign in people.CAMPAIGNS[:3]:
        rows.append(
            {
                "paid_on": campaign.starts_on,
                "partner_id": "",
                "campaign_id": campaign.campaign_id,
                "kind": "media",
                "amount": Decimal(rng.randint(20000, 60000)) / 100,
                "currency": "EUR",
            }
        )
    rows.sort(key=lambda row: (row["paid_on"], row["partner_id"], row["amount"]))
    return [{"cost_id": f"pay-{number:03d}", **row} for number, row in enumerate(rows, 1)]


def cost_in_euro(row: dict) -> Decimal:
    return round_to_cent(row["amount"] * Decimal("0.92")) if row["currency"] == "USD" else row["amount"]


def make_commitments() -> list[dict]:
    """Most are kept in time; some late, some never, and some are due only at the end of the year."""
    rng = roll_dice("commitments")
    rows = []
    for number in range(1, 49):
        partner = rng.choice(people.PARTNERS)
        made_on = any_day(rng, max(partner.joined_on, FIRST_DAY), partner.left_on or LAST_DAY)
        due_on = made_on + timedelta(days=rng.choice([7, 14, 30]))
        kept_on = due_on + timedelta(days=rng.choice([-5, -3, -1, 0, 0, 2, 9]))
        if number % 8 == 0:
            due_on = date(2026, 12, 15) if number % 16 else due_on
            kept_on = None
        rows.append(
            {
                "commitment_id": f"promise-{number:02d}",
                "partner_id": partner.partner_id,
                "made_on": made_on,
                "promise": rng.choice(COMMITMENTS),
                "due_on": due_on,
                "kept_on": kept_on,
            }
        )
    return rows


def answer_requests() -> list[dict]:
    rng = roll_dice("requests")
    rows = []
    for number in range(1, 41):
        partner = rng.choice(people.PARTNERS)
        asked_at = any_moment(rng, any_day(rng, max(partner.joined_on, FIRST_DAY), partner.left_on or LAST_DAY))
        answered_at = asked_at + timedelta(hours=rng.choice([1, 3, 5, 20, 28, 50, 120]), minutes=rng.randint(0, 59))
        rows.append(
            {
                "request_id": f"ask-{number:02d}",
                "partner_id": partner.partner_id,
                "asked_at": asked_at,
                "answered_at": None if number % 9 == 0 else answered_at,
                "topic": rng.choice(TOPICS),
            }
        )
    return rows
