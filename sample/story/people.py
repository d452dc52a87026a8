"""The partners of Northwind Coffee, their codes and the campaigns. All people are invented."""

from dataclasses import dataclass
from datetime import date
from random import Random


@dataclass(frozen=True)
class Partner:
    partner_id: str
    name: str
    relationship: str
    topics: str
    joined_on: date
    followers: int = 0  # 0: no online following
    platforms: tuple[str, ...] = ()
    customer_id: str = ""
    left_on: date | None = None


@dataclass(frozen=True)
class Campaign:
    campaign_id: str
    name: str
    objective_id: str
    topics: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Code:
    """The owner of a discount code; first and last day are whole days in Brussels."""

    code: str
    partner_id: str
    campaign_id: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def is_owned_on(self, day: date) -> bool:
        return (self.first_day or day) <= day <= (self.last_day or day)


D = date
# fmt: off
PARTNERS = [
    Partner("p-01", "Lena Brandt", "influencer", "coffee;travel", D(2025, 9, 1), 84_000, ("instagram", "youtube")),
    Partner("p-02", "Bean There, Tom Okafor", "influencer", "coffee;brewing", D(2025, 9, 8), 41_500,
            ("instagram", "tiktok")),
    Partner("p-03", "Chef Amira", "influencer", "cooking;breakfast", D(2025, 10, 1), 132_000, ("instagram",)),
    Partner("p-04", "The Morning Grind", "influencer", "coffee;productivity", D(2025, 6, 2), 22_300,
            ("instagram", "youtube"), left_on=D(2026, 2, 28)),
    Partner("p-05", "Sofia Conti", "influencer", "design;home", D(2026, 1, 12), 57_800, ("instagram", "tiktok")),
    Partner("p-06", "Marek Novák", "influencer", "brewing;science", D(2025, 11, 3), 18_900, ("youtube",)),
    Partner("p-07", "Inês Duarte", "customer", "coffee;running", D(2025, 10, 6), 1_900, ("instagram",), "c-1001"),
    Partner("p-08", "Joris Peeters", "customer", "brewing", D(2025, 10, 6), 0, (), "c-1002"),
    Partner("p-09", "Maud Lefèvre", "customer", "books;breakfast", D(2025, 11, 17), 640, ("instagram",), "c-1003"),
    Partner("p-10", "Oskar Lind", "customer", "cycling;coffee", D(2025, 12, 1), 0, (), "c-1004"),
    Partner("p-11", "Yara El Idrissi", "customer", "home;coffee", D(2026, 1, 5), 4_200,
            ("instagram", "tiktok"), "c-1005"),
    Partner("p-12", "Hanne (head roaster)", "employee", "roasting;coffee", D(2025, 9, 1), 3_100,
            ("linkedin", "instagram")),
    Partner("p-13", "Bilal (barista, Ghent)", "employee", "coffee;latte art", D(2025, 9, 1)),
    Partner("p-14", "Sam (customer care)", "employee", "coffee", D(2025, 9, 1), 800, ("linkedin",), "c-1006"),
    Partner("p-15", "Antwerp Sunday Cyclists", "community", "cycling;breakfast", D(2025, 10, 20), 5_600,
            ("instagram",)),
    Partner("p-16", "Home Brewers Benelux", "community", "brewing;roasting", D(2025, 10, 20), 9_400, ("youtube",)),
    Partner("p-17", "Tuesday Book Club", "community", "books", D(2025, 12, 8)),
    Partner("p-18", "Brew Review", "business", "coffee;brewing", D(2025, 9, 15), 12_700, ("youtube",)),
    Partner("p-19", "Kettle & Co", "business", "home;brewing", D(2026, 2, 2), 7_300, ("instagram",)),
    Partner("p-20", "CouponNest", "business", "savings", D(2025, 9, 15)),
    Partner("p-21", "Pieter, owner of a climbing gym", "other", "climbing;coffee", D(2025, 11, 10)),
    Partner("p-22", "Mrs. Jansen, our neighbour", "other", "neighbourhood", D(2025, 11, 10)),
    Partner("p-23", "Noor, yoga teacher", "other", "wellness", D(2026, 1, 19), 1_100, ("instagram",)),
    Partner("p-24", "Ada Quist", "customer", "coffee;books", D(2026, 1, 6), 0, (), "ada@example.com"),
    Partner("p-25", "Roast & Ride", "influencer", "cycling;coffee", D(2025, 12, 15), 36_200, ("instagram", "tiktok")),
    Partner("p-26", "Brooklyn Desk Collective", "community", "productivity", D(2026, 2, 16), 2_400, ("linkedin",)),
    Partner("p-27", "Harbor Bakery", "business", "breakfast;baking", D(2026, 1, 26)),
    Partner("p-28", "Luc, the night porter", "other", "neighbourhood;coffee", D(2026, 3, 9), 0, (), "c-1007"),
]

CAMPAIGNS = [
    Campaign("winter", "Winter warmers", "grow-sales", "coffee;breakfast;home", D(2025, 11, 15), D(2026, 1, 15)),
    Campaign("fresh", "A fresh start", "be-recommended", "wellness;running;productivity", D(2026, 1, 10),
             D(2026, 2, 28)),
    Campaign("spring", "First bag of spring", "grow-sales", "coffee;brewing;cycling", D(2026, 3, 1), D(2026, 6, 30)),
    Campaign("office", "Better office coffee", "grow-sales", "productivity;coffee", D(2026, 2, 1), D(2026, 5, 31)),
    Campaign("neighbours", "Bring a neighbour", "be-recommended", "neighbourhood;coffee"),
]

CODES = [
    Code("LENA10", "p-01", "winter"),
    Code("BEANTHERE", "p-02", "spring"),
    Code("AMIRA", "p-03", "", D(2025, 11, 1), D(2026, 4, 30)),
    Code("BREWMATES", "p-04", "", D(2025, 9, 1), D(2026, 2, 15)),  # p-04 gives it up …
    Code("BREWMATES", "p-11", "spring", D(2026, 2, 16)),  # … and a customer gets it
    Code("SOFIA15", "p-05", "spring", D(2026, 1, 12)),
    Code("INES", "p-07"),
    Code("JORIS", "p-08"),
    Code("OSKAR", "p-10", "neighbours"),
    Code("ROASTERS", "p-12"),
    Code("BILAL", "p-13"),
    Code("SUNDAYRIDE", "p-15", "spring"),
    Code("TUESDAY", "p-17", "neighbours"),
    Code("KETTLE", "p-19", "", D(2026, 2, 2)),
    Code("CHALK5", "p-21", "fresh"),
    Code("NEIGHBOUR", "p-22", "neighbours"),
    Code("ADA", "p-24", "", D(2026, 1, 6)),
    Code("RIDE", "p-25", "spring", D(2025, 12, 15)),
    Code("XMAS25", "p-02", "winter", D(2025, 11, 20), D(2025, 12, 31)),
]
# fmt: on

HOUSE_CODE = "WELCOME10"  # no partner's code: never a touch

LINKED = [
    "p-01",
    "p-02",
    "p-03",
    "p-05",
    "p-06",
    "p-07",
    "p-09",
    "p-11",
    "p-12",
    "p-15",
    "p-16",
    "p-18",
    "p-19",
    "p-23",
    "p-25",
    "p-26",
]  # partners with a tracked link
REFERRERS = ["p-07", "p-08", "p-09", "p-10", "p-11", "p-12", "p-13", "p-14", "p-21", "p-22", "p-24", "p-28"]
AFFILIATES = ["p-02", "p-18", "p-20", "p-25"]
NAMED_IN_SURVEYS = ["p-08", "p-13", "p-17", "p-21", "p-22", "p-27", "p-28", "p-01", "p-03"]  # partners named in surveys


def name_of(partner_id: str) -> str:
    return next(p.name for p in PARTNERS if p.partner_id == partner_id)


def customer_id_of(partner_id: str) -> str:
    return next(p.customer_id for p in PARTNERS if p.partner_id == partner_id)


def pick_partner(rng: Random, among: list[str], day: date) -> str:
    """A partner who was active on that day; the first in the list are picked more often."""
    here = [p.partner_id for p in PARTNERS if p.joined_on <= day <= (p.left_on or day)]
    there = [partner_id for partner_id in among if partner_id in here]
    return there[min(rng.randrange(len(there)), rng.randrange(len(there)))]


def pick_campaign(rng: Random, day: date) -> str:
    """A campaign of that day, or none."""
    running = [c.campaign_id for c in CAMPAIGNS if (c.starts_on or day) <= day <= (c.ends_on or day)]
    return rng.choice([*running, *running, ""])


def pick_code(rng: Random, day: date) -> Code:
    return rng.choice([code for code in CODES if code.is_owned_on(day)])
