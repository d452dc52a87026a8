"""What somebody is told about a night that failed: enough to know what to do without opening anything."""

import os
import shlex
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest

# Chats cut long messages off, and the log has everything.
FAILURES_SHOWN = 10
CHARACTERS_SHOWN = 600


@dataclass(frozen=True)
class Message:
    """One line for a mail's subject, and plain text that begins with it."""

    subject: str
    text: str


def describe_failed_run(folder: ProgrammeFolder, job: str, failures: Sequence[str], run: str) -> Message:
    """`failures` in the words that `make nightly` prints; `run` says where all of it can be read."""
    latest = read_latest(folder)
    programme = latest.get("programme") or folder.path.name
    subject = " ".join(f"{programme}: the {job} run FAILED".split())
    left = len(failures) - FAILURES_SHOWN
    lines = [
        f"{subject}. What was published last stays as it is.",
        "",
        "What failed:",
        *(f"- {shorten(failure)}" for failure in failures[:FAILURES_SHOWN]),
        *([f"- … and {left:,} more"] if left > 0 else []),
        "",
        "What to do: mend the cause (a file in landing, plan.yml or extracts.yml), then run it again with",
        f"  PROGRAMME={shlex.quote(os.fspath(folder.path))} make {job}",
        "",
        f"Last published version: {describe_latest(folder, latest)}",
        f"Programme: {folder.path} on {socket.gethostname()}",
        f"Run: {run}",
    ]
    return Message(subject, "\n".join(lines))


def shorten(failure: str) -> str:
    failure = failure.strip()
    return failure if len(failure) <= CHARACTERS_SHOWN else failure[: CHARACTERS_SHOWN - 1].rstrip() + "…"


def describe_latest(folder: ProgrammeFolder, latest: dict[str, Any]) -> str:
    if not latest:
        return f"none in {folder.published}"
    return f"{latest.get('version')}, goals as of {latest.get('as_of')}: {folder.published / 'report.html'}"
