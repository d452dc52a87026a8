"""A headless Chromium driven over the DevTools protocol: opens pages and reads the responses that they get."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import websocket


class Page:
    def __init__(self, address: str) -> None:
        # Chromium refuses sockets that send an Origin header.
        self.socket = websocket.create_connection(address, suppress_origin=True, timeout=300)
        self.sent = 0
        self.events: list[dict[str, Any]] = []
        self.answers_from = 0
        for domain in ("Page", "Network", "Runtime"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.sent += 1
        number = self.sent
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def evaluate(self, script: str) -> Any:
        done = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return done["result"].get("value")

    def open(self, address: str) -> None:
        """Open a page; responses to the page before are dropped."""
        self.answers_from = len(self.events)
        self.send("Page.navigate", url=address)

    def wait_until(self, script: str, seconds: int = 600) -> None:
        """Wait until the script is true for two seconds. Raises TimeoutError."""
        held = 0
        for _ in range(seconds * 2):
            held = held + 1 if self.evaluate(script) else 0
            if held == 4:
                return
            time.sleep(0.5)
        raise TimeoutError(script)

    def read_answers(self, part_of_address: str) -> Iterator[tuple[str, int, str]]:
        """(address, status, body) of every response to the open page whose address contains the part."""
        for event in self.events[self.answers_from :]:
            if event.get("method") == "Network.responseReceived":
                response = event["params"]["response"]
                if part_of_address in response["url"]:
                    body = self.send("Network.getResponseBody", requestId=event["params"]["requestId"])["body"]
                    yield response["url"], response["status"], body

    def list_hosts(self) -> set[str]:
        """Hosts of all requests that were not blocked."""
        asked = {}
        for event in self.events:
            match event.get("method"), event.get("params", {}):
                case "Network.requestWillBeSent", {"requestId": number, "request": {"url": url}}:
                    asked[number] = urlsplit(url)
                case "Network.loadingFailed", {"requestId": number, "blockedReason": _}:
                    asked.pop(number, None)
        return {url.netloc for url in asked.values() if url.scheme in ("http", "https")}

    def list_failures(self) -> list[str]:
        return [
            event["params"]["exceptionDetails"]["text"]
            for event in self.events
            if event.get("method") == "Runtime.exceptionThrown"
        ]

    def take_picture(self, file: Path, width: int, height: int) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        time.sleep(3)
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def open_browser() -> Iterator[Page]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium here: apt-get install chromium"
    rooted = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        port = Path(profile) / "DevToolsActivePort"
        options = [
            *quiet,
            *rooted,
            f"--user-data-dir={profile}",
            "--remote-debugging-port=0",
            "--window-size=1400,1000",
        ]
        browser = subprocess.Popen([found, *options, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            while not port.exists() or not port.read_text().count("\n"):
                assert browser.poll() is None, "Chromium did not start"
                time.sleep(0.2)
            yield Page(find_page(port.read_text().split("\n")[0]))
        finally:
            browser.terminate()
            browser.wait()


def find_page(port: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
        return next(page["webSocketDebuggerUrl"] for page in json.load(answer) if page["type"] == "page")
