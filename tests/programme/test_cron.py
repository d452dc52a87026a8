"""Cron lines and their times."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestration.programme.cron import find_cron_problem, iterate_times


def list_times(line: str, timezone: str, after: datetime, count: int = 3) -> list[str]:
    return [f"{at:%a %d.%m. %H:%M}" for at, _ in zip(iterate_times(line, timezone, after), range(count), strict=False)]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("0 3 * * *", ["Mon 02.03. 03:00", "Tue 03.03. 03:00", "Wed 04.03. 03:00"]),
        ("*/20 9-10 * * *", ["Sun 01.03. 09:00", "Sun 01.03. 09:20", "Sun 01.03. 09:40"]),
        ("15 6 1,15 * *", ["Sun 01.03. 06:15", "Sun 15.03. 06:15", "Wed 01.04. 06:15"]),
        ("0 5 * * mon-fri", ["Mon 02.03. 05:00", "Tue 03.03. 05:00", "Wed 04.03. 05:00"]),
        ("0 5 * * 7", ["Sun 01.03. 05:00", "Sun 08.03. 05:00", "Sun 15.03. 05:00"]),
        # Where both are restricted, either will do, as in every cron.
        ("0 5 13 * fri", ["Fri 06.03. 05:00", "Fri 13.03. 05:00", "Fri 20.03. 05:00"]),
        ("0 0 29 feb *", ["Tue 29.02. 00:00", "Sun 29.02. 00:00", "Fri 29.02. 00:00"]),
    ],
)
def test_the_times_of_a_line(line: str, times: list[str]):
    assert find_cron_problem(line) is None
    assert list_times(line, "UTC", datetime(2026, 3, 1, 3, 30, tzinfo=UTC)) == times


def test_times_follow_the_clock_of_the_time_zone():
    brussels = "Europe/Brussels"
    spring = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo(brussels))
    assert list_times("30 2 * * *", brussels, spring, 2) == ["Sun 29.03. 03:30", "Mon 30.03. 02:30"], (
        "02:30 is left out"
    )
    autumn = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo(brussels))
    assert list_times("30 2 * * *", brussels, autumn, 2) == ["Sun 25.10. 02:30", "Mon 26.10. 02:30"], "not twice"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nightly", "1 fields instead of 5"),
        ("0 3 * * * *", "6 fields instead of 5"),
        ("0 24 * * *", "out of range"),
        ("0 3 * * 8", "out of range"),
        ("*/0 3 * * *", "step '0'"),
        ("0 ³ * * *", "not acceptable"),
        ("0 3 31 2 *", "never comes"),
    ],
)
def test_what_is_no_cron_line_is_told(line: str, problem: str):
    assert problem in str(find_cron_problem(line))


def test_dagster_takes_the_same_lines():
    from dagster import ScheduleDefinition, job

    @job
    def nothing() -> None: ...

    for line in ("0 3 * * *", "*/20 9-10 * * *", "0 5 * * mon-fri", "0 5 13 * fri"):
        ScheduleDefinition(job=nothing, cron_schedule=line)
