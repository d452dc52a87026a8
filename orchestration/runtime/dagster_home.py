"""Dagster's home folder (DAGSTER_HOME), one per programme: runs, checks and schedules of programmes never mix.

Dagster itself runs here with its stock SQLite storages; this module prepares, migrates and, if damaged, removes them.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import metadata
from pathlib import Path

from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.run_log import log

SETTINGS = Path(__file__).with_name("dagster.yaml")


def prepare_home(folder: ProgrammeFolder) -> Path:
    """Create the home in the warehouse folder, and set DAGSTER_HOME and PROGRAMME for this process and its children."""
    home = folder.warehouse / "dagster"
    for damaged in find_damaged(home):
        log.warning("%s is damaged: Dagster's history is removed; published versions stay", damaged)
        shutil.rmtree(home)
        break
    home.mkdir(parents=True, exist_ok=True)
    # Atomically: the UI may be reading it.
    with replace_whole(home / "dagster.yaml") as temporary:
        shutil.copyfile(SETTINGS, temporary)
    os.environ.update(DAGSTER_HOME=os.fspath(home), PROGRAMME=os.fspath(folder.path), DAGSTER_DISABLE_TELEMETRY="1")
    migrate_history(home)
    return home


@contextmanager
def keep_history_open(folder: ProgrammeFolder, run_id: str) -> Iterator[None]:
    """Hold a connection to each file of the history that the run writes.

    Dagster opens and closes a connection for each of some thousand writes, and SQLite removes its write-ahead log with
    the last connection that closes. With one held open it does not: a quarter less time for a run on the sample.
    Does nothing if the history is kept elsewhere.
    """
    history = folder.warehouse / "dagster" / "history"
    index = history / "runs" / "index.db"
    with ExitStack() as held:
        if index.exists():
            for database in (history / "runs.db", index, index.with_name(f"{run_id}.db")):
                held.enter_context(closing(sqlite3.connect(database))).execute("PRAGMA journal_mode = WAL")
        yield


def migrate_history(home: Path) -> None:
    """Let Dagster migrate a history that another version wrote; remove a history that it cannot migrate."""
    made_by, version = home / "made_by", metadata.version("dagster")
    if made_by.exists() and made_by.read_text() == version:
        return
    if (home / "history" / "runs.db").exists():
        from alembic.util import CommandError
        from dagster import DagsterInstance
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with DagsterInstance.get() as instance:
                instance.upgrade()
            log.info("Dagster's history was migrated to version %s", version)
        except (CommandError, SQLAlchemyError) as error:
            reason = str(error).splitlines()[0]
            log.warning("Dagster %s cannot read its history, which is removed (%s)", version, reason)
            shutil.rmtree(home)
            home.mkdir()
            shutil.copyfile(SETTINGS, home / "dagster.yaml")
    made_by.write_text(version)


def find_damaged(home: Path) -> Iterator[Path]:
    """Databases of Dagster's history that SQLite cannot read."""
    for database in (*home.glob("history/*.db"), *home.glob("history/runs/*.db"), *home.glob("schedules/*.db")):
        try:
            with closing(sqlite3.connect(database)) as connection:
                [(verdict,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.OperationalError:
            continue  # busy: another process is writing, so it must not be removed
        except sqlite3.DatabaseError:
            verdict = "unreadable"
        if verdict != "ok":
            yield database
