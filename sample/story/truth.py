"""The truth about orders, credits and totals, from the touches that each plot recorded, never from the exports."""

from collections.abc import Iterable
from decimal import Decimal

from story import care, feedback, people
from story.clock import business_day
from story.orders import ANYBODY, Order, Sales, Touch
from story.social import COUNTERS, Post
from story.stand import BOUGHT_BEFORE

EVIDENCE_ORDER = ["code", "referral", "conversion", "click", "survey"]
Shares = list[tuple[Touch, float]]


def credit_touches(order: Order) -> dict[str, Shares]:
    """The share of each touch in the order, by attribution model; shares of an order and model sum to 1."""
    touches = order.touches
    first = win(touches, key=lambda touch: (-touch.touched_at.timestamp(), -rank(touch)))
    last = win(touches, key=lambda touch: (touch.touched_at.timestamp(), -rank(touch)))
    best = win(touches, key=lambda touch: (-rank(touch), touch.touched_at.timestamp()))
    decayed = [2 ** (-(order.ordered_at - touch.touched_at).total_seconds() / 86400 / 7) for touch in touches]
    return {
        "first_touch": [(first, 1.0)],
        "last_touch": [(last, 1.0)],
        "linear": [(touch, 1 / len(touches)) for touch in touches],
        "position_based": share_by_position(touches, first, last),
        "time_decay": [(touch, weight / sum(decayed)) for touch, weight in zip(touches, decayed, strict=True)],
        "evidence_order": [(best, 1.0)],
        "shapley": share_by_player(touches),
    }


def share_by_player(touches: list[Touch]) -> Shares:
    """Every player (the partner, or the campaign of a touch without a partner) has an equal share, divided among its
    touches."""
    players = [touch.partner_id or touch.campaign_id for touch in touches]
    return [
        (touch, 1 / len(set(players)) / players.count(player)) for touch, player in zip(touches, players, strict=True)
    ]


def rank(touch: Touch) -> int:
    return EVIDENCE_ORDER.index(touch.evidence)


def win(touches: list[Touch], key) -> Touch:
    """The winner; ANYBODY for a tie that no rule decides (two codes on one order)."""
    winners = [touch for touch in touches if key(touch) == max(map(key, touches))]
    if len(winners) > 1:
        return Touch(winners[0].evidence, winners[0].touched_at, ANYBODY, ANYBODY)
    return winners[0]


def share_by_position(touches: list[Touch], first: Touch, last: Touch) -> Shares:
    if len(touches) <= 2:
        return [(touch, 1 / len(touches)) for touch in touches]
    middle = 0.2 / (len(touches) - 2)
    return [(touch, 0.4 if touch is first or touch is last else middle) for touch in touches]


def list_credits(orders: Iterable[Order]) -> list[dict]:
    """Touches of one kind, partner and campaign are one row; touches without a share are left out."""
    rows = []
    for order in orders:
        for model, shares in credit_touches(order).items():
            ratios: dict[tuple, float] = {}
            for touch, ratio in shares:
                key = (touch.evidence, touch.partner_id, touch.campaign_id)
                ratios[key] = ratios.get(key, 0) + ratio
            for (evidence, partner_id, campaign_id), ratio in ratios.items():
                rows.append(
                    {
                        "shop": order.shop,
                        "order_id": order.order_id,
                        "attribution_model": model,
                        "evidence": evidence,
                        "partner_id": partner_id,
                        "campaign_id": campaign_id,
                        "credit_ratio": f"{ratio:.6f}".rstrip("0").rstrip("."),
                    }
                )
    return rows


def name_winner(order: Order) -> str:
    return min(order.touches, key=rank).evidence if order.touches else "none"


def is_renewal(order: Order) -> bool:
    return getattr(order, "is_renewal", False)


def list_matches(sales: Sales) -> list[dict]:
    """By what each credited order of the stand was recognised."""
    return [
        {"shop": order.shop, "order_id": order.order_id, "matched_by": order.matched_by}
        for order in sales.stand
        if order.touches
    ]


def list_self_purchases(sales: Sales) -> list[dict]:
    return [
        {"shop": order.shop, "order_id": order.order_id, "partner_id": order.self_purchase_of, "evidence": "code"}
        for order in sales.stand
        if order.self_purchase_of
    ]


def list_orders(orders: list[Order]) -> list[dict]:
    newcomers = find_first_orders(orders)
    return [
        {
            "shop": order.shop,
            "order_id": order.order_id,
            "ordered_on": order.day,
            "net_revenue": order.net_revenue,
            "refunded": order.refunded,
            "is_new_customer": str(id(order) in newcomers).lower(),
            "evidence": name_winner(order),
        }
        for order in orders
    ]


def find_first_orders(orders: list[Order]) -> set[int]:
    first: dict[str, Order] = {}
    for order in sorted(orders, key=lambda order: order.ordered_at):
        first.setdefault(order.customer_id, order)
    bought_before = {row["email"] for row in BOUGHT_BEFORE}
    return {id(order) for customer_id, order in first.items() if customer_id not in bought_before}


def list_cohorts(orders: list[Order]) -> list[dict]:
    """What customers bought so far who were brought by somebody, by the best evidence of their first order, and the
    others; a customer who bought before our data is in neither."""
    newcomers = find_first_orders(orders)
    is_brought = {order.customer_id: bool(order.touches) for order in orders if id(order) in newcomers}
    rows = []
    for brought_by, holds in (("(the programme)", True), ("(not brought by the programme)", False)):
        customers = {customer_id for customer_id, found in is_brought.items() if found == holds}
        bought = [order for order in orders if order.customer_id in customers]
        revenue = sum(order.net_revenue for order in bought)
        rows.append(
            {"brought_by": brought_by, "customers": len(customers), "orders": len(bought), "net_revenue": revenue}
        )
    return rows


def count_totals(sales: Sales, orders: list[Order], posts: list[Post]) -> list[dict]:
    totals: dict[str, object] = {
        "orders": len(orders),
        "excluded_orders": len(sales.sold) - len(orders),
        "customers": len({order.customer_id for order in orders}),
        "net_revenue": sum(order.net_revenue for order in orders),
        "refunded": sum(order.refunded for order in orders),
        "contribution_margin_before_costs": sum(
            order.net_revenue - order.in_euro(order.cost_of_goods) for order in orders
        ),
    }
    for kind in [*EVIDENCE_ORDER, "none", "renewal"]:
        won = [order for order in orders if ("renewal" if is_renewal(order) else name_winner(order)) == kind]
        totals[f"orders_{kind}"] = len(won)
        totals[f"net_revenue_{kind}"] = sum(order.net_revenue for order in won)
    for month, revenue in sorted(sum_revenue_by_month(orders).items()):
        totals[f"net_revenue_{month}"] = revenue
    totals["costs"] = sum(care.cost_in_euro(row) for row in care.pay_costs())
    totals["partners"] = len(people.PARTNERS)
    totals["posts"] = len(posts)
    for counter in COUNTERS:
        totals[f"latest_{counter}"] = sum(post.latest(counter) for post in posts)
    totals |= count_brand_lift()
    totals["sample_bag_effect_per_unit"] = f"{feedback.BAG_EFFECT:.2f}"
    totals["gym_posters_effect_per_unit"] = f"{feedback.GEO_EFFECT:.2f}"
    totals["shop_windows_effect_per_unit"] = f"{feedback.WINDOW_EFFECT:.2f}"
    others = [row for row in sales.referrals if not row["is_self"]]
    totals["invites"] = len(others)
    totals["registered"] = sum(row["is_registered"] for row in others)
    totals["self_referrals"] = len(sales.referrals) - len(others)
    return [{"name": name, "value": value} for name, value in totals.items()]


def sum_revenue_by_month(orders: list[Order]) -> dict[str, Decimal]:
    """Sales in the month of the order, refunds in the month of the refund."""
    months: dict[str, Decimal] = {}
    for order in orders:
        changes = [(order.day, order.in_euro(order.net))]
        changes += [(business_day(refund.refunded_at), -order.in_euro(refund.amount)) for refund in order.refunds]
        for day, amount in changes:
            months[f"{day:%Y-%m}"] = months.get(f"{day:%Y-%m}", Decimal(0)) + amount
    return months


def count_brand_lift() -> dict[str, object]:
    """Study 1, "heard of Northwind", over all strata, without unanswered questions."""
    cells = [
        cells
        for (study, question, _), cells in feedback.BRAND_LIFT.items()
        if (study, question) == ("study-1", "heard_of_northwind")
    ]
    exposed_n, exposed_yes, control_n, control_yes = (
        sum(cell[side][part] for cell in cells) for side in (0, 1) for part in (1, 2)
    )
    return {
        "study_1_exposed_n": exposed_n,
        "study_1_exposed_yes": exposed_yes,
        "study_1_control_n": control_n,
        "study_1_control_yes": control_yes,
        "study_1_absolute_lift": f"{exposed_yes / exposed_n - control_yes / control_n:.6f}",
    }
