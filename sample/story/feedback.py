"""Survey answers and outcomes of experiments, designed so that the true effects are exact."""

from datetime import date, timedelta
from random import Random

from story.clock import any_day, any_moment, in_utc, roll_dice
from story.orders import Order

# study, question, stratum -> (asked, answered, yes) of the exposed, then of the control. The mix of the strata is the
# same in both cells, so that the lift over all is the same with and without weighting.
BRAND_LIFT = {
    ("study-1", "heard_of_northwind", "18-34"): ((160, 150, 81), (160, 150, 60)),
    ("study-1", "heard_of_northwind", "35+"): ((140, 130, 52), (140, 130, 39)),
    ("study-1", "would_buy", "18-34"): ((160, 140, 42), (160, 140, 42)),  # no lift
    ("study-1", "would_buy", "35+"): ((140, 120, 30), (140, 120, 30)),
    ("study-2", "heard_of_northwind", "all ages"): ((12, 11, 5), (12, 10, 4)),  # too few answers
}
BAG_EFFECT = 3  # euro per household: every household of the treatment spends 3.00 more than its twin in control
GEO_EFFECT = 6  # orders per region and day in the regions of the treatment
WINDOW_EFFECT = 5  # the same of the shop windows, whose test has days enough before it


def ask_about_the_brand(orders: list[Order]) -> list[dict]:
    rng = roll_dice("brand lift")
    known = know_some_respondents(rng, orders)
    rows = []
    for (study_id, question, stratum), cells in BRAND_LIFT.items():
        for cell, (asked, answered, yes) in zip(("exposed", "control"), cells, strict=True):
            answers = ["yes"] * yes + ["no"] * (answered - yes) + [""] * (asked - answered)
            for number, answer in enumerate(answers, 1):
                respondent_id = f"{study_id[-1]}{cell[0]}{stratum[:2].strip('+')}-{number:03d}"
                rows.append(
                    {
                        "study_id": study_id,
                        "respondent_id": respondent_id,
                        "question": question,
                        "cell": cell,
                        "answer": answer,
                        "answered_at": in_utc(any_moment(rng, any_day(rng, date(2026, 4, 1), date(2026, 4, 14)))),
                        "stratum": stratum,
                        "campaign_id": "spring" if study_id == "study-1" else "office",
                        "customer_id": known.pop()
                        if question == "heard_of_northwind" and recognise(rng, answer)
                        else "",
                    }
                )
    rng.shuffle(rows)
    return rows


def know_some_respondents(rng: Random, orders: list[Order]) -> list[str]:
    """Customers, in an order such that those who bought in May (after the study) are popped first."""
    everybody = sorted({order.customer_id for order in orders})
    buyers = {order.customer_id for order in orders if date(2026, 4, 15) <= order.day <= date(2026, 5, 31)}
    rng.shuffle(everybody)
    return sorted(everybody, key=lambda customer_id: customer_id in buyers and rng.random() < 0.4)


def recognise(rng: Random, answer: str) -> bool:
    return bool(answer) and rng.random() < 0.4


def ask_for_recommendations(orders: list[Order]) -> list[dict]:
    rng = roll_dice("recommendations")
    asked = rng.sample([order for order in orders if not order.is_excluded], 260)
    return [
        {
            "response_id": f"r-{number:04d}",
            "customer_id": order.customer_id,
            "answered_at": order.ordered_at + timedelta(days=rng.randint(5, 12), seconds=rng.randint(0, 50000)),
            "answer": str(rng.choices(range(11), [1, 0, 1, 1, 1, 4, 6, 12, 22, 28, 24])[0]),
        }
        for number, order in enumerate(asked, 1)
    ]


def plan_experiments() -> list[dict]:
    return [
        {
            "experiment_id": "sample-bag",
            "design": "randomised",
            "kpi": "net_revenue",
            "starts_on": "2026-03-02",
            "ends_on": "2026-04-26",
            "campaign_id": "spring",
            "statement": "A sample bag, handed over by a neighbour,\nmakes a household spend more in eight weeks.",
        },
        {
            "experiment_id": "gym-posters",
            "design": "geo",
            "kpi": "orders",
            "starts_on": "2026-05-01",
            "ends_on": "2026-05-30",
            "campaign_id": "neighbours",
            "statement": "Talks in climbing gyms bring orders to a region.",
        },
        {
            "experiment_id": "shop-windows",
            "design": "geo",
            "kpi": "orders",
            "starts_on": "2026-05-04",
            "ends_on": "2026-05-31",
            "campaign_id": "neighbours",
            "statement": "A neighbour's picture in shop windows brings orders to a region.",
        },
    ]


def observe_households() -> list[dict]:
    """200 pairs of equal households, one of each pair treated: the means differ by exactly BAG_EFFECT."""
    rng = roll_dice("sample bag")
    spent = [round(max(0.0, rng.gauss(18, 7)), 2) for _ in range(200)]
    arms = [("control", value) for value in spent] + [("sample bag", value + BAG_EFFECT) for value in spent]
    rng.shuffle(arms)
    return [
        {
            "experiment_id": "sample-bag",
            "unit_id": f"household-{number:03d}",
            "observed_on": "",
            "arm": arm,
            "value": f"{value:.2f}",
        }
        for number, (arm, value) in enumerate(arms, 1)
    ]


def observe_regions() -> list[dict]:
    """30 days before and 30 days of treatment; noise sums to 0 per region and period, the week is the same for all."""
    rng = roll_dice("gym posters")
    week = [0, 1, 2, 1, 3, 8, 6]
    rows = []
    for region in range(10):
        base, arm = rng.randint(28, 46), "gym talks" if region % 2 else "control"
        for period_start, effect in ((date(2026, 4, 1), 0), (date(2026, 5, 1), GEO_EFFECT)):
            noise = [sign * size for size in rng.choices(range(5), k=15) for sign in (1, -1)]
            rng.shuffle(noise)
            for offset, wobble in enumerate(noise):
                day = period_start + timedelta(days=offset)
                value = base + week[day.weekday()] + wobble + (effect if arm != "control" else 0)
                rows.append(
                    {
                        "experiment_id": "gym-posters",
                        "unit_id": f"region-{region:02d}",
                        "observed_on": day.isoformat(),
                        "arm": arm,
                        "value": str(value),
                    }
                )
    return rows


def observe_shop_windows() -> list[dict]:
    """112 days before and 28 days of treatment in 2 of 8 regions. All regions have the week and the season in common;
    what is left is noise, so the true effect lies within the limits and is not met exactly."""
    rng = roll_dice("shop windows")
    week = [0, 1, 2, 1, 3, 8, 6]
    season = [3 * ((offset // 14) % 4) for offset in range(140)]
    rows = []
    for region in range(8):
        base, arm = rng.randint(28, 46), "shop window" if region in (2, 5) else "control"
        for offset in range(140):
            day = date(2026, 1, 12) + timedelta(days=offset)
            effect = WINDOW_EFFECT if arm != "control" and day >= date(2026, 5, 4) else 0
            rows.append(
                {
                    "experiment_id": "shop-windows",
                    "unit_id": f"district-{region}",
                    "observed_on": day.isoformat(),
                    "arm": arm,
                    "value": str(base + week[day.weekday()] + season[offset] + rng.randint(-4, 4) + effect),
                }
            )
    return rows
