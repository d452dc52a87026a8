"""The date in a file's name, by which deliveries are ordered."""

import re
from collections.abc import Iterator
from datetime import datetime

# A time must not be the start of another date: 2026-03-01_2026-03-31 is a period, not a date at 20:26.
_DAY = re.compile(
    r"(?<!\d)(?P<year>\d{4})(?P<separator>[-_]?)(?P<month>\d{2})(?P=separator)(?P<day>\d{2})"
    r"(?:[T_ -]?(?P<hour>\d{2})[-_:.]?(?P<minute>\d{2})(?:[-_:.]?(?P<second>\d{2}))?(?![-_]?\d))?(?!\d)"
)
_MONTH = re.compile(r"(?<!\d)(?P<year>\d{4})[-_](?P<month>\d{2})(?![-_]?\d)")


def find_date(name: str) -> datetime | None:
    """The last date in a name, with the time of day that follows it, without a time zone; None if there is none.

    The forms are 2026-03-01, 2026_03_01 and 20260301, each also with a time such as T101500 or -1015; in a name without
    any of them a month, 2026-03, is its first day. Only valid dates from 1990 to 2099 count.

    >>> find_date("orders_2026-03-01_2026-03-31.csv")
    datetime.datetime(2026, 3, 31, 0, 0)
    """
    for pattern in (_DAY, _MONTH):
        dates = [date for match in pattern.finditer(name) for date in _read_match(match)]
        if dates:
            return dates[-1]
    return None


def _read_match(match: re.Match[str]) -> Iterator[datetime]:
    parts = {name: int(value) for name, value in match.groupdict().items() if value and value.isdigit()}
    if not 1990 <= parts["year"] < 2100:
        return
    day = (parts["year"], parts["month"], parts.get("day", 1))
    # Digits that are not a time of day are ignored.
    for time in ((parts.get("hour", 0), parts.get("minute", 0), parts.get("second", 0)), (0, 0, 0)):
        try:
            yield datetime(*day, *time)
        except ValueError:
            continue
        return
