"""Dagster's home: one a programme, so that runs, checks and schedules of different programmes never mix."""

import os
import shutil
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder

SETTINGS = Path(__file__).with_name("dagster.yaml")


def prepare_home(folder: ProgrammeFolder) -> Path:
    """Make the home below the warehouse; DAGSTER_HOME and PROGRAMME of this process and its children point at it."""
    home = folder.warehouse / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SETTINGS, home / "dagster.yaml")
    os.environ.update(DAGSTER_HOME=os.fspath(home), PROGRAMME=os.fspath(folder.path), DAGSTER_DISABLE_TELEMETRY="1")
    return home
