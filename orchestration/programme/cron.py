"""Cron lines: minute, hour, day of the month, month, day of the week, as croniter reads them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

NIGHTLY = "0 3 * * *"
"""When the previous day is complete."""

_FIELDS = 5
# February 29th on a certain weekday comes at least every 40 years.
_YEARS_AHEAD = 41


def find_cron_problem(line: str) -> str | None:
    """What is wrong with a cron line, None if it is one and its time ever comes.

    >>> find_cron_problem("0 3 * * mon-fri"), find_cron_problem("0 0 31 2 *")
    (None, 'that day never comes')
    """
    fields = len(line.split())
    if fields != _FIELDS:
        return f"it has {fields} fields instead of {_FIELDS}"
    try:
        next(iterate_times(line, "UTC", datetime.now(UTC)))
    except StopIteration:
        return "that day never comes"
    except CroniterError as error:
        return str(error)
    return None


def iterate_times(line: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The times of a cron line after a moment, in the time zone, the next one first. Raises CroniterError.

    A time that a change of the clock leaves out comes at the same distance from midnight, one that comes twice, once.

    >>> after = datetime(2026, 3, 28, 4, tzinfo=ZoneInfo("Europe/Brussels"))
    >>> [f"{when:%d. %H:%M}" for when, _ in zip(iterate_times("30 3 * * *", "Europe/Brussels", after), "ab")]
    ['29. 03:30', '30. 03:30']
    """
    zone = ZoneInfo(timezone)
    # croniter follows the clock on the wall; a day earlier, because an hour of it may come twice.
    start = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    times = croniter(line, start, ret_type=datetime, max_years_between_matches=_YEARS_AHEAD)
    for time in times.all_next(datetime):
        # Through UTC, which moves a time that does not exist behind the gap.
        moment = time.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
        if moment > after:
            yield moment
