"""Writes the exports of ten tools, each with its own format, headers and quirks.

Every function writes the files of one tool below landing/ and returns the rows in them that cannot be read.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa

from story import care, feedback, people, stand
from story.clock import business_day, in_brussels, in_brussels_day_first, in_new_york, in_utc
from story.files import find_line, write_csv, write_json, write_json_lines, write_parquet, write_xlsx
from story.orders import Order, Sales
from story.social import MONTH_ENDS, Post, count_followers

Unread = list[dict]
SNAPSHOTS = [date(2025, 11, 3), date(2026, 3, 2), date(2026, 10, 5)]
CLICK_TEXTS = ("partner", "campaign", "customer", "browser", "source", "medium", "content", "order")
CLICK_SCHEMA = pa.schema(
    [("visit", pa.string()), ("time", pa.timestamp("us", "UTC"))] + [(name, pa.string()) for name in CLICK_TEXTS]
)


def export_everything(landing: Path, sales: Sales, posts: list[Post]) -> Unread:
    write_partners(landing / "crm")
    write_relationship(landing / "crm", sales)
    write_american_orders(landing / "shop_us", sales.orders)
    write_stand(landing / "stand_london", sales)
    write_csv(landing / "tracking" / "stand_orders.csv", stand.list_tracked(sales))
    write_clicks(landing / "tracking", sales)
    write_conversions(landing / "affiliate", sales)
    write_costs(landing / "finance")
    write_experiments(landing / "experiments")
    return [
        *write_european_orders(landing / "shop_eu", sales.orders),
        *write_european_refunds(landing / "shop_eu", sales.orders),
        *write_posts(landing / "social", posts),
        *write_surveys(landing / "surveys", sales),
    ]


def report_unread(path: Path, row: str, extract: str, column: str, header: str, value: str) -> dict:
    """`row` is a text that only occurs in the unreadable row."""
    file = path.relative_to(path.parents[2]).as_posix()
    return {
        "file": file,
        "line": find_line(path, row),
        "extract": extract,
        "column": column,
        "header": header,
        "value": value,
    }


def group_by_month(rows: list, day_of) -> dict[str, list]:
    months: dict[str, list] = {}
    for row in rows:
        months.setdefault(f"{day_of(row):%Y-%m}", []).append(row)
    return months


# --- shops ----------------------------------------


def write_european_orders(folder: Path, orders: list[Order]) -> Unread:
    """One delivery per month, times in the shop's local time. In July, some rows are delivered again, corrected,
    among them the one that could not be read before."""
    european = [order for order in orders if order.shop == "eu"]
    for month, delivered in group_by_month(european, lambda order: order.day).items():
        write_csv(folder / f"orders_{month}.csv", [describe_order(order) | order.first_export for order in delivered])
    corrected = [order for order in european if order.first_export]
    write_csv(folder / "orders_corrected_2026-07-04.csv", [describe_order(order) for order in corrected])
    return []


def describe_order(order: Order) -> dict:
    return {
        "Order": order.order_id,
        "Customer": order.customer_id,
        "Placed at": in_brussels(order.ordered_at),
        "Merchandise": order.gross,
        "Discount": order.discount,
        "VAT": order.tax,
        "Shipping": order.shipping,
        "Net": str(order.net),
        "Cost": order.cost_of_goods,
        "Codes": order.codes,
        "State": order.status,
    }


def write_european_refunds(folder: Path, orders: list[Order]) -> Unread:
    """Separator `;`, decimal comma, day before month. The file of January was saved twice."""
    refunds = number_refunds(orders, "eu")
    rows = {
        month: [describe_refund(*refund) for refund in delivered]
        for month, delivered in group_by_month(refunds, lambda refund: business_day(refund[2].refunded_at)).items()
    }
    february = [order for order in orders if order.shop == "eu" and f"{order.day:%Y-%m}" == "2026-02"]
    intact = next(order for order in february if not order.refunds)
    bad_date = "31/02/2026 10:12:00"
    rows["2026-02"].insert(5, {"Refund": "RF-0131", "Order": intact.order_id, "Date": bad_date, "Amount": "7,50"})
    rows["2026-01 (copy)"] = rows["2026-01"]
    for month, delivered in rows.items():
        write_csv(folder / f"refunds_{month}.csv", delivered, delimiter=";")
    path = folder / "refunds_2026-02.csv"
    return [report_unread(path, "RF-0131", "refunds", "refunded_at", "Date", bad_date)]


def number_refunds(orders: list[Order], shop: str) -> list[tuple]:
    refunds = [(order, refund) for order in orders if order.shop == shop for refund in order.refunds]
    refunds.sort(key=lambda pair: (pair[1].refunded_at, pair[0].order_id))
    return [(f"R-{number:04d}", *pair) for number, pair in enumerate(refunds, 1)]


def describe_refund(refund_id: str, order: Order, refund) -> dict:
    return {
        "Refund": refund_id,
        "Order": order.order_id,
        "Date": in_brussels_day_first(refund.refunded_at),
        "Amount": str(refund.amount).replace(".", ","),
    }


def write_american_orders(folder: Path, orders: list[Order]) -> None:
    """JSON Lines, gzipped; times have offsets, customer ids are e-mail addresses."""
    write_json_lines(
        folder / "orders.jsonl.gz",
        [
            {
                "id": order.order_id,
                "email": order.customer_id,
                "created_at": in_new_york(order.ordered_at),
                "currency": order.currency,
                "subtotal": str(order.gross),
                "discounts": str(order.discount),
                "tax": str(order.tax),
                "shipping": str(order.shipping),
                "net": str(order.net),
                "cogs": str(order.cost_of_goods),
                "codes": order.codes or None,
                "financial_status": order.status,
            }
            for order in orders
            if order.shop == "us"
        ],
    )
    write_csv(
        folder / "refunds.csv",
        [
            {
                "refund_id": refund_id,
                "order_id": order.order_id,
                "refunded_at": in_new_york(refund.refunded_at),
                "amount": refund.amount,
                "currency": order.currency,
            }
            for refund_id, order, refund in number_refunds(orders, "us")
        ],
    )


def write_stand(folder: Path, sales: Sales) -> None:
    """A till that knows accounts, addresses and telephone numbers; what other tools call its orders is in Number."""
    write_csv(
        folder / "orders.csv",
        [
            {
                "id": order.order_id,
                "Number": ";".join(order.refs),
                "Account": order.account,
                "E-mail": order.email,
                "Phone": order.phone,
                "Country": "GB",
                "Sold at": in_utc(order.ordered_at),
                "Currency": order.currency,
                "Before discount": order.gross,
                "Discount": order.discount,
                "Net": order.net,
                "Cost": order.cost_of_goods,
                "Code": order.codes,
                "Paid": "yes" if order.is_paid else "no",
                "Renewal": "yes" if order.is_renewal else "no",
            }
            for order in sales.stand
        ],
    )
    write_csv(
        folder / "refunds.csv",
        [
            {"Refund": refund_id, "Order": order.order_id, "At": in_utc(refund.refunded_at), "Amount": refund.amount}
            for refund_id, order, refund in number_refunds(sales.stand, "uk")
        ],
    )
    write_csv(
        folder / "customers.csv",
        [
            {
                "Account": row["customer_id"],
                "E-mail": row["email"],
                "First order": row["first"],
                "Orders": row["orders"],
            }
            for row in stand.BOUGHT_BEFORE
        ],
    )


# --- partners ----------------------------------------


def write_partners(folder: Path) -> None:
    """Three snapshots: partners join, one leaves, and a test entry of the first two is missing from the last."""
    for taken_on in SNAPSHOTS:
        rows = [describe_partner(partner, taken_on) for partner in people.PARTNERS if partner.joined_on <= taken_on]
        if taken_on != SNAPSHOTS[-1]:
            test = {"ID": "p-99", "Who": "TEST please ignore", "Relationship": "other"}
            rows.append(dict.fromkeys(rows[0], "") | test)
        write_csv(folder / f"partners_{taken_on}.csv", rows)
    write_json(
        folder / "campaigns.json",
        [
            {
                "key": c.campaign_id,
                "title": c.name,
                "serves": c.objective_id,
                "topics": c.topics,
                "from": c.starts_on and c.starts_on.isoformat(),
                "to": c.ends_on and c.ends_on.isoformat(),
            }
            for c in people.CAMPAIGNS
        ],
    )
    write_csv(
        folder / "codes.csv",
        [
            {
                "Code": code.code,
                "Owner": code.partner_id,
                "Campaign": code.campaign_id,
                "From": code.first_day or "",
                "Until": code.last_day or "",
            }
            for code in people.CODES
        ],
    )
    write_csv(folder / "links.csv", stand.LINKS)
    write_csv(folder / "gym_codes.csv", stand.CODES_THAT_BEGIN)


def describe_partner(partner: people.Partner, taken_on: date) -> dict:
    has_left = partner.left_on and partner.left_on <= taken_on
    return {
        "ID": partner.partner_id,
        "Who": partner.name,
        "Relationship": partner.relationship,
        "Shop account": partner.customer_id,
        "Online?": "yes" if partner.followers else "no",
        "Talks about": partner.topics,
        "Since": partner.joined_on,
        "Left": partner.left_on if has_left else "",
    }


def write_relationship(folder: Path, sales: Sales) -> None:
    """Commitments come from an old tool that writes Latin-1."""
    invited = sorted(sales.referrals, key=lambda row: (row["invited_at"], row["referrer_id"]))
    write_csv(
        folder / "referrals.csv",
        [
            {
                "Invitation": f"i-{number:04d}",
                "Invited by": row["referrer_id"],
                "Sent": in_utc(row["invited_at"]),
                "Who came": row["referred_customer_id"],
                "Came": in_utc(row["registered_at"]),
                "Registered": "yes" if row["is_registered"] else "no",
            }
            for number, row in enumerate(invited, 1)
        ],
    )
    write_csv(
        folder / "promises.csv",
        [
            {
                "No": row["commitment_id"],
                "To": row["partner_id"],
                "Made": row["made_on"],
                "What": row["promise"],
                "Due": row["due_on"],
                "Kept": row["kept_on"] or "",
            }
            for row in care.make_commitments()
        ],
        encoding="latin-1",
    )
    write_csv(
        folder / "requests.csv",
        [
            {
                "Ticket": row["request_id"],
                "From": row["partner_id"],
                "Asked": in_brussels(row["asked_at"]),
                "Answered": in_brussels(row["answered_at"]),
                "About": row["topic"],
            }
            for row in care.answer_requests()
        ],
    )


def write_costs(folder: Path) -> None:
    """A workbook: notes on the first sheet, two title lines above the table on the second."""
    header = ["No", "Paid", "To", "Campaign", "What for", "Amount", "Currency"]
    rows = [
        [
            row["cost_id"],
            row["paid_on"],
            row["partner_id"] or None,
            row["campaign_id"] or None,
            row["kind"],
            float(row["amount"]),
            row["currency"],
        ]
        for row in care.pay_costs()
    ]
    write_csv(
        folder / "pounds.csv",
        [{"Currency": "GBP", "Date": monday, "Rate": rate} for monday, rate in stand.POUND_IN_EUR.items()],
    )
    write_xlsx(
        folder / "costs.xlsx",
        {
            "Notes": [["Product is booked at cost price."]],
            "Payments": [["Northwind Coffee: partner programme"], ["as of 1 July 2026"], header, *rows],
        },
    )


# --- tracking ----------------------------------------


def write_clicks(folder: Path, sales: Sales) -> None:
    clicks = sorted(sales.clicks, key=lambda row: (row["clicked_at"], row["customer_id"], row["visitor_id"]))
    write_parquet(
        folder / "visits.parquet",
        [
            {
                "visit": f"k-{number:05d}",
                "time": row["clicked_at"],
                "partner": row["partner_id"] or None,
                "campaign": row["campaign_id"] or None,
                "customer": row["customer_id"] or None,
                "browser": row["visitor_id"] or None,
                "source": row.get("source") or name_source(row),
                "medium": row.get("medium")
                or ("referral" if row["partner_id"] else "email" if row["campaign_id"] else None),
                "content": row.get("content"),
                "order": row.get("order_id"),
            }
            for number, row in enumerate(clicks, 1)
        ],
        CLICK_SCHEMA,
    )


def name_source(click: dict) -> str | None:
    return "partner" if click["partner_id"] else "newsletter" if click["campaign_id"] else None


def write_conversions(folder: Path, sales: Sales) -> None:
    """Two deliveries; the second restates conversions of March, which were pending in the first."""
    rows = sorted(sales.conversions, key=lambda row: (row["converted_at"], row["partner_id"], row["revenue"]))
    rows = [{"id": f"n-{number:04d}"} | row for number, row in enumerate(rows, 1)]
    first = [row for row in rows if business_day(row["converted_at"]) <= date(2026, 3, 31)]
    pending = [row for row in first if business_day(row["converted_at"]) >= date(2026, 3, 1)]
    write_csv(
        folder / "conversions_2026-04-01.csv",
        [describe_conversion(row | ({"state": "pending"} if row in pending else {})) for row in first],
    )
    write_csv(
        folder / "conversions_2026-07-07.csv",
        [describe_conversion(row) for row in rows if row in pending or row not in first],
    )


def describe_conversion(row: dict) -> dict:
    return {
        "transaction": row["id"],
        "date": in_utc(row["converted_at"]),
        "publisher": row["partner_id"],
        "campaign": row["campaign_id"],
        "order_ref": row["order_id"],
        "customer_ref": row["customer_id"],
        "type": row["kind"],
        "sales": row["orders"],
        "sale_amount": row["revenue"],
        "currency": row["currency"],
        "payout": row["commission"],
        "status": row["state"],
    }


def write_posts(folder: Path, posts: list[Post]) -> Unread:
    """One file each month feeds posts and post_metrics: CSV from Instagram, JSON Lines from all other channels."""
    for day in MONTH_ENDS:
        seen = [(post, at, counters) for post in posts for at, counters in post.observations if business_day(at) == day]
        instagram = [describe_instagram(*row) for row in seen if row[0].platform == "instagram"]
        if day == date(2026, 3, 31):
            lost = instagram[0] | {"ID": "", "Caption": "a story that the export lost", "Link": ""}
            instagram.insert(len(instagram) // 2, lost)
        write_csv(folder / f"instagram_{day}.csv", instagram)
        write_json_lines(
            folder / f"channels_{day}.jsonl", [describe_channel(*row) for row in seen if row[0].platform != "instagram"]
        )
    write_csv(
        folder / "followers.tsv",
        [
            {
                "Creator": row["partner_id"],
                "Channel": row["platform"],
                "Read at": in_brussels(row["observed_at"]),
                "Followers": row["followers"],
            }
            for row in count_followers()
        ],
        delimiter="\t",
    )
    path = folder / "instagram_2026-03-31.csv"
    return [
        report_unread(path, "a story that the export lost", extract, "post_id", "ID", "")
        for extract in ("posts", "post_metrics")
    ]


def describe_instagram(post: Post, at, counters: dict) -> dict:
    known = {counter: "" if value is None else value for counter, value in counters.items()}
    return {
        "ID": post.post_id,
        "Creator": post.partner_id,
        "Campaign": post.campaign_id,
        "Posted": in_brussels(post.published_at),
        "Caption": post.caption,
        "Link": post.url,
        "Topics": post.topics,
        "Paid": "yes" if post.is_paid else "no",
        "Labelled": "yes" if post.is_disclosed else "no",
        "Read at": in_brussels(at),
        "Impressions": known["impressions"],
        "Reach": known["reach"],
        "Likes": known["likes"],
        "Comments": known["comments"],
        "Shares": known["shares"],
        "Saves": known["saves"],
    }


def describe_channel(post: Post, at, counters: dict) -> dict:
    return {
        "id": post.post_id,
        "channel": post.platform,
        "creator": post.partner_id,
        "campaign": post.campaign_id or None,
        "posted": in_utc(post.published_at),
        "text": post.caption,
        "link": post.url,
        "tags": post.topics,
        "paid": post.is_paid,
        "labelled": post.is_disclosed,
        "read": in_utc(at),
        "shown": counters["impressions"],
        "reached": counters["reach"],
        "viewed": counters["views"],
        "liked": counters["likes"],
        "commented": counters["comments"],
        "shared": counters["shares"],
        "clicked": counters["clicks"],
    }


# --- questions ----------------------------------------


def write_surveys(folder: Path, sales: Sales) -> Unread:
    answered = sorted(sales.surveys, key=lambda row: (row["answered_at"], row["order_id"]))
    write_csv(
        folder / "heard_from.csv",
        [
            {
                "Response": f"s-{number:04d}",
                "Answered": in_brussels(row["answered_at"]),
                "Order": row["order_id"],
                "Customer": row["customer_id"],
                "How did you hear about us?": row["answer"],
                "Coded as": row["partner_id"],
            }
            for number, row in enumerate(answered, 1)
        ],
    )
    recommendations = [
        {
            "Response": row["response_id"],
            "Customer": row["customer_id"],
            "Answered": in_brussels(row["answered_at"]),
            "Would you recommend us? (0-10)": row["answer"],
        }
        for row in feedback.ask_for_recommendations(sales.orders)
    ]
    path = folder / "would_recommend.csv"
    recommendations.insert(90, recommendations[90] | {"Response": "r-typo", "Would you recommend us? (0-10)": "ten"})
    write_csv(path, recommendations)
    write_csv(folder / "brand_lift.csv", feedback.ask_about_the_brand(sales.orders))
    return [report_unread(path, "r-typo", "recommendations", "answer", "Would you recommend us? (0-10)", "ten")]


def write_experiments(folder: Path) -> None:
    write_csv(folder / "experiments.csv", feedback.plan_experiments())
    write_csv(
        folder / "outcomes.csv",
        [*feedback.observe_households(), *feedback.observe_regions(), *feedback.observe_shop_windows()],
    )
