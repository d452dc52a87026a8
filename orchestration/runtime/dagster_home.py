"""Dagster's home folder (DAGSTER_HOME), one per programme: runs, checks and schedules of programmes never mix.

Dagster itself runs here with its stock SQLite storages; this module prepares, migrates and, if damaged, removes them.
If settings.yml names a database (`history:`), runs, events and schedules are there, in Dagster's PostgreSQL storages.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import metadata
from pathlib import Path

from orchestration.programme.atomic import replace_whole
from orchestration.programme.connections import FilledConnection, VariableMissing
from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.settings import check_settings
from orchestration.programme.unvalidated_plan import read_programme_name
from orchestration.runtime.run_log import log

SETTINGS = Path(__file__).with_name("dagster.yaml")


HISTORY_URL = "REACH_AND_RESULTS_HISTORY_URL"
"""The variable in which Dagster finds the history's database. It is set here, and no file has its value."""
IN_POSTGRES = f"""
storage:
  postgres:
    postgres_url: {{env: {HISTORY_URL}}}
"""


def prepare_home(folder: ProgrammeFolder) -> Path:
    """Create the home in the warehouse folder, and set DAGSTER_HOME and PROGRAMME for this process and its children.

    Raises ProgrammeError if settings.yml has mistakes, HistoryNotUsable if its database cannot be used."""
    history = read_history(folder)
    home = folder.warehouse / "dagster"
    for damaged in find_damaged(home):
        log.warning("%s is damaged: Dagster's history is removed; published versions stay", damaged)
        shutil.rmtree(home)
        break
    home.mkdir(parents=True, exist_ok=True)
    # Atomically: the UI may be reading it.
    with replace_whole(home / "dagster.yaml") as temporary:
        temporary.write_text(SETTINGS.read_text() + (IN_POSTGRES if history else ""))
    if history:
        url = make_history_url(history)
        claim_history(url, read_programme_name(folder), history)
        os.environ[HISTORY_URL] = url
    os.environ.update(DAGSTER_HOME=os.fspath(home), PROGRAMME=os.fspath(folder.path), DAGSTER_DISABLE_TELEMETRY="1")
    migrate_history(home, is_elsewhere=history is not None)
    return home


class HistoryNotUsable(Exception):
    """The database of `history:` cannot be reached, or is another programme's; the message has no secret."""


def read_history(folder: ProgrammeFolder) -> FilledConnection | None:
    """The connection that `history:` of settings.yml names, if any. Raises ProgrammeError, HistoryNotUsable."""
    if not folder.settings_file.exists():
        return None
    settings, problems = check_settings(read_document(folder.settings_file))
    if problems:
        raise ProgrammeError(problems)
    if settings.history is None:
        return None
    try:
        return settings.connections[settings.history].fill(settings.history)
    except VariableMissing as error:
        raise HistoryNotUsable(str(error)) from None


def make_history_url(connection: FilledConnection) -> str:
    from sqlalchemy import URL

    url = URL.create(
        "postgresql", connection.username, connection.password, connection.host, connection.port, connection.path,
        dict(connection.query),
    )  # fmt: skip
    return url.render_as_string(hide_password=False)


def claim_history(url: str, programme: str, connection: FilledConnection) -> None:
    """Make the database this programme's. Two programmes in one history would release each other's checks."""
    try:
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError

        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, connect_args={"connect_timeout": 10})
        with engine.begin() as opened:
            opened.execute(sqlalchemy.text("create table if not exists reach_and_results (programme text primary key)"))
            claim = "insert into reach_and_results select :name where not exists (select from reach_and_results)"
            opened.execute(sqlalchemy.text(claim), {"name": programme})
            [(owner,)] = opened.execute(sqlalchemy.text("select programme from reach_and_results")).all()
    except ModuleNotFoundError as error:
        problem = f"{error.name} is not installed. Start it with make, or: uv sync --inexact --group dagster-postgres"
    except SQLAlchemyError as error:
        problem = connection.redact(str(error).splitlines()[0])
    else:
        if owner == programme:
            return
        problem = (
            f"the database has the history of {owner}, not of {programme}. Give each programme a database of its own;"
            " if the programme has a new name, change the table reach_and_results there"
        )
    raise HistoryNotUsable(f"history {connection.name}: {problem}")


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
        if index.exists() and HISTORY_URL not in os.environ:
            for database in (history / "runs.db", index, index.with_name(f"{run_id}.db")):
                held.enter_context(closing(sqlite3.connect(database))).execute("PRAGMA journal_mode = WAL")
        yield


def migrate_history(home: Path, is_elsewhere: bool = False) -> None:
    """Let Dagster migrate a history that another version wrote; remove one in this folder that it cannot migrate."""
    made_by, version = home / "made_by", metadata.version("dagster")
    if made_by.exists() and made_by.read_text() == version:
        return
    if is_elsewhere:
        from dagster import DagsterInstance

        with DagsterInstance.get() as instance:
            instance.upgrade()
    elif (home / "history" / "runs.db").exists():
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
