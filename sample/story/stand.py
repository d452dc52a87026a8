"""A stand in London in May and June 2026: a third shop, written by hand. Other tools know its buyers and orders by
other names. The comment on each order says what the marts must make of it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from story.orders import Order, Refund, Sales, Touch, round_to_cent

# The European Central Bank's day is Monday here; each rate holds until the next.
POUND_IN_EUR = {
    date(2026, 4, 27) + timedelta(weeks=week): Decimal(rate)
    for week, rate in enumerate(
        ["1.1520", "1.1545", "1.1580", "1.1610", "1.1595", "1.1630", "1.1655", "1.1640", "1.1675", "1.1690"]
    )
}
BOUGHT_BEFORE = [{"customer_id": "uk-7", "email": "grace.hall@example.org", "first": date(2024, 6, 1), "orders": 2}]


def find_rate(day: date) -> Decimal:
    return POUND_IN_EUR[max(monday for monday in POUND_IN_EUR if monday <= day)]


@dataclass
class StandOrder(Order):
    """An order in pounds. `customer_id` is who it really was, in whatever shop; the export has the account, the e-mail
    address or the telephone number."""

    account: str = ""
    email: str = ""
    phone: str = ""
    is_paid: bool = True
    is_renewal: bool = False
    matched_by: str = ""
    self_purchase_of: str = ""
    refs: list[str] = field(default_factory=list)

    @property
    def currency(self) -> str:
        return "GBP"

    def in_euro(self, amount: Decimal) -> Decimal:
        """Refunds, too, at the rate of the order."""
        return round_to_cent(amount * find_rate(self.day))


def sell(day: str, who: str, gross: str, **how) -> StandOrder:
    """At 11:30 in London, which is 10:30 UTC in summer. With a code, 10 % off."""
    month, of_month = map(int, day.split("-"))
    order = StandOrder("uk", who, datetime(2026, month, of_month, 10, 30, tzinfo=UTC), Decimal(gross), **how)
    if order.codes:
        order.discount = round_to_cent(order.gross / 10)
    order.cost_of_goods = round_to_cent(order.gross * Decimal("0.45"))
    return order


def open_stand(sales: Sales) -> None:
    """Adds the orders of the stand, and their traces in the tools that all shops share."""
    henry, isla, kate = "henry.moss@example.org", "isla.reid@example.org", "kate.low@example.org"
    liam, mona, jack = "liam.shaw@example.org", "mona.fry@example.org", "jack.dean@example.org"
    noah, omar, pam = "+442079460101", "omar.key@example.org", "pam.yew@example.org"
    sales.stand = [
        # Grace bought in 2024, as the list of customers says: not new.
        sell("05-02", BOUGHT_BEFORE[0]["email"], "24.00", account="uk-7", email=BOUGHT_BEFORE[0]["email"]),
        # The network calls this order by its number, not by its id.
        sell("05-03", henry, "18.50", email=henry, matched_by="order_ref"),
        # Henry again, still without an account: not new, and nobody brought him this time.
        sell("05-09", henry, "31.00", email=" Henry.Moss@Example.org"),
        # The network's number is its own, but it knows who bought that day.
        sell("05-10", isla, "22.00", email=isla, matched_by="person and day"),
        # A partner who buys with her own code brings nobody.
        sell("05-16", "ada@example.com", "27.50", email="ada@example.com", codes="ADA", self_purchase_of="p-24"),
        # Tess is a customer of the American shop.
        sell("05-17", "tess@example.com", "36.00", email="tess@example.com", codes="RIDE", matched_by="code"),
        # Not paid yet: a sale all the same.
        sell("05-23", jack, "19.00", email=jack, codes="KETTLE", is_paid=False, matched_by="code"),
        # A subscription: the first order is credited, its renewal is not.
        sell("05-24", kate, "42.00", email=kate, codes="INES", matched_by="code"),
        # A visit with Lena's link, which only the list of links says is hers.
        sell("06-06", liam, "25.50", email=liam, matched_by="link"),
        # A visit with a link, then one that names the order: that browser was Mona's.
        sell("06-07", mona, "33.00", email=mona, matched_by="link"),
        # One telephone number, written in two ways: one person.
        sell("06-13", noah, "16.00", phone="+44 20 7946 0101"),
        sell("06-24", kate, "42.00", email=kate, codes="INES", is_renewal=True),
        sell("06-27", noah, "21.00", phone="020 7946 0101"),
        # Each guest of a gym has a code of their own; all begin alike.
        sell("06-20", omar, "20.00", email=omar, codes="UKGYM-7F3K9", matched_by="code"),
        # A tracking table has a row for every order; only those of influencers are the programme's.
        sell("06-28", pam, "45.00", email=pam, matched_by="order_id"),
    ]
    for number, order in enumerate(sales.stand, 1):
        order.order_id, order.refs = str(70000 + number), [f"#UK-{1000 + number}"]
    by_henry, by_isla, tess, liams, monas = (sales.stand[number] for number in (1, 3, 5, 8, 9))
    # Five pounds back, 24 days later, at the rate of the order.
    tess.refunds = [Refund(tess.ordered_at + timedelta(days=24), Decimal("5.00"))]
    owners = {"RIDE": ("p-25", "spring"), "KETTLE": ("p-19", ""), "INES": ("p-07", ""), "UKGYM-7F3K9": ("p-23", "")}
    for order in sales.stand:
        if order.codes in owners and not order.is_renewal:
            order.touches = [Touch("code", order.ordered_at, *owners[order.codes])]
    report_conversion(sales, by_henry, "p-18", order_id="UK-1002")
    report_conversion(sales, by_isla, "p-20", order_id="SP-88812", customer_id=isla)
    pams = sales.stand[-1]
    pams.touches = [Touch("conversion", pams.ordered_at, "p-06", "spring")]
    visit_by_link(sales, liams, "lena", "p-01", customer_id=liam, visitor_id="v-uk-1")
    visit_by_link(sales, monas, "ride", "p-25", customer_id="", visitor_id="v-uk-2")
    sales.clicks.append(
        {
            "clicked_at": monas.ordered_at,
            "partner_id": "",
            "campaign_id": "",
            "customer_id": "",
            "visitor_id": "v-uk-2",
            "order_id": monas.refs[0],
        }
    )


CODES_THAT_BEGIN = [{"Code": "UKGYM-", "Owner": "p-23"}]


def list_tracked(sales: Sales) -> list[dict]:
    """A row for every third order, with a campaign also where nobody brought it."""
    return [
        {
            "order": order.order_id,
            "time": order.ordered_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "source": "influencer" if order is sales.stand[-1] else "organic",
            "partner": "p-06" if order is sales.stand[-1] else "",
            "campaign": "spring",
            "amount": order.net,
        }
        for order in sales.stand[2::3]
    ]


LINKS = [
    {
        "Source": "instagram",
        "Medium": "influencer",
        "Content": "lena",
        "Owner": "p-01",
        "Campaign": "spring",
    },
    {
        "Source": "instagram",
        "Medium": "influencer",
        "Content": "ride",
        "Owner": "p-25",
        "Campaign": "spring",
    },
]


def report_conversion(sales: Sales, order: StandOrder, partner_id: str, order_id: str, customer_id: str = "") -> None:
    sales.conversions.append(
        {
            "converted_at": order.ordered_at,
            "partner_id": partner_id,
            "campaign_id": "",
            "order_id": order_id,
            "customer_id": customer_id,
            "kind": "sale",
            "orders": "1",
            "revenue": str(order.net),
            "currency": order.currency,
            "commission": str(round_to_cent(order.net * Decimal("0.08"))),
            "state": "approved",
        }
    )
    order.touches = [Touch("conversion", order.ordered_at, partner_id)]


def visit_by_link(
    sales: Sales, order: StandOrder, content: str, partner_id: str, customer_id: str, visitor_id: str
) -> None:
    at = order.ordered_at - timedelta(days=3)
    sales.clicks.append(
        {
            "clicked_at": at,
            "partner_id": "",
            "campaign_id": "",
            "customer_id": customer_id,
            "visitor_id": visitor_id,
            "source": "instagram",
            "medium": "influencer",
            "content": content,
        }
    )
    order.touches = [Touch("click", at, partner_id, "spring")]
