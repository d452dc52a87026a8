"""Days and times of the story, and its random generators. Times are in UTC, to the second."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SEED = 20261123
BRUSSELS = ZoneInfo("Europe/Brussels")
NEW_YORK = ZoneInfo("America/New_York")
FIRST_DAY = date(2025, 11, 1)
LAST_DAY = date(2026, 6, 30)


def roll_dice(chapter: str) -> Random:
    """One seeded generator per chapter, so that a change in one does not affect the others."""
    return Random(f"{SEED} {chapter}")


def moment(day: date, hour: int, minute: int = 0, second: int = 0, zone: ZoneInfo = BRUSSELS) -> datetime:
    return datetime.combine(day, time(hour, minute, second), tzinfo=zone).astimezone(UTC)


def any_moment(rng: Random, day: date, hours: tuple[int, int] = (7, 22), zone: ZoneInfo = BRUSSELS) -> datetime:
    return moment(day, rng.randint(*hours), rng.randint(0, 59), rng.randint(0, 59), zone)


def any_day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def business_day(at: datetime) -> date:
    return at.astimezone(BRUSSELS).date()


def in_utc(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def in_brussels(at: datetime | None) -> str:
    """Local time without an offset, as many exports write it."""
    return at.astimezone(BRUSSELS).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def in_brussels_day_first(at: datetime) -> str:
    return at.astimezone(BRUSSELS).strftime("%d/%m/%Y %H:%M:%S")


def in_new_york(at: datetime) -> str:
    return at.astimezone(NEW_YORK).isoformat(timespec="seconds")
