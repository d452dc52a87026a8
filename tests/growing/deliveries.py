"""Deliveries of a small programme at random: keys come again, days are shuffled, customers and browsers change."""

from collections.abc import Callable
from random import Random

PLAN = """\
programme: Growing
currency: EUR
timezone: Europe/Brussels
lookback_days: {lookback}
attribution_model: linear
objectives:
  - id: sell
    statement: Sell.
    owner: jo@example.com
    goals:
      - {{id: revenue, kpi: net_revenue, target: 100, baseline: 0, starts_on: 2026-03-01, ends_on: 2026-06-30, evidence: tracked}}
    steps: [{{id: one, statement: One.}}]
"""
EXTRACTS = """\
extracts:
  - {files: landing/orders_*.csv, feeds: orders}
  - {files: landing/refunds_*.csv, feeds: refunds}
  - {files: landing/clicks_*.csv, feeds: clicks}
  - {files: landing/conversions_*.csv, feeds: conversions}
  - {files: landing/referrals_*.csv, feeds: referrals}
  - {files: landing/post_metrics_*.csv, feeds: post_metrics}
  - {files: landing/posts_*.csv, feeds: posts}
  - {files: landing/costs_*.csv, feeds: costs}
  - {files: landing/partners_*.csv, feeds: partners, delivery: snapshot}
  - {files: landing/codes_*.csv, feeds: codes}
"""

ORDERS = 40
Row = Callable[[Random, str], list[object]]
CUSTOMERS, PARTNERS = ["ada", "bo", "cy", "di", "eli", "flo", "gus", "hal"], ["mira", "leo", "bo"]
BROWSERS = [f"v{number}" for number in range(10)]


def moment(random: Random) -> str:
    return f"2026-{random.randint(3, 5):02}-{random.randint(1, 28):02} {random.randint(0, 23):02}:{random.randint(0, 59):02}"


def maybe(random: Random, values: list[str], chance: float = 0.7) -> str:
    return random.choice(values) if random.random() < chance else ""


def amount(random: Random) -> str:
    return f"{random.randint(1, 9000) / 100:.2f}"


# Columns, how many keys there are, and a row of a key.
TABLES: dict[str, tuple[str, int, Row]] = {
    "orders": (
        "order_id,customer_id,ordered_at,currency,net,cost_of_goods,discount_codes,status",
        ORDERS,
        lambda r, key: [key, maybe(r, CUSTOMERS, 0.9), moment(r), "EUR", amount(r), maybe(r, ["1.00"]),
                        maybe(r, ["A", "B", "A;B"], 0.4), maybe(r, ["paid", "cancelled"], 0.3)],
    ),
    "refunds": (
        "refund_id,order_id,refunded_at,amount",
        6,
        lambda r, key: [key, f"orders{r.randrange(ORDERS)}", moment(r), "0.50"],
    ),
    "clicks": (
        "click_id,clicked_at,partner_id,campaign_id,customer_id,visitor_id,utm_source",
        30,
        lambda r, key: [key, moment(r), maybe(r, PARTNERS), maybe(r, ["spring"], 0.3), maybe(r, CUSTOMERS, 0.4),
                        maybe(r, BROWSERS, 0.8), maybe(r, ["Instagram"])],
    ),
    "conversions": (
        "conversion_id,converted_at,partner_id,order_id,customer_id,kind,state",
        8,
        lambda r, key: [key, moment(r), maybe(r, PARTNERS), maybe(r, [f"orders{r.randrange(ORDERS)}"]), maybe(r, CUSTOMERS),
                        r.choice(["sale", "sale", "lead"]), r.choice(["approved", "reversed", "pending"])],
    ),
    "referrals": (
        "referral_id,referrer_id,invited_at,referred_customer_id,registered_at",
        5,
        lambda r, key: [key, r.choice(PARTNERS + CUSTOMERS), moment(r), maybe(r, CUSTOMERS), maybe(r, [moment(r)])],
    ),
    "post_metrics": (
        "post_id,observed_at,impressions,reach,likes",
        80,
        lambda r, key: [f"p{int(key[12:]) % 8}", f"2026-05-{int(key[12:]) // 8 + 1:02} 12:00", maybe(r, [str(r.randrange(999))]),
                        maybe(r, [str(r.randrange(999))]), r.randrange(99)],
    ),
    "posts": (
        "post_id,partner_id,platform,campaign_id,published_at",
        8,
        lambda r, key: [f"p{key[5:]}", maybe(r, PARTNERS), "instagram", maybe(r, ["spring"]), moment(r)],
    ),
    "costs": ("cost_id,paid_on,partner_id,amount", 4, lambda r, key: [key, moment(r)[:10], maybe(r, PARTNERS), amount(r)]),
    "partners": (
        "partner_id,relationship,customer_id,is_connected",
        3,
        lambda r, key: [PARTNERS[int(key[8:])], r.choice(["influencer", "customer"]), maybe(r, CUSTOMERS, 0.3), maybe(r, ["yes", "no"])],
    ),
    "codes": ("code,partner_id", 2, lambda r, key: ["AB"[int(key[5:])], r.choice(PARTNERS)]),
}  # fmt: skip


def make_deliveries(random: Random, number: int) -> dict[str, str]:
    """Contents by file name; each file has the date of another day, and comes whenever it comes."""
    files = {}
    often = [*TABLES, *["orders", "clicks", "clicks", "post_metrics"] * 2]
    for day, extract in enumerate(random.choices(often, k=number) + list(TABLES), start=1):
        header, keys, make = TABLES[extract]
        chosen = random.sample(range(keys), k=random.randint(1, min(keys, 8)))
        date = f"2026-{6 + day // 28:02}-{day % 28 + 1:02}"
        # With its day, because a file with the content of another one is loaded once, as of the first.
        lines = [",".join(map(str, [*make(random, f"{extract}{key}"), date])) for key in chosen]
        files[f"{extract}_{date}.csv"] = "\n".join([f"{header},exported_on", *lines]) + "\n"
    return files
