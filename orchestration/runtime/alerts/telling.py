"""Tells every channel, within a time that is bounded whatever a receiver does."""

from collections.abc import Sequence
from threading import Thread

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.alerts.channels import Channel, NotSet, NotTold, read_channels
from orchestration.runtime.alerts.message import Message, describe_failed_run
from orchestration.runtime.run_log import log

# The waits of a connection start anew with each byte; this one does not.
DEADLINE = 30


def tell(folder: ProgrammeFolder, job: str, failures: Sequence[str], run: str) -> list[str]:
    """Tell whoever is to be told that the night failed; gives why somebody was not, which is logged, too."""
    try:
        channels = read_channels()
    except NotSet as problem:
        problems = str(problem).splitlines()
    else:
        problems = send(channels, describe_failed_run(folder, job, failures, run)) if channels else []
    for problem in problems:
        log.error("not told: %s", problem)
    return problems


def send(channels: Sequence[Channel], message: Message) -> list[str]:
    """One problem in words for each channel that the message did not reach."""
    problems = []
    for channel in channels:
        if problem := deliver(channel, message):
            problems.append(f"{channel.name}: {problem}")
        else:
            log.info("told %s", channel.name)
    return problems


def deliver(channel: Channel, message: Message) -> str | None:
    """None if the receiver took it. The thread of one that hangs is left behind, and ends with the process."""
    outcome: list[str | None] = []

    def attempt() -> None:
        try:
            channel.send(message)
            outcome.append(None)
        except NotTold as problem:
            outcome.append(str(problem))

    thread = Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(DEADLINE)
    return outcome[0] if outcome else f"did not come to an end within {DEADLINE} s"
