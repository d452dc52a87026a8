"""Posts, their counters over time, and followers. Reach only: orders do not depend on it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from story import people
from story.clock import FIRST_DAY, LAST_DAY, any_day, any_moment, moment, roll_dice

COUNTERS = ("impressions", "reach", "views", "likes", "comments", "shares", "saves", "clicks")
MONTH_ENDS = [
    date(2025, 11, 30),
    date(2025, 12, 31),
    date(2026, 1, 31),
    date(2026, 2, 28),
    date(2026, 3, 31),
    date(2026, 4, 30),
    date(2026, 5, 31),
    date(2026, 6, 30),
]  # days of the exports
CAPTIONS = [
    "Monday mood ☕✨",
    'They call it "First bag of spring".\nI call it breakfast.',
    "Ad | new beans, old mug",
    "Recipe in bio, 18 g in, 36 g out",
    "Rain, ride, roast 🚴‍♀️🌧️\n\n#coffee, #cycling",
    "“Slow” is a flavour 🫶",
    "Who else grinds by hand? 👇",
    'Cupping notes: plum, cocoa; a bit of "wow"',
    "Trying the decaf. Send help 😅",
]


@dataclass
class Post:
    post_id: str
    partner_id: str
    platform: str
    campaign_id: str
    published_at: datetime
    topics: str
    caption: str
    is_paid: bool
    is_disclosed: bool
    observations: list[tuple[datetime, dict[str, int | None]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{self.platform}.example/p/{self.post_id}"

    def latest(self, counter: str) -> int:
        """The last counter that was known; 0 if none ever was."""
        known = [counters[counter] for _, counters in self.observations if counters[counter] is not None]
        return known[-1] if known else 0


def publish_posts() -> list[Post]:
    rng = roll_dice("posts")
    voices = [(p, platform) for p in people.PARTNERS for platform in p.platforms]
    posts = []
    for number in range(132):
        partner, platform = voices[min(rng.randrange(len(voices)), rng.randrange(len(voices)))]
        first, last = max(partner.joined_on, FIRST_DAY), partner.left_on or LAST_DAY - timedelta(days=2)
        published_at = any_moment(rng, any_day(rng, first, last))
        is_paid = partner.relationship == "influencer" and rng.random() < 0.6
        post = Post(
            name_post(rng, platform, number),
            partner.partner_id,
            platform,
            people.pick_campaign(rng, published_at.date()),
            published_at,
            ";".join(rng.sample(partner.topics.split(";"), 1) + rng.choice([[], ["coffee"], ["morning"]])),
            rng.choice(CAPTIONS),
            is_paid,
            is_paid and rng.random() < 0.9,
        )
        observe_post(rng, post, partner.followers)
        posts.append(post)
    return sorted(posts, key=lambda post: post.published_at)


def name_post(rng: Random, platform: str, number: int) -> str:
    """Instagram's ids are numbers above 2^53, which lose digits if they are read as floating point."""
    if platform == "instagram":
        return f"1784{rng.randint(10**12, 10**13 - 1)}{number:03d}"
    return f"{platform[:2]}-{rng.randint(10**6, 10**7 - 1)}{number:03d}"


def observe_post(rng: Random, post: Post, followers: int) -> None:
    """Counters at each export in the three months after publication: they grow, are restated or are unknown."""
    final = invent_final_counters(rng, post.platform, followers)
    for day in MONTH_ENDS:
        at = moment(day, 23, 30)
        age = (at - post.published_at).days
        if not 0 <= age <= 92:
            continue
        grown = 1 - 0.5 ** ((age + 1) / 4)
        if rng.random() < 0.07:
            grown *= 0.96  # a platform restates its counts
        counters = {
            counter: None if value is None or rng.random() < 0.04 else int(value * grown)
            for counter, value in final.items()
        }
        post.observations.append((at, counters))


def invent_final_counters(rng: Random, platform: str, followers: int) -> dict[str, int | None]:
    reach = rng.randint(followers // 8, followers // 2 + 10)
    is_video = platform in ("youtube", "tiktok")
    return {
        "impressions": reach * rng.randint(115, 180) // 100,
        "reach": reach,
        "views": reach * rng.randint(70, 140) // 100 if is_video else None,
        "likes": reach * rng.randint(15, 90) // 1000,
        "comments": reach * rng.randint(1, 9) // 1000,
        "shares": reach * rng.randint(1, 12) // 1000,
        "saves": reach * rng.randint(1, 15) // 1000 if platform == "instagram" else None,
        "clicks": reach * rng.randint(2, 14) // 1000 if platform != "instagram" else None,
    }


def count_followers() -> list[dict]:
    rng = roll_dice("audiences")
    rows = []
    for partner in people.PARTNERS:
        for index, platform in enumerate(partner.platforms):
            followers = partner.followers if index == 0 else partner.followers // 3
            for day in MONTH_ENDS:
                if partner.joined_on <= day <= (partner.left_on or day):
                    followers = followers * rng.randint(995, 1030) // 1000
                    rows.append(
                        {
                            "partner_id": partner.partner_id,
                            "platform": platform,
                            "observed_at": moment(day, 6),
                            "followers": followers,
                        }
                    )
    return rows
