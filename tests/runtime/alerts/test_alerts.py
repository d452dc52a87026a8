"""A failed run sends its alert whatever a receiver does, and no secret is logged or raised."""

import email
import email.policy
import json
import logging
import shlex
import threading
import time
from pathlib import Path

import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.alerts import channels, sending
from orchestration.runtime.alerts.channels import ChannelMisconfigured, Mail, Webhook, read_channels
from orchestration.runtime.alerts.message import FAILURES_SHOWN, describe_effect, describe_failed_run
from orchestration.runtime.alerts.sending import send_alert
from orchestration.runtime.run_log import log
from tests import receivers
from tests.receivers import serve

SECRET = "hunter2%2Ftoken"
VARIABLES = ("ALERT_WEBHOOK_URL", "ALERT_MAIL_TO", "ALERT_MAIL_FROM", "SMTP_URL")
FAILURE = "raw/refunds: amounts_are_positive. Found: 2 of 3 rows."


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    """No receiver unless a test names one; the test fails if anything that was logged holds the secret."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(log, "propagate", True)
    yield monkeypatch
    assert "hunter2" not in caplog.text


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    (tmp_path / "Jo's programme" / "published").mkdir(parents=True)
    return ProgrammeFolder(tmp_path / "Jo's programme")


def send_failure(folder: ProgrammeFolder) -> list[str]:
    return send_alert(folder, "nightly", [FAILURE], "the.log")


def test_the_webhook_gets_the_failure_what_to_do_and_the_last_version(folder: ProgrammeFolder, environment):
    latest = {"programme": "Northwind\nCoffee", "version": "2026-11-24T020000Z", "as_of": "2026-11-23"}
    (folder.published / "latest.json").write_text(json.dumps(latest))
    with serve(webhook := receivers.Webhook()) as port:
        environment.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/services/{SECRET}")
        assert send_failure(folder) == []
    [(path, text)] = webhook.received
    assert path == f"/services/{SECRET}"
    assert text.startswith("Northwind Coffee: the nightly run FAILED. ")
    assert f"- {FAILURE}" in text
    assert f"PROGRAMME={shlex.quote(str(folder.path))} make nightly" in text
    assert "Last published version: 2026-11-24T020000Z, goals as of 2026-11-23" in text
    assert "Run: the.log" in text


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_programme_that_never_published_is_called_by_its_folder(folder: ProgrammeFolder, content: str | None):
    if content:
        (folder.published / "latest.json").write_text(content)
    message = describe_failed_run(folder, "rebuild", [FAILURE], "the.log")
    assert message.subject == "Jo's programme: the rebuild run FAILED"
    assert "Last published version: none" in message.text


def test_a_message_is_cut_where_a_chat_would_cut_it(folder: ProgrammeFolder):
    failures = [f"{number} {'x' * 5000}" for number in range(1, FAILURES_SHOWN + 4)]
    text = describe_failed_run(folder, "nightly", failures, "the.log").text
    assert "- … and 3 more" in text and "Run: the.log" in text
    assert len(text) < 8000


def test_mail_reaches_everybody_who_is_named(folder: ProgrammeFolder, environment):
    with serve(server := receivers.MailServer()) as port:
        environment.setenv("ALERT_MAIL_TO", "jo@example.com, sam@example.com")
        environment.setenv("SMTP_URL", f"smtp://127.0.0.1:{port}")
        assert send_failure(folder) == []
    [(recipients, sent)] = server.received
    mail = email.message_from_string(sent, policy=email.policy.default)
    assert recipients == ["jo@example.com", "sam@example.com"]
    assert (mail["Subject"], mail["From"]) == ("Jo's programme: the nightly run FAILED", "jo@example.com")
    assert FAILURE in mail.get_content()


def test_an_address_that_the_mail_server_refuses_is_reported(folder: ProgrammeFolder, environment):
    with serve(server := receivers.MailServer(refuses="sam@")) as port:
        environment.setenv("ALERT_MAIL_TO", "jo@example.com,sam@example.com")
        environment.setenv("SMTP_URL", f"smtp://127.0.0.1:{port}")
        assert send_failure(folder) == ["mail (ALERT_MAIL_TO): 1 of its addresses were refused"]
    assert [recipients for recipients, _ in server.received] == [["jo@example.com"]]


def test_a_password_is_not_sent_without_encryption(folder: ProgrammeFolder, environment):
    with serve(server := receivers.MailServer()) as port:
        environment.setenv("ALERT_MAIL_TO", "jo@example.com")
        environment.setenv("SMTP_URL", f"smtp://jo:{SECRET}@127.0.0.1:{port}")
        [problem] = send_failure(folder)
    assert problem.endswith("the server of SMTP_URL offers no encryption, and without it no password is sent")
    assert not [command for command in server.commands if command.startswith("AUTH")]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_reported(folder: ProgrammeFolder, environment, caplog, status: int):
    with serve(webhook := receivers.Webhook(status)) as port:
        environment.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/{SECRET}")
        assert send_failure(folder) == [f"the webhook (ALERT_WEBHOOK_URL): it answered {status}"]
    assert len(webhook.received) == 1, "a redirect is not followed: it would become a GET"
    assert f"the webhook (ALERT_WEBHOOK_URL): it answered {status}" in caplog.text


def test_receivers_that_are_down_are_reported(folder: ProgrammeFolder, environment):
    with serve(receivers.Webhook()) as port:
        pass
    environment.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/{SECRET}")
    environment.setenv("ALERT_MAIL_TO", "jo@example.com")
    environment.setenv("SMTP_URL", f"smtps://jo:{SECRET}@127.0.0.1:{port}")
    assert send_failure(folder) == [
        "the webhook (ALERT_WEBHOOK_URL): Connection refused",
        "mail (ALERT_MAIL_TO): Connection refused",
    ]


@pytest.mark.parametrize(("module", "bound"), [(channels, "SECONDS"), (sending, "DEADLINE")])
def test_a_receiver_that_does_not_answer_is_given_up(folder: ProgrammeFolder, environment, module, bound: str):
    environment.setattr(module, bound, 0.2)
    silence = threading.Event()
    started = time.monotonic()
    with serve(receivers.Webhook(silence=silence)) as port:
        environment.setenv("ALERT_WEBHOOK_URL", f"http://127.0.0.1:{port}/{SECRET}")
        [problem] = send_failure(folder)
        silence.set()
    assert "within 0.2 s" in problem
    assert time.monotonic() - started < 5


def test_a_wrong_setting_is_named_without_its_value(environment):
    environment.setenv("ALERT_WEBHOOK_URL", f"hooks.example.com/{SECRET}")
    environment.setenv("ALERT_MAIL_TO", "jo@example.com")
    with pytest.raises(ChannelMisconfigured) as raised:
        read_channels()
    assert [line.split()[0] for line in str(raised.value).splitlines()] == ["ALERT_WEBHOOK_URL", "ALERT_MAIL_TO"]
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "https://", "https://h:port/x", "https://[::1/x", "https://h/a b", "https://jo:pw@h/x"],
)
def test_a_webhook_must_be_an_address_that_can_be_posted_to(environment, url: str):
    environment.setenv("ALERT_WEBHOOK_URL", url)
    with pytest.raises(ChannelMisconfigured, match="ALERT_WEBHOOK_URL must"):
        read_channels()


def test_no_channel_shows_its_secret(environment):
    environment.setenv("ALERT_WEBHOOK_URL", f"https://hooks.example.com/{SECRET}")
    environment.setenv("ALERT_MAIL_TO", "ops@example.com")
    environment.setenv("SMTP_URL", f"smtp://jo%40example.com:{SECRET}@mail.example.com")
    webhook, mail = read_channels()
    assert isinstance(webhook, Webhook) and isinstance(mail, Mail)
    assert mail.sender == "jo@example.com"
    assert "hunter2" not in repr([webhook, mail])


def test_without_a_receiver_no_alert_is_sent(folder: ProgrammeFolder, caplog):
    assert send_failure(folder) == []
    assert not caplog.text


def test_a_version_that_only_a_target_lacks_is_told_as_published():
    behind = "published__targets: bi_db: Connection refused; it still has version v1"
    assert describe_effect([behind]) == "The newest version is published in published/, but not everywhere else."
    assert describe_effect([behind, "raw: no"]) == describe_effect([]) == "The last published version is unchanged."
