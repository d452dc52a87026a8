"""Dagster's home: one a programme, so that runs, checks and schedules of different programmes never mix."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log

SETTINGS = Path(__file__).with_name("dagster.yaml")


def prepare_home(folder: ProgrammeFolder) -> Path:
    """Make the home below the warehouse; DAGSTER_HOME and PROGRAMME of this process and its children point at it."""
    home = folder.warehouse / "dagster"
    for damaged in find_damaged(home):
        log.warning("%s is damaged: Dagster's history starts anew, what was published stays", damaged)
        shutil.rmtree(home)
        break
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SETTINGS, home / "dagster.yaml")
    os.environ.update(DAGSTER_HOME=os.fspath(home), PROGRAMME=os.fspath(folder.path), DAGSTER_DISABLE_TELEMETRY="1")
    write_history_without_waiting()
    return home


def write_history_without_waiting() -> None:
    """Have SQLite leave it to the system when Dagster's events reach the disk.

    Dagster commits some six thousand times a night, and waiting for the disk each time took two thirds of it. A killed
    run loses nothing by this; a power cut may damage the history, which `prepare_home` notices and starts anew.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    if not event.contains(Engine, "connect", leave_to_the_system):
        event.listen(Engine, "connect", leave_to_the_system)


def leave_to_the_system(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def find_damaged(home: Path) -> Iterator[Path]:
    """Databases of Dagster's history that SQLite cannot read."""
    for database in (
        home / "history" / "runs.db",
        home / "history" / "runs" / "index.db",
        home / "schedules" / "schedules.db",
    ):
        if database.exists():
            try:
                with closing(sqlite3.connect(database)) as connection:
                    [(verdict,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
            except sqlite3.OperationalError:
                continue  # busy: another process writes it, so it is not for us to throw away
            except sqlite3.DatabaseError:
                verdict = "unreadable"
            if verdict != "ok":
                yield database
