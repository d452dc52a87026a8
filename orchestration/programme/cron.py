"""Cron lines: minute, hour, day of the month, month, day of the week; with lists, ranges, steps and English names."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHTLY = "0 3 * * *"
"""When the previous day is complete."""

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, Sequence[str]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _DAYS),
)
# February 29th on a certain weekday comes at least every 40 years.
_DAYS_AHEAD = 41 * 366


def find_cron_problem(line: str) -> str | None:
    """What is wrong with a cron line, None if it is one and its time ever comes.

    >>> find_cron_problem("0 3 * * mon-fri"), find_cron_problem("0 25 * * *"), find_cron_problem("0 0 31 2 *")
    (None, "the hour '25' is not from 0 to 23", 'that day never comes')
    """
    try:
        next(iterate_times(line, "UTC", datetime.now(UTC)))
    except ValueError as error:
        return str(error)
    except StopIteration:
        return "that day never comes"
    return None


def iterate_times(line: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The times of a cron line after a moment, in the time zone, the next one first. Raises ValueError.

    A time that a change of the clock leaves out comes at the same distance from midnight, one that comes twice, once.

    >>> after = datetime(2026, 3, 28, 4, tzinfo=ZoneInfo("Europe/Brussels"))
    >>> [f"{when:%d. %H:%M}" for when, _ in zip(iterate_times("30 3 * * *", "Europe/Brussels", after), "ab")]
    ['29. 03:30', '30. 03:30']
    """
    minutes, hours, days, months, weekdays = read_fields(line)
    written = line.split()
    # As in every cron: where both are restricted, either will do.
    is_either = not written[2].startswith("*") and not written[4].startswith("*")
    zone = ZoneInfo(timezone)
    first = after.astimezone(zone).date()
    for offset in range(_DAYS_AHEAD):
        day = first + timedelta(days=offset)
        if day.month in months and is_on(day, days, weekdays, is_either):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    moment = datetime.combine(day, time(hour, minute), zone)
                    # Through UTC, which moves a time that does not exist behind the gap.
                    moment = moment.astimezone(UTC).astimezone(zone)
                    if moment > after:
                        yield moment


def is_on(day: date, days: set[int], weekdays: set[int], is_either: bool) -> bool:
    on_day, on_weekday = day.day in days, day.isoweekday() % 7 in weekdays
    return on_day or on_weekday if is_either else on_day and on_weekday


def read_fields(line: str) -> list[set[int]]:
    """The numbers of each field. Raises ValueError with what is wrong."""
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"it has {len(fields)} fields instead of {len(_FIELDS)}")
    numbers = [
        {number for part in field.lower().split(",") for number in read_part(part, *of)}
        for field, of in zip(fields, _FIELDS, strict=True)
    ]
    numbers[4] = {number % 7 for number in numbers[4]}
    return numbers


def read_part(part: str, name: str, least: int, most: int, words: Sequence[str]) -> range:
    """`*`, `5`, `mon-fri`, `*/15` or `9-17/2`."""
    span, _, step = part.partition("/")
    begin, dash, end = span.partition("-")
    if span == "*":
        first, last = least, most
    else:
        first = read_number(begin, part, name, least, most, words)
        last = read_number(end, part, name, least, most, words) if dash else most if step else first
    if first > last or ("/" in part and (not step.isdecimal() or int(step) == 0)):
        raise ValueError(f"the {name} '{part}' is no range")
    return range(first, last + 1, int(step or 1))


def read_number(text: str, part: str, name: str, least: int, most: int, words: Sequence[str]) -> int:
    if text in words:
        return words.index(text) + least
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise ValueError(f"the {name} '{part}' is not from {least} to {most}")
    return int(text)
