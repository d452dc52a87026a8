"""Starts the nightly job when new files are in landing/, before the next scheduled run. Off by default.

A file has landed when two ticks, a minute apart, see it with the same size and time. The cursor holds the files that
the last run was started for; any other file starts the next run, once. A removed file starts no run: it adds nothing,
and the next scheduled run notices it.
"""

import hashlib
import json
from collections.abc import Collection, Mapping

from dagster import (
    DefaultSensorStatus,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from orchestration.defs.jobs import NIGHTLY
from orchestration.landing.listing import list_matching_files
from orchestration.programme.folder import ProgrammeFolder

SECONDS_BETWEEN_TICKS = 60
FILES_NAMED = 3


def build_landing_sensor(folder: ProgrammeFolder) -> SensorDefinition:
    @sensor(
        name="files_landed",
        job=NIGHTLY,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        default_status=DefaultSensorStatus.STOPPED,
        description="Starts the nightly job when new files have landed and stopped growing.",
    )
    def files_landed(context: SensorEvaluationContext) -> SensorResult:
        if not folder.landing.is_dir():
            return SensorResult(skip_reason=SkipReason(f"there is no folder {folder.landing}"))
        seen = read_states(folder)
        cursor = json.loads(context.cursor) if context.cursor else {}
        before, started = set(cursor.get("seen", ())), set(cursor.get("started", ()))
        new = sorted(file for file, state in seen.items() if state not in started)
        growing = [file for file in new if seen[file] not in before]
        if not new:
            reason = f"nothing new among the {len(seen):,} files in {folder.landing}"
            return SensorResult(skip_reason=SkipReason(reason), cursor=write_cursor(seen, started))
        if growing:
            reason = f"new or still being written: {name_files(growing)}; checked again at the next tick"
            return SensorResult(skip_reason=SkipReason(reason), cursor=write_cursor(seen, started))
        states = sorted(seen.values())
        request = RunRequest(run_key=digest(*states), tags={"landed": name_files(new)})
        return SensorResult(run_requests=[request], cursor=write_cursor(seen, states))

    return files_landed


def read_states(folder: ProgrammeFolder) -> Mapping[str, str]:
    """Digest of name, size and time of modification of every file that a run would read, by name; not of what runs
    pulled themselves."""
    states = {}
    for file in list_matching_files(folder, "landing/**").files:
        if file.startswith("landing/pulled/"):
            continue
        try:
            status = (folder.path / file).stat()
        except FileNotFoundError:
            continue  # removed since it was listed
        states[file] = digest(file, str(status.st_size), str(status.st_mtime_ns))
    return states


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]


def write_cursor(seen: Mapping[str, str], started: Collection[str]) -> str:
    """The cursor, without files that no longer exist, so that it does not grow forever."""
    states = sorted(seen.values())
    return json.dumps({"seen": states, "started": [state for state in states if state in set(started)]})


def name_files(files: Collection[str]) -> str:
    named = ", ".join(sorted(files)[:FILES_NAMED])
    left = len(files) - FILES_NAMED
    return f"{named} and {left:,} more" if left > 0 else named
