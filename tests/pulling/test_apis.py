"""A REST API on loopback with pages, a limit of requests, a token that expires and a connection that breaks."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from orchestration.landing.pulling.results import PullFailed
from tests.pulling.conftest import Bench

SECRET = "cl1ent-s3cret/+="
PAGES = [
    [{"id": "1", "amount": 10.10, "who": {"email": "ada@x.example"}, "at": "2026-03-01T10:00:00Z"}],
    [{"id": "2", "amount": 12345678901234.123456, "who": None, "at": "2026-03-01T11:00:00Z"}],
    [{"id": "3", "amount": 7, "who": {"email": "cy@x.example"}, "at": "2026-03-02T11:00:00Z"}],
]


class Handler(BaseHTTPRequestHandler):
    """Serves PAGES; what goes wrong is in the server's `faults`, by path and page, each once."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if body.get("client_secret") != [SECRET]:
            return self.answer(401, b"{}")
        self.server.tokens += 1
        token = {
            "access_token": f"token-{self.server.tokens}",
            "expires_in": self.server.token_seconds,
            "token_type": "bearer",
        }
        return self.answer(200, json.dumps(token).encode(), Content_Type="application/json")

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        self.server.asked.append(asked)
        page = int(asked.get("page", ["1"])[0])
        if self.headers.get("Authorization") != f"Bearer token-{self.server.tokens}":
            return self.answer(401, b'{"error": "token expired"}')
        fault = self.server.faults.pop((page), None)
        if isinstance(fault, int) and fault:  # how many more times it fails
            self.server.faults[page] = fault - 1
            return self.answer(503, b"{}")
        if fault == "too many":
            return self.answer(429, b"{}", Retry_After="1")
        if fault == "broken":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"items": [{"id": "9"')
            self.close_connection = True
            return None
        time.sleep(self.server.pause)
        since = asked.get("since", [""])[0]
        items = [item for item in PAGES[page - 1] if item["at"] >= since] if page <= len(PAGES) else []
        text = json.dumps({"items": items, "next": page + 1 if page < len(PAGES) else None})
        return self.answer(200, text.replace("10.1,", "10.10,").encode(), Content_Type="application/json")


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.faults, server.asked, server.tokens, server.token_seconds, server.pause = {}, [], 0, 3600, 0.0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


ENTRY = (
    "from: src, feeds: conversions, columns: {conversion_id: id}, api: {path: /conversions, data_selector: items, paginator: {type:"
    " page_number, base_page: 1, total_path: null, stop_after_empty_page: true}"
)


def declare(bench: Bench, server: ThreadingHTTPServer, entry: str = f"{ENTRY}}}") -> None:
    base = f"http://127.0.0.1:{server.server_port}"
    settings = (
        f"{{url: '{base}/v1', auth: {{type: oauth2_client_credentials, access_token_url: '{base}/token',"
        " client_id: app, client_secret: '${CLIENT_SECRET}'}}"
    )
    bench.environment["CLIENT_SECRET"] = SECRET
    bench.declare(settings, entry)


def read(bench: Bench, file: str) -> list[str]:
    return (bench.path / file).read_text().splitlines()


def test_pages_are_followed_and_numbers_keep_their_digits(bench: Bench, server: ThreadingHTTPServer):
    declare(bench, server)
    pulled = bench.pull()
    [file] = pulled.files
    lines = read(bench, file)
    assert pulled.rows == len(lines) == 3 and [json.loads(line)["id"] for line in lines] == ["1", "2", "3"]
    assert '"amount": 10.10' in lines[0] and '"amount": 12345678901234.123' in lines[1]
    # The same again is nothing new.
    assert bench.pull().files == ()


def test_too_many_requests_broken_connections_and_old_tokens_are_survived(bench: Bench, server: ThreadingHTTPServer):
    server.faults = {1: "too many", 2: "broken"}
    server.token_seconds, server.pause = 1, 1.2
    declare(bench, server)
    pulled = bench.pull()
    assert pulled.rows == 3 and server.tokens > 1
    assert len(read(bench, pulled.files[0])) == 3


def test_a_server_that_fails_twice_is_asked_a_third_time(bench: Bench, server: ThreadingHTTPServer):
    server.faults = {2: 2}
    declare(bench, server)
    assert bench.pull().rows == 3
    assert [asked.get("page", ["1"])[0] for asked in server.asked] == ["1", "2", "2", "2", "3", "4"]


def test_a_cursor_asks_for_what_is_new(bench: Bench, server: ThreadingHTTPServer):
    incremental = "incremental: {cursor_path: at, start_param: since, initial_value: '2026-01-01T00:00:00Z'}"
    declare(bench, server, f"{ENTRY}, {incremental}}}")
    first = bench.pull()
    assert (first.rows, first.cursor) == (3, "2026-03-02T11:00:00Z")
    assert server.asked[0]["since"] == ["2026-01-01T00:00:00Z"]
    server.asked.clear()
    bench.pull()
    assert server.asked[0]["since"] == ["2026-03-02T11:00:00Z"]


def test_a_wrong_secret_is_refused_and_not_shown(bench: Bench, server: ThreadingHTTPServer):
    declare(bench, server)
    bench.environment["CLIENT_SECRET"] = "wr0ng/secret"
    with pytest.raises(PullFailed, match="401") as caught:
        bench.pull()
    assert "wr0ng" not in str(caught.value) and not caught.value.is_transient and not bench.files
