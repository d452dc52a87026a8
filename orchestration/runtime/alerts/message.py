"""The text of an alert: what failed and what to do, readable without opening anything else."""

import os
import shlex
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest
from orchestration.runtime.messages import shorten_list

# Chats cut off long messages; the log has everything.
FAILURES_SHOWN = 10
CHARACTERS_SHOWN = 600
TARGETS_STEP = "published__targets: "
"""How the failure of the step begins that publishes to targets (orchestration/defs/assets/targets.py)."""


@dataclass(frozen=True)
class Message:
    """The subject of a mail on one line, and plain text that begins with it."""

    subject: str
    text: str


def describe_failed_run(folder: ProgrammeFolder, job: str, failures: Sequence[str], run: str) -> Message:
    """The alert of a failed run: `failures` as `make nightly` prints them; `run` is the log file or the run's id."""
    latest = read_latest(folder)
    programme = latest.get("programme") or folder.path.name
    subject = " ".join(f"{programme}: the {job} run FAILED".split())
    lines = [
        f"{subject}. {describe_effect(failures)}",
        "",
        "What failed:",
        *(f"- {line}" for line in shorten_list([shorten(failure) for failure in failures], FAILURES_SHOWN)),
        "",
        "What to do: fix the cause (a file in landing, plan.yml or extracts.yml), then run it again with",
        f"  PROGRAMME={shlex.quote(os.fspath(folder.path))} make {job}",
        "",
        f"Last published version: {describe_latest(folder, latest)}",
        f"Programme: {folder.path} on {socket.gethostname()}",
        f"Run: {run}",
    ]
    return Message(subject, "\n".join(lines))


def describe_effect(failures: Sequence[str]) -> str:
    """What readers see. The step of targets is the last one, after a version is published."""
    if failures and all(failure.startswith(TARGETS_STEP) for failure in failures):
        return "The newest version is published in published/, but not everywhere else."
    return "The last published version is unchanged."


def shorten(failure: str) -> str:
    failure = failure.strip()
    return failure if len(failure) <= CHARACTERS_SHOWN else failure[: CHARACTERS_SHOWN - 1].rstrip() + "…"


def describe_latest(folder: ProgrammeFolder, latest: dict[str, Any]) -> str:
    if not latest:
        return f"none in {folder.published}"
    return f"{latest.get('version')}, goals as of {latest.get('as_of')}: {folder.published / 'report.html'}"
