"""Takes the pictures of the README: a run of the sample on a fixed day, in headless Chromium.

.venv/bin/python docs/pictures.py        two minutes; looks for chromium on the PATH
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

REPOSITORY = Path(__file__).parents[1]
PICTURES = Path(__file__).with_name("pictures")
# In the middle of the sample's months, so that goals have every status.
AS_OF = "2026-05-15"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60
LIGHT, DARK = (f"--blink-settings=preferredColorScheme={scheme}" for scheme in (1, 0))


def main() -> int:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("No Chromium here: apt-get install chromium", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        programme = Path(folder, "Northwind Coffee")
        programme.mkdir()
        for name in ("plan.yml", "extracts.yml"):
            shutil.copy2(REPOSITORY / "sample" / "programme" / name, programme)
        shutil.copytree(REPOSITORY / "sample" / "programme" / "landing", programme / "landing")
        home = programme / "warehouse" / "dagster"
        environment = {**os.environ, "PROGRAMME": str(programme), "AS_OF": AS_OF, "DAGSTER_HOME": str(home)}
        run = [sys.executable, "-m", "orchestration.cli.nightly"]
        subprocess.run(run, cwd=REPOSITORY, env=environment, check=True, stdout=sys.stderr)

        PICTURES.mkdir(exist_ok=True)
        profile = Path(folder, "profile")
        report = (programme / "published" / "report.html").as_uri()
        take(browser, profile, report, "report-light.png", (1000, 1090), LIGHT)
        take(browser, profile, report, "report-dark.png", (1000, 1090), DARK)
        with serve_dagster(environment) as address:
            take(browser, profile, f"{address}/asset-groups", "dagster.png", (1600, 800), LIGHT)
    return 0


def take(browser: str, profile: Path, address: str, name: str, size: tuple[int, int], scheme: str) -> None:
    rooted = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", "--disable-gpu", "--hide-scrollbars", *rooted, scheme, f"--user-data-dir={profile}"]
    window = ["--window-size={},{}".format(*size), "--virtual-time-budget=30000", f"--screenshot={PICTURES / name}"]
    subprocess.run([browser, *options, *window, address], check=True, capture_output=True, timeout=2 * PATIENCE)
    print(PICTURES / name)


@contextmanager
def serve_dagster(environment: dict[str, str]) -> Iterator[str]:
    """Serve the Dagster UI; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    tool = Path(sys.executable).with_name("dagster-webserver")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    serving = subprocess.Popen([tool, "-h", "127.0.0.1", "-p", str(port)], cwd=REPOSITORY, env=environment, **quiet)
    try:
        wait_for(f"{address}/server_info")
        yield address
    finally:
        serving.terminate()
        serving.wait()


def wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address):
                return
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
