"""Runs the nightly job when files have landed, without waiting for the schedule. Off until somebody switches it on.

A file counts as landed once two looks, a minute apart, see it with the same size and time. The cursor remembers what
the last run was started for; whatever is new since then starts the next, once. That a file was taken away starts
nothing: it adds nothing, and the next scheduled run sees it.
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

SECONDS_BETWEEN_LOOKS = 60
FILES_NAMED = 3


def build_landing_sensor(folder: ProgrammeFolder) -> SensorDefinition:
    @sensor(
        name="files_landed",
        job=NIGHTLY,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.STOPPED,
        description="Runs the nightly job once files have landed and stopped growing.",
    )
    def files_landed(context: SensorEvaluationContext) -> SensorResult:
        if not folder.landing.is_dir():
            return SensorResult(skip_reason=SkipReason(f"there is no folder {folder.landing}"))
        seen = look(folder)
        memory = json.loads(context.cursor) if context.cursor else {}
        before, started = set(memory.get("seen", ())), set(memory.get("started", ()))
        new = sorted(file for file, state in seen.items() if state not in started)
        growing = [file for file in new if seen[file] not in before]
        if not new:
            reason = f"nothing new among the {len(seen):,} files in {folder.landing}"
            return SensorResult(skip_reason=SkipReason(reason), cursor=remember(seen, started))
        if growing:
            reason = f"just come, or still being written: {name_files(growing)}; looked at again on the next tick"
            return SensorResult(skip_reason=SkipReason(reason), cursor=remember(seen, started))
        states = sorted(seen.values())
        request = RunRequest(run_key=digest(*states), tags={"landed": name_files(new)})
        return SensorResult(run_requests=[request], cursor=remember(seen, states))

    return files_landed


def look(folder: ProgrammeFolder) -> Mapping[str, str]:
    """Every file that a run would look at, with a digest of its name, size and time of modification."""
    states = {}
    for file in list_matching_files(folder, "landing/**").files:
        try:
            status = (folder.path / file).stat()
        except FileNotFoundError:
            continue  # taken away between the listing and the look
        states[file] = digest(file, str(status.st_size), str(status.st_mtime_ns))
    return states


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]


def remember(seen: Mapping[str, str], started: Collection[str]) -> str:
    """The cursor. What is gone is forgotten, so that it does not grow with the years."""
    states = sorted(seen.values())
    return json.dumps({"seen": states, "started": [state for state in states if state in set(started)]})


def name_files(files: Collection[str]) -> str:
    named = ", ".join(sorted(files)[:FILES_NAMED])
    left = len(files) - FILES_NAMED
    return f"{named} and {left:,} more" if left > 0 else named
