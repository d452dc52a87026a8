"""The files in deploy/ say what the product does: units that systemd accepts, and containers of the locked versions."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY
from tests.namespace import in_a_namespace
from tests.tiny import write_tiny

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


def read_instructions(name: str) -> Iterator[str]:
    """What follows this instruction of the Dockerfile, each time; lines that continue are joined."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
    return (found[1] for found in re.finditer(rf"^(?:HEALTHCHECK .*)?{name} (.*)$", text, re.MULTILINE))


def test_what_the_image_copies_installs_and_starts_is_there():
    copied = [source for line in read_instructions("COPY") if "--from" not in line for source in line.split()[:-1]]
    assert copied and not [source for source in copied if not (REPOSITORY / source).exists()]
    groups = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["dependency-groups"]
    assert set(re.findall(r"--group (\S+)", (DEPLOY / "Dockerfile").read_text())) <= set(groups)
    commands = [json.loads(line) for line in read_instructions("CMD")]
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"].values()
    commands += [service["command"] for service in services if "command" in service]
    modules = [command[2] for command in commands]
    assert sorted(modules) == [
        "orchestration.cli.dagster", "orchestration.cli.dagster", "orchestration.cli.nightly", "orchestration.cli.status"
    ]  # fmt: skip
    assert all((REPOSITORY / f"{module.replace('.', '/')}.py").exists() for module in modules)


@pytest.mark.slow
def test_what_the_image_has_is_enough_for_a_run_that_writes_to_the_programme_only(tmp_path: Path):
    """The stages' commands in a folder, with our packages: what is copied, dbt's manifest, a run and the health check.
    As in the image, the code is not the run's to change, and HOME is not there."""
    image = tmp_path / "opt"
    image.mkdir()
    for line in read_instructions("COPY"):
        for source in [] if "--from" in line else line.split()[:-1]:
            place = REPOSITORY / source
            if place.is_dir():
                shutil.copytree(place, image / source, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))
            else:
                shutil.copy(place, image)
    programme = write_tiny(tmp_path / "programme")
    [parse] = [line for line in read_instructions("RUN") if "dbt" in line]
    assert parse == "../.venv/bin/dbt --quiet --no-partial-parse parse"
    done = in_a_namespace(
        """
        set -e
        cd "$IMAGE/dbt_project" && "$(dirname "$PYTHON")/dbt" --quiet --no-partial-parse parse
        mount --bind "$IMAGE" "$IMAGE" && mount -o remount,ro,bind "$IMAGE"
        cd "$IMAGE"
        "$PYTHON" -c "import orchestration; print('code of', orchestration.__file__)"
        "$PYTHON" -m orchestration.cli.nightly
        "$PYTHON" -m orchestration.cli.status
        """,
        timeout=600,
        IMAGE=str(image), PROGRAMME=str(programme), PYTHONPATH=str(image), PYTHONDONTWRITEBYTECODE="1", HOME="/nowhere",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"code of {image}/orchestration/__init__.py" in done.stdout
    assert (programme / "published" / "latest.json").exists()


def test_compose_shows_the_ui_to_this_machine_only():
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    assert set(services) == {"webserver", "daemon", "history"}
    assert services["webserver"]["ports"] == ["127.0.0.1:${PORT:-3000}:3000"]
    assert not [name for name, service in services.items() if name != "webserver" and "ports" in service]
