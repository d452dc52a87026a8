"""The files in deploy/ say what the product does: units that systemd accepts, and containers of the locked versions."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("*@.*"))


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_unit(unit: str, tmp_path: Path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed here: apt-get install systemd")
    for name in UNITS:
        # As for an instance; user and folder need not be here.
        text = (DEPLOY / name).read_text()
        text = re.sub(r"^(User|Group|WorkingDirectory|ReadWritePaths)=.*$", "", text, flags=re.MULTILINE)
        (tmp_path / name.replace("@", "@northwind")).write_text(text)
    done = subprocess.run(
        [analyze, "verify", str(tmp_path / unit.replace("@", "@northwind"))],
        capture_output=True, text=True, env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_has_the_locked_uv_and_runs_as_nobody_special():
    text = (DEPLOY / "Dockerfile").read_text()
    [locked] = re.findall(r"^UV_VERSION := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={locked}" in text
    assert text.count("\nFROM ") == 2 and "\nUSER 10001\n" in text.split("\nFROM ")[-1]
    groups = re.findall(r"--group (\S+)", text)
    assert set(groups) == {"postgresql", "s3", "gs", "az", "dagster-postgres"}


def test_compose_shows_the_ui_to_this_machine_only():
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    assert set(services) == {"webserver", "daemon", "history"}
    assert services["webserver"]["ports"] == ["127.0.0.1:${PORT:-3000}:3000"]
    assert not [name for name, service in services.items() if name != "webserver" and "ports" in service]
