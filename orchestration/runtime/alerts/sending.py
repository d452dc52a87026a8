"""Sends an alert to every channel, within a time limit that holds whatever a receiver does."""

from collections.abc import Sequence
from threading import Thread

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.alerts.channels import Channel, ChannelMisconfigured, NotSent, read_channels
from orchestration.runtime.alerts.message import Message, describe_failed_run
from orchestration.runtime.run_log import log

# Seconds for one channel. The timeout of a connection restarts with each byte received; this one does not.
DEADLINE = 30


def send_alert(folder: ProgrammeFolder, job: str, failures: Sequence[str], run: str) -> list[str]:
    """Notify every configured channel that a run failed; returns and logs one problem for each that was not reached."""
    try:
        channels = read_channels()
    except ChannelMisconfigured as error:
        problems = str(error).splitlines()
    else:
        problems = send(channels, describe_failed_run(folder, job, failures, run)) if channels else []
    for problem in problems:
        log.error("alert not sent: %s", problem)
    return problems


def send(channels: Sequence[Channel], message: Message) -> list[str]:
    """Returns one problem for each channel that the message did not reach."""
    problems = []
    for channel in channels:
        if problem := deliver(channel, message):
            problems.append(f"{channel.name}: {problem}")
        else:
            log.info("alert sent: %s", channel.name)
    return problems


def deliver(channel: Channel, message: Message) -> str | None:
    """The problem, None if the receiver accepted the message. A thread whose receiver hangs is abandoned and ends with
    the process."""
    outcome: list[str | None] = []

    def attempt() -> None:
        try:
            channel.send(message)
            outcome.append(None)
        except NotSent as problem:
            outcome.append(str(problem))

    thread = Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(DEADLINE)
    return outcome[0] if outcome else f"did not finish within {DEADLINE} s"
