"""The sample's pages in a real browser without a window: they render, complain of nothing and ask nobody for anything."""

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, SLOW, Run
from tests.servers.processes import INSTALL

AXE = REPOSITORY / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
A4_WIDTH = round((210 - 2 * 14) / 25.4 * 96)  # pixels between the margins
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium")


def browse(address: str, profile: Path, *options: str) -> subprocess.CompletedProcess:
    quiet = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
    rooted = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return subprocess.run(
        [BROWSER, "--headless", "--disable-gpu", *quiet, *rooted, f"--user-data-dir={profile}", *options, address],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def site(sample_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What was published on this machine, beside a page that asks for a picture, and complains."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sample_run.programme / "published" / "report.html", folder / "report.html")
    shutil.copytree(sample_run.programme / "published" / "docs", folder / "docs")
    (folder / "careless.html").write_text(
        "<h1>Hello</h1><img src='http://pictures.invalid/x.png'><script>console.error('oh')</script>"
    )
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def list_requests(log: Path, site: str) -> set[str]:
    """The page itself and what it asked for; what the browser asks on its own account has no page for an initiator."""
    asked = [
        event["params"] for event in json.loads(log.read_text())["events"] if "initiator" in event.get("params", {})
    ]
    return {ask["url"] for ask in asked if ask["url"].startswith(site) or ask["initiator"] == site}


def open_page(address: str, site: str, folder: Path) -> tuple[str, set[str], list[str]]:
    """What was rendered, what was asked for, and what the page complained of."""
    log = folder / "net.json"
    # dbt's page fills itself in; the budget is not waited for where nothing is left to do.
    waiting = ("--virtual-time-budget=5000", "--dump-dom")
    done = browse(address, folder / "profile", "--enable-logging=stderr", f"--log-net-log={log}", *waiting)
    assert done.returncode == 0, done.stderr
    return done.stdout, list_requests(log, site), [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_it_renders_without_a_complaint_or_a_request(site: str, tmp_path: Path):
    rendered, asked, complaints = open_page(f"{site}/report.html", site, tmp_path)
    assert "<h1>Northwind Coffee</h1>" in rendered
    assert "spring-revenue" in rendered and "</svg>" in rendered
    assert asked == {f"{site}/report.html"}
    assert not complaints


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("dictionary.html", "Merchandise after discount"),
        pytest.param("index.html#!/overview", "keep <strong>reach apart from results</strong>", marks=SLOW),
        pytest.param("index.html#!/model/model.reach_and_results.results__orders", "net_revenue", marks=SLOW),
    ],
)
def test_the_docs_open_without_a_complaint_or_a_request(site: str, tmp_path: Path, page: str, shown: str):
    rendered, asked, complaints = open_page(f"{site}/docs/{page}", site, tmp_path)
    assert shown in rendered.rpartition("</script>")[2]
    assert {address.partition("#")[0] for address in asked} == {f"{site}/docs/{page.partition('#')[0]}"}
    assert not complaints


def test_a_page_that_asks_and_complains_would_be_caught(site: str, tmp_path: Path):
    _, asked, complaints = open_page(f"{site}/careless.html", site, tmp_path)
    assert {f"{site}/careless.html", "http://pictures.invalid/x.png"} <= asked
    assert len(complaints) == 1


def test_it_prints(sample_run: Run, tmp_path: Path):
    pdf = tmp_path / "report.pdf"
    page = sample_run.programme / "published" / "report.html"
    done = browse(page.as_uri(), tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    assert done.returncode == 0, done.stderr
    assert pdf.read_bytes().startswith(b"%PDF")


def run_in(html: str, script: str, folder: Path, width: int):
    """What the script hands to `show`, in a window of that width. The report itself allows no script, so its rule is taken
    out of the copy."""
    page = folder / "page.html"
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    show = "const show = (result) => { document.title = JSON.stringify(result) };"
    page.write_text(html.replace("</body>", f"<script>{show} {script}</script></body>"))
    options = ("--virtual-time-budget=20000", f"--window-size={width},900", "--dump-dom")
    done = browse(page.as_uri(), folder / "profile", *options)
    found = re.search("<title>(.*?)</title>", done.stdout, re.S)
    assert found, done.stderr
    return json.loads(unescape(found[1]))


@pytest.fixture
def report(sample_run: Run) -> str:
    return (sample_run.programme / "published" / "report.html").read_text(encoding="utf-8")


def test_no_table_is_cut_on_paper(report: str, tmp_path: Path):
    """With the style sheet for paper, in a window as wide as an A4 page between its margins."""
    paper = report.replace("@media print", "@media all").replace("@media (max-width: 46rem)", "@media not all")
    script = f"""
        const wide = [...document.querySelectorAll("table")].filter((one) => one.scrollWidth > {A4_WIDTH});
        const result = wide.map((one) => one.innerText.slice(0, 60)); show(result)"""
    assert run_in(paper, script, tmp_path, A4_WIDTH) == []
    as_on_screen = paper.replace("overflow-wrap: break-word", "white-space: nowrap")
    assert run_in(as_on_screen, script, tmp_path, A4_WIDTH) != []


@pytest.mark.servers
@pytest.mark.parametrize("width", [1280, 500])
def test_axe_finds_nothing_and_the_page_is_not_wider_than_its_window(report: str, tmp_path: Path, width: int):
    """500 pixels are the narrowest window of a headless Chromium; the style sheet is that of a phone."""
    if not AXE.exists():
        pytest.skip(f"axe-core is not installed: {INSTALL}")
    script = """
        axe.run(document, {resultTypes: ["violations"]}).then((found) => {
          const problems = found.violations.map((one) => [one.id, one.nodes.slice(0, 5).map((node) => node.html)]);
          const result = {problems, passed: found.passes.length, width: document.documentElement.scrollWidth};
          show(result)
        })"""
    found = run_in(report, AXE.read_text() + script, tmp_path, width)
    assert found["problems"] == []
    assert found["passed"] > 30
    assert found["width"] <= width
