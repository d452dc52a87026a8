"""`make status`: what is published and how old it is, how the last run ended, when the next one is due, what every
target has, and disk space. The exit status is 1 if something needs attention, for monitors.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from orchestration.programme.cron import iterate_times
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import Programme, read_programme
from orchestration.programme.published import read_latest
from orchestration.publishing.targets.targets import read_outcomes
from orchestration.runtime.dagster_home import HistoryNotUsable, prepare_home
from orchestration.runtime.disk_space import SCARCE_BYTES, describe_shortage
from orchestration.runtime.environment import find_folder
from orchestration.runtime.lock import read_holder
from orchestration.runtime.messages import shorten_list

# What a run may take from the time that it is scheduled for.
GRACE = timedelta(hours=2)
FAILURES_SHOWN = 10
JOBS = ("nightly", "rebuild")


class Report:
    """Lines for the screen, and what needs attention."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.problems: list[str] = []

    def add(self, name: str, text: str, problem: str | None = None) -> None:
        self.lines.append(f"{name + ':':<12}{text}")
        if problem:
            self.problems.append(problem)


def main() -> int:
    folder = find_folder()
    now = datetime.now(UTC)
    report = Report()
    report.add("Programme", str(folder.path))
    try:
        programme = read_programme(folder.path)
        report_version(report, folder, now)
        report_runs(report, programme, now)
        report_targets(report, programme)
        report_disk(report, folder)
    except (ProgrammeError, HistoryNotUsable) as error:
        report.problems += str(error).splitlines()
    print("\n".join(report.lines))
    for problem in report.problems:
        print(f"PROBLEM: {problem}")
    print("OK" if not report.problems else f"{len(report.problems)} to look at")
    return 1 if report.problems else 0


def report_version(report: Report, folder: ProgrammeFolder, now: datetime) -> None:
    latest = read_latest(folder)
    if not latest.get("version"):
        report.add("Version", "none", f"nothing is published yet. Run: PROGRAMME={folder.path} make nightly")
        return
    made_at = datetime.fromisoformat(latest["made_at"])
    report.add("Version", f"{latest['version']}, {describe_age(now - made_at)}, goals as of {latest['as_of']}")


def report_runs(report: Report, programme: Programme, now: datetime) -> None:
    folder, timezone = programme.folder, programme.plan.timezone
    if holder := read_holder(folder.warehouse / "run.lock"):
        report.add("Running", holder)
    last = read_last_run(folder)
    succeeded_at = None
    if last is None:
        report.add("Last run", "none in Dagster's history")
    else:
        job, status, at, failures = last
        succeeded_at = at if status == "SUCCESS" else None
        problem = None
        if status in ("FAILURE", "CANCELED"):
            problem = (
                f"the last run failed{': ' if failures else ''}{'; '.join(shorten_list(failures, FAILURES_SHOWN))}"
            )
        report.add("Last run", f"{job}, {status.lower()}, {describe_age(now - at)}", problem)
    schedule = programme.settings.schedule
    upcoming = next(iterate_times(schedule, timezone, now))
    report.add("Next run", f"{upcoming:%Y-%m-%d %H:%M} {timezone} (schedule: {schedule})")
    if succeeded_at is not None and (due := find_missed(schedule, timezone, succeeded_at, now)):
        report.problems.append(f"no run has succeeded since the one due at {due:%Y-%m-%d %H:%M} {timezone}")


def find_missed(schedule: str, timezone: str, succeeded_at: datetime, now: datetime) -> datetime | None:
    """The last time of the schedule that is over for longer than a run may take and has no successful run after it."""
    due = takewhile(lambda at: at + GRACE < now, iterate_times(schedule, timezone, succeeded_at))
    return max(due, default=None)


def read_last_run(folder: ProgrammeFolder) -> tuple[str, str, datetime, list[str]] | None:
    """Job, status, time and failures of the last run that has ended, whoever started it. Raises HistoryNotUsable."""
    home = folder.warehouse / "dagster"
    if not home.exists():
        return None
    prepare_home(folder)
    from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

    from orchestration.runtime.failures import KINDS, describe_failures

    ended = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
    with DagsterInstance.get() as instance:
        records = instance.get_run_records(RunsFilter(statuses=ended), limit=20)
        for record in records:
            run = record.dagster_run
            if run.job_name in JOBS:
                entries = instance.all_logs(run.run_id, of_type=set(KINDS))
                failures = describe_failures(entry.dagster_event for entry in entries if entry.dagster_event)
                at = datetime.fromtimestamp(record.end_time or record.update_timestamp.timestamp(), UTC)
                return run.job_name, run.status.value, at, failures if run.status.value == "FAILURE" else []
    return None


def report_targets(report: Report, programme: Programme) -> None:
    version = read_latest(programme.folder).get("version")
    outcomes = {outcome.target: outcome for outcome in read_outcomes(programme.folder)}
    for target in programme.settings.publish:
        outcome = outcomes.get(target.to)
        if outcome is None:
            report.add("Target", f"{target.to}: nothing yet", f"nothing was published to {target.to} yet")
        elif outcome.problem or outcome.version != version:
            lacks = f"{target.to} has not got {version}"
            known = f"{target.to} could not be checked" if outcome.version == version else lacks
            problem = f"{known}: {outcome.problem or 'not tried yet'}"
            report.add("Target", f"{target.to}: {outcome.version or 'unknown'}", problem)
        else:
            report.add("Target", f"{target.to}: {outcome.version}")


def report_disk(report: Report, folder: ProgrammeFolder) -> None:
    free = shutil.disk_usage(folder.path).free
    least = int(os.environ.get("LEAST_FREE_BYTES", SCARCE_BYTES))
    report.add("Disk", f"{free / 2**30:,.1f} GB free", describe_shortage(folder, least))


def describe_age(age: timedelta) -> str:
    """Such as `5 hours ago`."""
    return next(iterate_ages(age))


def iterate_ages(age: timedelta) -> Iterator[str]:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(age.total_seconds() // length)
        if count >= (2 if unit == "day" else 1):
            yield f"{count} {unit}{'' if count == 1 else 's'} ago"
    yield "just now"


if __name__ == "__main__":
    sys.exit(main())
