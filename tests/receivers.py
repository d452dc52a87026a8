"""Receivers of messages on this machine: a webhook and a mail server, as badly behaved as a test asks for."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serve(server: socketserver.BaseServer) -> Iterator[int]:
    """Runs it in a thread; gives its port."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Webhook(ThreadingHTTPServer):
    """Answers every POST with `status`; with `silence`, only once that is set; `received` are path and text."""

    def __init__(self, status: int = 200, silence: threading.Event | None = None):
        super().__init__(("127.0.0.1", 0), WebhookRequest)
        self.status, self.silence = status, silence
        self.received: list[tuple[str, str]] = []


class WebhookRequest(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/json"
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.silence:
            self.server.silence.wait(30)
        self.server.received.append((self.path, body["text"]))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.received.append((self.path, "GET"))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as smtplib asks for, without encryption; `received` are recipients and the mail as sent."""

    daemon_threads = True

    def __init__(self, refuses: str = ""):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.refuses = refuses
        self.commands: list[str] = []
        self.received: list[tuple[list[str], str]] = []


class MailSession(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 test")
        recipients: list[str] = []
        for line in iter(self.rfile.readline, b""):
            command = line.decode().strip()
            self.server.commands.append(command)
            match command.partition(" ")[0].upper():
                case "EHLO":
                    self.say("250 test")
                case "RCPT" if self.server.refuses and self.server.refuses in command:
                    self.say("550 nobody")
                case "RCPT":
                    recipients.append(command.partition(":")[2].strip("<>"))
                    self.say("250 fine")
                case "DATA":
                    self.say("354 go on")
                    lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                    self.server.received.append((recipients, "\n".join(lines)))
                    self.say("250 fine")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
