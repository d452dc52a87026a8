"""The report in a browser: what axe finds in it, on a desk and on a phone, and whether its tables fit on paper."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Run
from tests.servers.processes import INSTALL, find_program

pytestmark = pytest.mark.servers

AXE = REPOSITORY / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
# The page itself allows no script, so its rule is taken out of the copy that is examined.
RULE = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
EXAMINE = """
<script>
const text = (nodes) => nodes.slice(0, 5).map((node) => node.html);
axe.run(document, {resultTypes: ["violations"]}).then((found) => {
  const problems = found.violations.map((one) => [one.id, text(one.nodes)]);
  const result = {problems, passed: found.passes.length, width: document.documentElement.scrollWidth};
  document.body.innerHTML = "<pre id=result></pre>";
  document.getElementById("result").textContent = JSON.stringify(result);
});
</script>
"""
A4 = 1123 / 297 * (210 - 2 * 14)  # pixels between the margins of a page, at 96 dots per inch


def open_page(page: Path, *options: str) -> str:
    """The document as the browser has it after the scripts have run."""
    browser = find_program("chromium")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", *options]
    return subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=180).stdout


def examine(html: str, folder: Path, *options: str) -> dict:
    if not AXE.exists():
        pytest.skip(f"axe-core is not installed: {INSTALL}")
    page = folder / "page.html"
    page.write_text(RULE.sub("", html).replace("</body>", f"<script>{AXE.read_text()}</script>{EXAMINE}</body>"))
    found = re.search(r'<pre id="result">(.*?)</pre>', open_page(page, *options), re.S)
    assert found, "axe did not finish"
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@pytest.fixture
def html(sample_run: Run) -> str:
    return (sample_run.programme / "published" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [1280, 500])
def test_axe_finds_nothing_and_the_page_does_not_scroll_sideways(html: str, tmp_path: Path, width: int):
    """500 pixels are the narrowest window of a headless Chromium; on a phone the same rules of the style sheet hold."""
    result = examine(html, tmp_path, f"--window-size={width},900")
    assert result["problems"] == []
    assert result["passed"] > 30
    assert result["width"] <= width


def test_no_table_is_cut_on_paper(html: str, tmp_path: Path):
    """With the style sheet for paper, in a window as wide as an A4 page between its margins."""
    paper = html.replace("@media print", "@media all").replace("@media (max-width: 46rem)", "@media not all")
    measure = """<script>
    const wide = [...document.querySelectorAll("table")].filter((one) => one.scrollWidth > PAGE);
    document.body.innerHTML = "<pre id=result>" + JSON.stringify(wide.map((one) => one.innerText.slice(0, 60))) + "</pre>";
    </script></body>""".replace("PAGE", str(round(A4)))
    page = tmp_path / "paper.html"
    page.write_text(RULE.sub("", paper).replace("</body>", measure))
    found = re.search(r'<pre id="result">(.*?)</pre>', open_page(page, f"--window-size={round(A4)},1000"), re.S)
    assert found and json.loads(found[1]) == []
