"""Where alerts go, as the environment configures it. Addresses are secrets: no message and no `repr` shows one.

ALERT_WEBHOOK_URL   gets a POST of {"text": …}, as Slack, Mattermost, Google Chat and Teams' workflows take it
ALERT_MAIL_TO       addresses, separated by commas; needs
SMTP_URL            smtp://user:password@host:587 (encrypted by STARTTLS) or smtps://user:password@host:465
ALERT_MAIL_FROM     the sender; else SMTP_URL's user where that is an address, else the first of ALERT_MAIL_TO
"""

import json
import os
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from orchestration.runtime.alerts.message import Message

SECONDS = 10
"""Timeout of each network operation."""


class ChannelMisconfigured(ValueError):
    """A channel cannot work as configured; the message names the variable, never its value."""


class NotSent(Exception):
    """A receiver was not reached or refused the message; the text contains no address."""


class Channel(Protocol):
    @property
    def name(self) -> str:
        """For messages: what it is and the variable that configures it."""

    def send(self, message: Message) -> None:
        """Raises NotSent."""


class RefuseRedirects(HTTPRedirectHandler):
    """A redirected POST becomes a GET: it would succeed and deliver nothing."""

    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Webhook:
    url: str = field(repr=False)
    name: str = "the webhook (ALERT_WEBHOOK_URL)"

    def send(self, message: Message) -> None:
        request = Request(
            self.url,
            json.dumps({"text": message.text}).encode(),
            {"Content-Type": "application/json", "User-Agent": "reach-and-results"},
        )
        try:
            build_opener(RefuseRedirects).open(request, timeout=SECONDS).close()
        except (OSError, HTTPException, ValueError) as error:
            problem = describe(error)
        else:
            return
        # Outside of the except clause: an error of urllib may contain the URL, and would be chained as the context.
        raise NotSent(problem)


@dataclass(frozen=True)
class Mail:
    to: str
    sender: str
    server: SplitResult = field(repr=False)
    name: str = "mail (ALERT_MAIL_TO)"

    def send(self, message: Message) -> None:
        mail = EmailMessage()
        try:
            mail["Subject"], mail["From"], mail["To"] = message.subject, self.sender, self.to
            mail["Date"], mail["Message-ID"] = formatdate(), make_msgid()
            mail.set_content(message.text)
            with self.connect() as server:
                refused = server.send_message(mail)
            problem = f"{len(refused)} of its addresses were refused" if refused else None
        except (OSError, ValueError) as error:
            problem = describe(error)
        except NoEncryption:
            problem = "the server of SMTP_URL offers no encryption, and without it no password is sent"
        if problem:
            raise NotSent(problem)

    def connect(self) -> smtplib.SMTP:
        """Logged in; encrypted if the server offers it, and always if there is a password to send."""
        host, user = self.server.hostname or "", unquote(self.server.username or "")
        context = ssl.create_default_context()
        if self.server.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, self.server.port or 465, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, self.server.port or (587 if user else 25), timeout=SECONDS)
            server.ehlo()
            # A relay on this machine often has a self-signed certificate.
            if server.has_extn("starttls") and (user or host not in ("localhost", "127.0.0.1", "::1")):
                server.starttls(context=context)
            elif user:
                server.close()
                raise NoEncryption
        if user:
            server.login(user, unquote(self.server.password or ""))
        return server


class NoEncryption(Exception):
    """The password would be sent in clear text."""


def describe(error: Exception) -> str:
    """What went wrong, without the library's own text, which may repeat an address or a password."""
    while isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    match error:
        case HTTPError():
            return f"it answered {error.code}"
        case smtplib.SMTPResponseException():
            return f"the server answered {error.smtp_code}"
        case TimeoutError():
            return f"no answer within {SECONDS} s"
        case ssl.SSLError():
            return f"no trusted encryption ({error.reason or type(error).__name__})"
        case OSError(strerror=str() as words) if not isinstance(error, URLError | smtplib.SMTPException):
            return words
    return type(error).__name__


def read_channels() -> list[Channel]:
    """The channels that the environment configures. Raises ChannelMisconfigured with every problem, one per line."""
    channels: list[Channel] = []
    problems = []
    for read in (read_webhooks, read_mails):
        try:
            channels += read()
        except ChannelMisconfigured as problem:
            problems.append(str(problem))
    if problems:
        raise ChannelMisconfigured("\n".join(problems))
    return channels


def read_webhooks() -> Iterator[Webhook]:
    if url := os.environ.get("ALERT_WEBHOOK_URL", "").strip():
        parts = split_url(url, "ALERT_WEBHOOK_URL", ("https", "http"))
        if parts.username is not None or parts.password is not None:
            raise ChannelMisconfigured("ALERT_WEBHOOK_URL must not contain a user or a password before the host")
        yield Webhook(url)


def read_mails() -> Iterator[Mail]:
    to = os.environ.get("ALERT_MAIL_TO", "").strip()
    if not to:
        return
    url = os.environ.get("SMTP_URL", "").strip()
    if not url:
        raise ChannelMisconfigured(
            "ALERT_MAIL_TO needs SMTP_URL: smtp://user:password@host:587 or smtps://user:password@host:465"
        )
    server = split_url(url, "SMTP_URL", ("smtp", "smtps"))
    if any("@" not in address for address in to.split(",")):
        raise ChannelMisconfigured("ALERT_MAIL_TO must be mail addresses, separated by commas")
    user = unquote(server.username or "")
    sender = os.environ.get("ALERT_MAIL_FROM", "").strip() or (user if "@" in user else to.split(",")[0].strip())
    yield Mail(to, sender, server)


def split_url(url: str, variable: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of a URL. Raises ChannelMisconfigured if the scheme is not in `schemes`, there is no host, or a
    character is not allowed in a URL."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in schemes and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        is_usable = False
    if not is_usable or any(not "!" <= character <= "~" for character in url):
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ChannelMisconfigured(f"{variable} must be a URL that begins with {beginnings}")
    return parts
