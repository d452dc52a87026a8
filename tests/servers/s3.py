"""An object store for a test: moto's S3 server on loopback, behind a proxy that can fail requests."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class ObjectStore:
    """`url` is what clients connect to. `fail_next` requests get a 500; every request is in `requests`."""

    def __init__(self, port: int, inner: int):
        self.url, self.inner = f"http://127.0.0.1:{port}", inner
        self.fail_next = 0
        self.fail_always: str | None = None
        self.requests: list[str] = []

    def must_fail(self, request: str) -> bool:
        self.requests.append(request)
        if self.fail_always is not None and self.fail_always in request:
            return True
        self.fail_next -= 1
        return self.fail_next >= 0


@contextmanager
def run_store() -> Iterator[ObjectStore]:
    pytest.importorskip("moto", reason="uv sync --inexact --group servers --group s3")
    pytest.importorskip("s3fs", reason="uv sync --inexact --group servers --group s3")
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    _, inner = moto.get_host_and_port()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    proxy.store = ObjectStore(proxy.server_port, inner)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield proxy.store
    finally:
        proxy.shutdown()
        moto.stop()


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self) -> None:
        store: ObjectStore = self.server.store
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if store.must_fail(f"{self.command} {self.path}"):
            self.answer(500, b"<Error><Code>InternalError</Code><Message>injected</Message></Error>", {})
            return
        connection = http.client.HTTPConnection("127.0.0.1", store.inner)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        self.answer(answer.status, answer.read(), dict(answer.getheaders()))
        connection.close()

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = next((v for k, v in headers.items() if k.lower() == "content-length"), "0")
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

    def log_message(self, *_: object) -> None:
        pass
