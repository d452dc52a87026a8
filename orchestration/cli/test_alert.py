"""`make alert`: sends a message to try out what the environment says about alerts."""

import sys

from orchestration.runtime.alerts.channels import NotSet, read_channels
from orchestration.runtime.alerts.message import Message
from orchestration.runtime.alerts.telling import send
from orchestration.runtime.environment import find_folder


def main() -> int:
    try:
        channels = read_channels()
    except NotSet as problem:
        print(problem, file=sys.stderr)
        return 1
    if not channels:
        print("Nobody is told: set ALERT_WEBHOOK_URL, or ALERT_MAIL_TO and SMTP_URL.", file=sys.stderr)
        return 1
    subject = f"{find_folder().path.name}: this is a trial"
    problems = send(channels, Message(subject, f"{subject}. A night that fails is told here."))
    for channel in channels:
        if not any(problem.startswith(channel.name) for problem in problems):
            print(f"told {channel.name}")
    for problem in problems:
        print(f"not told: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
