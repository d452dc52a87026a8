"""Simulates the orders: the touches before each one, and its refunds and corrections.

Every order gets a plot. A plot creates the traces that end up in the exports (clicks, conversions, referrals, surveys,
a code on the order) and records those that count in `order.touches`, from which the truth is written. Orders of one
customer are so far apart that the traces of one are never within the lookback of another, except for the second cups
(`pour_second_cups`), which copy the touches that count for both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from story import people
from story.clock import BRUSSELS, FIRST_DAY, LAST_DAY, NEW_YORK, any_moment, business_day, roll_dice

LOOKBACK = timedelta(days=30)
DAYS_BETWEEN_ORDERS = 36  # between two orders of a customer: longer than lookback and oldest old click
EXCLUDED = ("cancelled", "canceled", "voided", "failed", "test", "draft")
USD_IN_EUR = Decimal("0.92")
ANYBODY = "*"  # not named in the truth: a pseudonymised customer, or a tie


@dataclass(frozen=True)
class Touch:
    evidence: str
    touched_at: datetime
    partner_id: str = ""
    campaign_id: str = ""


@dataclass
class Refund:
    refunded_at: datetime
    amount: Decimal


@dataclass
class Order:
    shop: str
    customer_id: str
    ordered_at: datetime
    gross: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    cost_of_goods: Decimal = Decimal(0)
    codes: str = ""
    status: str = "fulfilled"
    order_id: str = ""
    plot: str = ""
    touches: list[Touch] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    first_export: dict[str, str] = field(default_factory=dict)  # wrong values of the first delivery

    @property
    def currency(self) -> str:
        return "EUR" if self.shop == "eu" else "USD"

    @property
    def net(self) -> Decimal:
        return self.gross - self.discount

    @property
    def day(self) -> date:
        return business_day(self.ordered_at)

    @property
    def is_excluded(self) -> bool:
        return self.status.lower() in EXCLUDED

    def in_euro(self, amount: Decimal) -> Decimal:
        return round_to_cent(amount * USD_IN_EUR) if self.currency == "USD" else amount

    @property
    def refunded(self) -> Decimal:
        return sum((self.in_euro(refund.amount) for refund in self.refunds), Decimal(0))

    @property
    def net_revenue(self) -> Decimal:
        return self.in_euro(self.net) - self.refunded


@dataclass
class Sales:
    """All orders and their traces, which are rows of the canonical extracts."""

    orders: list[Order] = field(default_factory=list)
    stand: list = field(default_factory=list)  # of story/stand.py
    clicks: list[dict] = field(default_factory=list)
    conversions: list[dict] = field(default_factory=list)
    referrals: list[dict] = field(default_factory=list)
    surveys: list[dict] = field(default_factory=list)
    visitors: int = 0

    @property
    def sold(self) -> list[Order]:
        return [*self.orders, *self.stand]


def round_to_cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def sell_coffee() -> Sales:
    rng = roll_dice("orders")
    sales = Sales()
    for customer_id, shop in invent_customers(rng):
        place_orders(rng, sales, customer_id, shop)
    number_orders(sales.orders)
    for order in sales.orders:
        fill_basket(rng, order)
    tell_plots(rng, sales)
    pour_second_cups(rng, sales)
    exclude_some(rng, sales.orders)
    refund_some(rng, sales.orders)
    misreport_some(rng, sales.orders)
    add_strangers(rng, sales)
    give_the_recommended_bigger_baskets(sales)
    return sales


# --- customers, dates and items ----------------------------------------


def invent_customers(rng: Random) -> list[tuple[str, str]]:
    european = [(f"c-{number}", "eu") for number in range(1001, 1881)]
    names = ["ada", "ben", "cleo", "dina", "eli", "fay", "gus", "hope", "ivan", "june", "kai", "lou", "mia"]
    names += ["ned", "ola", "pia", "quinn", "rosa", "sol", "tess", "uma", "vic", "wes", "xena", "yuri", "zoe"]
    american = [(f"{name}{number or ''}@example.com", "us") for number in range(12) for name in names]
    movers = [(f"traveller{number}@example.com", "both") for number in range(1, 7)]  # buy in both shops with one id
    customers = european + american + movers
    rng.shuffle(customers)
    return customers


def place_orders(rng: Random, sales: Sales, customer_id: str, shop: str) -> None:
    count = 2 if shop == "both" else rng.choices([1, 2, 3, 4, 5, 6], [38, 22, 15, 12, 8, 5])[0]
    spare_days = (LAST_DAY - FIRST_DAY).days - 1 - DAYS_BETWEEN_ORDERS * (count - 1)
    starts = sorted(rng.randint(0, spare_days) for _ in range(count))
    for index, start in enumerate(starts):
        day = FIRST_DAY + timedelta(days=start + DAYS_BETWEEN_ORDERS * index)
        where = ("eu", "us")[index] if shop == "both" else shop
        sales.orders.append(Order(where, customer_id, any_shopping_moment(rng, day, where)))


def any_shopping_moment(rng: Random, day: date, shop: str) -> datetime:
    if shop == "us":  # from 18:00 in New York it is tomorrow in Brussels
        return any_moment(rng, day, (8, 22), NEW_YORK)
    if rng.random() < 0.02:  # just after midnight in Brussels it is still yesterday in UTC
        return any_moment(rng, day, (0, 0), BRUSSELS)
    return any_moment(rng, day, (6, 23), BRUSSELS)


def number_orders(orders: list[Order]) -> None:
    """Ids are numbered per shop; those of the two shops overlap on purpose."""
    orders.sort(key=lambda order: (order.ordered_at, order.customer_id))
    latest = {"eu": 10000, "us": 12000}
    for order in orders:
        latest[order.shop] = max(latest[order.shop], int(order.order_id or 0))
    for order in orders:
        if not order.order_id:
            latest[order.shop] += 1
            order.order_id = str(latest[order.shop])


def fill_basket(rng: Random, order: Order) -> None:
    bags = rng.choices([1, 2, 3, 4, 6, 12], [30, 30, 18, 10, 9, 3])[0]
    price = Decimal(rng.choice([1190, 1250, 1395, 1450, 1595, 1680, 1825])) / 100
    order.gross = bags * price
    order.cost_of_goods = round_to_cent(order.gross * Decimal(rng.randint(38, 52)) / 100)
    add_up(order)


def add_up(order: Order) -> None:
    order.tax = round_to_cent(order.net * Decimal("0.06"))
    order.shipping = Decimal("0.00") if order.net > 50 else Decimal("4.95")


def use_codes(order: Order, codes: str, percent: int = 10) -> None:
    order.codes = codes
    order.discount = round_to_cent(order.gross * percent / 100)
    add_up(order)


# --- traces ----------------------------------------


def leave_click(
    sales: Sales,
    order: Order,
    before: timedelta,
    partner_id: str,
    campaign_id: str = "",
    customer_id: str | None = None,
    visitor_id: str = "",
) -> Touch:
    at = order.ordered_at - before
    known_as = order.customer_id if customer_id is None else customer_id
    sales.clicks.append(
        {
            "clicked_at": at,
            "partner_id": partner_id,
            "campaign_id": campaign_id,
            "customer_id": known_as,
            "visitor_id": visitor_id,
        }
    )
    return Touch("click", at, partner_id, campaign_id)


def any_click(rng: Random, sales: Sales, order: Order, days: tuple[float, float] = (0.01, 28)) -> Touch:
    before = timedelta(seconds=rng.randint(int(days[0] * 86400), int(days[1] * 86400)))
    day = business_day(order.ordered_at - before)
    return leave_click(
        sales, order, before, people.pick_partner(rng, people.LINKED, day), people.pick_campaign(rng, day)
    )


def meet_new_visitor(sales: Sales) -> str:
    sales.visitors += 1
    return f"v{sales.visitors:05d}"


def leave_conversion(
    rng: Random, sales: Sales, order: Order, *, by_order: bool, kind: str = "sale", state: str = "approved"
) -> Touch:
    """Conversions of the affiliate network. They include the customer if both shops have the order id."""
    at = order.ordered_at + timedelta(seconds=rng.randint(-1500, 1500))
    if business_day(at) != order.day:
        at = order.ordered_at
    partner_id = people.pick_partner(rng, people.AFFILIATES, order.day)
    campaign_id = people.pick_campaign(rng, order.day)
    sales.conversions.append(
        {
            "converted_at": at,
            "partner_id": partner_id,
            "campaign_id": campaign_id,
            "order_id": order.order_id if by_order else "",
            "customer_id": order.customer_id if not by_order or int(order.order_id) >= 12001 else "",
            "kind": kind,
            "orders": "1" if kind in ("sale", "") else "",
            "revenue": str(order.net),
            "currency": order.currency,
            "commission": str(round_to_cent(order.net * Decimal("0.08"))),
            "state": state,
        }
    )
    return Touch("conversion", min(at, order.ordered_at), partner_id, campaign_id)


def leave_referral(
    sales: Sales, order: Order, registered: timedelta, referrer_id: str, has_registered_at: bool = True
) -> datetime:
    at = order.ordered_at - registered
    sales.referrals.append(
        {
            "referrer_id": referrer_id,
            "invited_at": at - timedelta(hours=20) if has_registered_at else at,
            "referred_customer_id": order.customer_id,
            "registered_at": at if has_registered_at else None,
            "is_registered": True,
            "is_self": False,
        }
    )
    return at


def any_referral(rng: Random, sales: Sales, order: Order, days: tuple[float, float] = (0.02, 25)) -> Touch:
    registered = timedelta(seconds=rng.randint(int(days[0] * 86400), int(days[1] * 86400)))
    partner_id = people.pick_partner(rng, people.REFERRERS, business_day(order.ordered_at - registered))
    known_as = people.customer_id_of(partner_id)
    referrer_id = known_as if known_as and rng.random() < 0.3 else partner_id  # some invite with their customer id
    return Touch("referral", leave_referral(sales, order, registered, referrer_id), partner_id)


def leave_survey(rng: Random, sales: Sales, order: Order, answer: str, partner_id: str = "") -> Touch:
    sales.surveys.append(
        {
            "answered_at": order.ordered_at + timedelta(seconds=rng.randint(30, 900)),
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "answer": answer,
            "partner_id": partner_id,
        }
    )
    return Touch("survey", order.ordered_at, partner_id)


def name_somebody(rng: Random, sales: Sales, order: Order) -> Touch:
    partner_id = people.pick_partner(rng, people.NAMED_IN_SURVEYS, order.day)
    words = rng.choice(
        ["{} told me", "From {} 🙂", "“Just try it”, said {}", "a friend,\n{}", "{} ☕ keeps talking about you"]
    )
    return leave_survey(rng, sales, order, words.format(people.name_of(partner_id)), partner_id)


def use_code_of(rng: Random, order: Order, write: Callable[[str], str] = str) -> Touch:
    code = people.pick_code(rng, order.day)
    use_codes(order, write(code.code))
    return Touch("code", order.ordered_at, code.partner_id, code.campaign_id)


# --- plots with touches: each returns the touches that count ----------------------------------------


Plot = Callable[[Random, Sales, Order], list[Touch] | None]


def code_only(rng, sales, order):
    return [use_code_of(rng, order)]


def code_in_lower_case(rng, sales, order):
    return [use_code_of(rng, order, lambda code: f" {code.lower()} ")]


def code_beside_house_code(rng, sales, order):
    return [use_code_of(rng, order, lambda code: f"{people.HOUSE_CODE};{code}")]


def code_that_changed_hands(rng, sales, order):
    """BREWMATES belongs to p-04 until the end of 15 February, to p-11 from the 16th."""
    use_codes(order, "BREWMATES")
    owner = ("p-04", "") if order.day <= date(2026, 2, 15) else ("p-11", "spring")
    return [Touch("code", order.ordered_at, *owner)]


def two_codes(rng, sales, order):
    use_codes(order, "INES;SUNDAYRIDE", 15)
    return [Touch("code", order.ordered_at, "p-07"), Touch("code", order.ordered_at, "p-15", "spring")]


def click_only(rng, sales, order):
    return [any_click(rng, sales, order)]


def click_of_a_campaign(rng, sales, order):
    """A newsletter link with a campaign and no partner."""
    before = timedelta(seconds=rng.randint(60, 20 * 86400))
    return [leave_click(sales, order, before, "", "neighbours")]


def click_of_a_visitor(rng, sales, order):
    """The click has only a visitor id; a later direct visit links the visitor to the customer."""
    visitor_id = meet_new_visitor(sales)
    before = timedelta(seconds=rng.randint(3600, 25 * 86400))
    day = business_day(order.ordered_at - before)
    touch = leave_click(
        sales,
        order,
        before,
        people.pick_partner(rng, people.LINKED, day),
        people.pick_campaign(rng, day),
        "",
        visitor_id,
    )
    leave_click(sales, order, timedelta(minutes=4), "", "", None, visitor_id)
    return [touch]


def click_then_code(rng, sales, order):
    return [any_click(rng, sales, order), use_code_of(rng, order)]


def three_clicks(rng, sales, order):
    return [any_click(rng, sales, order, days) for days in ((15, 28), (5, 14), (0.01, 4))]


def four_touches(rng, sales, order):
    return [any_click(rng, sales, order, days) for days in ((15, 28), (5, 14), (0.01, 4))] + [use_code_of(rng, order)]


def click_at_the_edge(rng, sales, order):
    """Exactly 30 times 24 hours before the order: still counts."""
    return [leave_click(sales, order, LOOKBACK, people.pick_partner(rng, people.LINKED, order.day - LOOKBACK))]


def referral(rng, sales, order):
    return [any_referral(rng, sales, order)]


def referral_known_by_invitation(rng, sales, order):
    partner_id = people.pick_partner(rng, people.REFERRERS, order.day - timedelta(days=3))
    at = leave_referral(sales, order, timedelta(days=2, hours=3), partner_id, has_registered_at=False)
    return [Touch("referral", at, partner_id)]


def referral_by_a_customer(rng, sales, order):
    """Referred by a customer who is not a partner. Not named in the truth, because customer ids are pseudonymised."""
    at = leave_referral(
        sales, order, timedelta(days=rng.randint(1, 9), hours=1), rng.choice(["c-1010", "c-1011", "c-1012"])
    )
    return [Touch("referral", at, ANYBODY)]


def referral_click_code(rng, sales, order):
    return [any_referral(rng, sales, order, (12, 25)), any_click(rng, sales, order, (0.1, 10)), use_code_of(rng, order)]


def conversion_of_an_order(rng, sales, order):
    return [leave_conversion(rng, sales, order, by_order=True, kind=rng.choice(["sale", "sale", ""]))]


def conversion_of_a_customer(rng, sales, order):
    return [leave_conversion(rng, sales, order, by_order=False)]


def click_then_conversion(rng, sales, order):
    return [any_click(rng, sales, order, (0.1, 20)), leave_conversion(rng, sales, order, by_order=True)]


def survey_only(rng, sales, order):
    return [name_somebody(rng, sales, order)]


def click_then_survey(rng, sales, order):
    return [any_click(rng, sales, order), name_somebody(rng, sales, order)]


def code_and_survey(rng, sales, order):
    """Two touches at the same time: the better evidence is both the first and the last."""
    return [use_code_of(rng, order), name_somebody(rng, sales, order)]


TRACKED_PLOTS: dict[Plot, int] = {
    code_only: 190,
    code_in_lower_case: 34,
    code_beside_house_code: 24,
    code_that_changed_hands: 36,
    two_codes: 12,
    click_only: 130,
    click_of_a_campaign: 34,
    click_of_a_visitor: 44,
    click_then_code: 90,
    three_clicks: 44,
    four_touches: 12,
    click_at_the_edge: 6,
    conversion_of_an_order: 66,
    conversion_of_a_customer: 34,
    click_then_conversion: 24,
    survey_only: 56,
    click_then_survey: 16,
    code_and_survey: 12,
}
FIRST_ORDER_PLOTS: dict[Plot, int] = {
    referral: 88,
    referral_known_by_invitation: 8,
    referral_by_a_customer: 6,
    referral_click_code: 16,
}


# --- plots with traces that do not count ----------------------------------------


def house_code(rng, sales, order):
    use_codes(order, people.HOUSE_CODE)


def expired_code(rng, sales, order):
    if order.day > date(2025, 12, 31):
        use_codes(order, "XMAS25")


def code_from_the_future(rng, sales, order):
    if order.day < date(2026, 2, 2):
        use_codes(order, "KETTLE")


def old_click(rng, sales, order):
    leave_click(
        sales,
        order,
        LOOKBACK + timedelta(seconds=rng.choice([1, 3600, 86400, 2 * 86400])),
        people.pick_partner(rng, people.LINKED, order.day - timedelta(days=34)),
    )


def click_after_the_order(rng, sales, order):
    leave_click(
        sales, order, timedelta(seconds=-rng.choice([1, 60, 7200])), people.pick_partner(rng, people.LINKED, order.day)
    )


def direct_visit(rng, sales, order):
    leave_click(sales, order, timedelta(seconds=rng.randint(60, 5 * 86400)), "", "", None, meet_new_visitor(sales))


def reversed_conversion(rng, sales, order):
    leave_conversion(rng, sales, order, by_order=rng.random() < 0.6, state="reversed")


def lead_only(rng, sales, order):
    leave_conversion(rng, sales, order, by_order=False, kind=rng.choice(["lead", "signup"]))


def old_referral(rng, sales, order):
    leave_referral(
        sales,
        order,
        LOOKBACK + timedelta(days=rng.randint(1, 90)),
        people.pick_partner(rng, people.REFERRERS, order.day),
    )


def survey_without_a_name(rng, sales, order):
    leave_survey(
        rng,
        sales,
        order,
        rng.choice(
            ["Google", "an ad", "no idea 🤷", "Instagram", 'a "podcast", I think', "walked past the shop", "magazine"]
        ),
    )


UNTRACKED_PLOTS: dict[Plot, int] = {
    house_code: 60,
    expired_code: 14,
    code_from_the_future: 8,
    old_click: 40,
    click_after_the_order: 20,
    direct_visit: 120,
    reversed_conversion: 22,
    lead_only: 14,
    survey_without_a_name: 150,
}


def tell_plots(rng: Random, sales: Sales) -> None:
    """Assigns a plot to each order. Customers who are partners have none, so nobody refers themselves."""
    partners = {partner.customer_id for partner in people.PARTNERS}
    seen: set[str] = set()
    first, later = [], []
    for order in sales.orders:
        if order.customer_id in partners:
            continue
        (later if order.customer_id in seen else first).append(order)
        seen.add(order.customer_id)
    rng.shuffle(first)
    plots = [plot for plot, times in {**FIRST_ORDER_PLOTS, old_referral: 12}.items() for _ in range(times)]
    for plot in plots:
        tell_plot(rng, sales, first.pop(), plot)
    others = sorted(first + later, key=lambda order: (order.ordered_at, order.customer_id))
    rng.shuffle(others)
    for plot in [plot for plot, times in {**TRACKED_PLOTS, **UNTRACKED_PLOTS}.items() for _ in range(times)]:
        tell_plot(rng, sales, others.pop(), plot)
    refer_oneself(sales)


def tell_plot(rng: Random, sales: Sales, order: Order, plot: Plot) -> None:
    order.plot = plot.__name__
    order.touches = plot(rng, sales, order) or []


def refer_oneself(sales: Sales) -> None:
    """A customer who is a partner and one who is not invite themselves: neither referral counts."""
    for customer_id, referrer_id in (("c-1001", "p-07"), ("c-1002", "c-1002"), ("c-1013", "c-1013")):
        orders = [order for order in sales.orders if order.customer_id == customer_id]
        leave_referral(sales, orders[0], timedelta(days=2), referrer_id)
        sales.referrals[-1]["is_self"] = True


def pour_second_cups(rng: Random, sales: Sales) -> None:
    """A customer's last order is followed by another within the lookback: clicks and referral count for both."""
    last = {order.customer_id: order for order in sales.orders}
    plots = ("click_only", "three_clicks", "click_then_code", "referral", "click_of_a_visitor")
    before = [order for order in last.values() if order.plot in plots and order.day < LAST_DAY - timedelta(days=12)]
    for order in before[:40]:
        later = replace(
            order,
            ordered_at=order.ordered_at + timedelta(days=rng.randint(2, 10), hours=rng.randint(0, 5)),
            codes="",
            discount=Decimal(0),
            order_id="",
            plot="second_cup",
            touches=[],
            refunds=[],
            first_export={},
        )
        fill_basket(rng, later)
        later.touches = [
            touch
            for touch in order.touches
            if touch.evidence in ("click", "referral") and later.ordered_at - touch.touched_at <= LOOKBACK
        ]
        if rng.random() < 0.3:
            later.touches.append(use_code_of(rng, later))
        sales.orders.append(later)
    number_orders(sales.orders)


def exclude_some(rng: Random, orders: list[Order]) -> None:
    for order in rng.sample(orders, 66):
        order.status = rng.choice(
            ["cancelled", "cancelled", "Cancelled", "test"] if order.shop == "eu" else ["CANCELED", "voided", "failed"]
        )


def refund_some(rng: Random, orders: list[Order]) -> None:
    for order in rng.sample(orders, 190):
        share = rng.choice([100, 100, 50, 30, 20])
        days = rng.randint(1, 24) if rng.random() < 0.6 else rng.randint(25, 60)
        at = (order.ordered_at + timedelta(days=days)).astimezone(BRUSSELS).date()
        order.refunds.append(Refund(any_moment(rng, at, (8, 20)), round_to_cent(order.net * share / 100)))
        if share <= 50 and rng.random() < 0.3:
            rest = min(order.refunds[0].amount, order.net - order.refunds[0].amount)
            order.refunds.append(Refund(any_moment(rng, at + timedelta(days=6), (8, 20)), rest))


def misreport_some(rng: Random, orders: list[Order]) -> None:
    """A dozen European orders are wrong at first; the corrected delivery of July restates them."""
    european = [order for order in orders if order.shop == "eu" and not order.is_excluded and not order.refunds]
    wrong = rng.sample(european, 12)
    for order in wrong[:7]:
        order.first_export = {"Net": str(order.net + Decimal("4.40"))}
    for order in wrong[7:11]:
        order.status = "cancelled"
        order.first_export = {"State": "fulfilled"}
    wrong[11].first_export = {"Net": "n/a"}


def add_strangers(rng: Random, sales: Sales) -> None:
    """Visitors who were never identified, and invitations without a registration."""
    for _ in range(900):
        at = any_moment(rng, FIRST_DAY + timedelta(days=rng.randint(0, 241)), (6, 23))
        sales.clicks.append(
            {
                "clicked_at": at,
                "partner_id": people.pick_partner(rng, people.LINKED, business_day(at)),
                "campaign_id": people.pick_campaign(rng, business_day(at)),
                "customer_id": "",
                "visitor_id": meet_new_visitor(sales),
            }
        )
    for _ in range(95):
        day = FIRST_DAY + timedelta(days=rng.randint(0, 241))
        sales.referrals.append(
            {
                "referrer_id": people.pick_partner(rng, people.REFERRERS, day),
                "invited_at": any_moment(rng, day),
                "referred_customer_id": "",
                "registered_at": None,
                "is_registered": False,
                "is_self": False,
            }
        )


def give_the_recommended_bigger_baskets(sales: Sales) -> None:
    """Customers whom somebody brought spend more when they come back: they trade baskets with the others. Within a shop
    and a month, and among orders that nothing else names, so that no total changes."""
    claimed = {row["order_id"] for row in sales.conversions}
    is_brought: dict[str, bool] = {}
    baskets: dict[tuple[str, str], dict[bool, list[Order]]] = {}
    for order in sorted((order for order in sales.orders if not order.is_excluded), key=lambda order: order.ordered_at):
        if order.customer_id not in is_brought:
            is_brought[order.customer_id] = bool(order.touches)
        elif not (order.touches or order.codes or order.refunds or order.first_export or order.order_id in claimed):
            month = baskets.setdefault((order.shop, f"{order.day:%Y-%m}"), {True: [], False: []})
            month[is_brought[order.customer_id]].append(order)
    for month in baskets.values():
        small = sorted(month[True], key=lambda order: (order.net, order.ordered_at))
        large = sorted(month[False], key=lambda order: (-order.net, order.ordered_at))
        for one, other in zip(small, large, strict=False):
            if one.net < other.net:
                trade_baskets(one, other)


def trade_baskets(one: Order, other: Order) -> None:
    for name in ("gross", "discount", "tax", "shipping", "cost_of_goods"):
        mine, theirs = getattr(one, name), getattr(other, name)
        setattr(one, name, theirs)
        setattr(other, name, mine)
