"""`make alert`: sends a test message to every channel that the environment configures for alerts."""

import sys

from orchestration.runtime.alerts.channels import ChannelMisconfigured, read_channels
from orchestration.runtime.alerts.message import Message
from orchestration.runtime.alerts.sending import send
from orchestration.runtime.environment import find_folder


def main() -> int:
    try:
        channels = read_channels()
    except ChannelMisconfigured as error:
        print(error, file=sys.stderr)
        return 1
    if not channels:
        print("No alerts are configured: set ALERT_WEBHOOK_URL, or ALERT_MAIL_TO and SMTP_URL.", file=sys.stderr)
        return 1
    subject = f"{find_folder().path.name}: this is a test"
    problems = send(channels, Message(subject, f"{subject}. Alerts about failed runs are sent here."))
    for channel in channels:
        if not any(problem.startswith(channel.name) for problem in problems):
            print(f"alert sent: {channel.name}")
    for problem in problems:
        print(f"alert not sent: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
