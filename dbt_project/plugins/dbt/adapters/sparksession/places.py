"""Where Spark writes: schemas in our own folder, which a full refresh empties. The driver and all workers must share
that folder, and raw. Where each worker writes to its own disk, Spark reports no error, and reads nothing back.
"""

import os
import re
from typing import Any
from urllib.parse import unquote

from dbt_common.exceptions import DbtRuntimeError

TABLES = "tables_of_reach_and_results"
ROWS, FILES = 64, 8


def tables_folder(storage: str) -> str:
    """Our own folder below `storage`: it is emptied."""
    return f"{storage.rstrip('/')}/{TABLES}"


def name_place(folder: str, table: str) -> str:
    """Where a table lies that stays for the next run: outside of its schema, which goes with all that is in it."""
    return f"{folder}/tables_that_stay/{table}"


def create_schema(session: Any, folder: str, name: str) -> None:
    """A schema in our folder. Raises DbtRuntimeError if the catalog has one of this name that is not ours."""
    there = {schema.name: schema.locationUri for schema in session.catalog.listDatabases()}
    if name in there and not is_within(there[name], folder):
        raise DbtRuntimeError(describe_foreign(name, there[name]))
    session.sql(f"create schema if not exists {name} location '{quote(f'{folder}/{name}.db')}'")


def list_schemas(session: Any, folder: str) -> list[str]:
    """Those in our folder."""
    return [schema.name for schema in session.catalog.listDatabases() if is_within(schema.locationUri, folder)]


def drop_schemas(session: Any, folder: str) -> None:
    """With their tables and files."""
    for name in list_schemas(session, folder):
        session.sql(f"drop schema {name} cascade")


def describe_foreign(name: str, place: str) -> str:
    if TABLES in place:
        return (
            f"Spark's catalog has the schema {name} of another programme, whose tables are in {place}. One server"
            " builds one programme at a time. What to do: wait until the other run has ended, or start one server for"
            " each programme. If no run is under way, one was killed: run that programme again, which removes these"
            " tables"
        )
    return (
        f"Spark's catalog has a schema {name} that is not of this programme, in {place}. What to do: start a"
        " Spark Connect server for this programme alone, or use another catalog"
    )


def empty_folder(session: Any, folder: str) -> None:
    """Remove what an earlier run left. An overwrite removes everything below a folder, on whatever file system Spark
    knows."""
    drop_schemas(session, folder)
    session.range(0).write.mode("overwrite").parquet(folder)


def check_storage(session: Any, folder: str) -> None:
    """Raises DbtRuntimeError if rows that several tasks write there cannot be read back."""
    folder = f"{folder}/rows_of_a_check"
    session.range(0, ROWS, 1, FILES).write.mode("overwrite").parquet(folder)
    read = session.read.schema("id long").parquet(folder).count()
    if read != ROWS:
        raise DbtRuntimeError(
            f"Spark's workers wrote {ROWS} rows to {folder}, and {read} of them can be read back. It is not a folder"
            " that all workers share. What to do: set storage of the engine in settings.yml to a folder that all"
            " workers and the driver share, or to a URL that Spark knows"
        )


def check_raw(session: Any, raw: str) -> None:
    """Raises DbtRuntimeError unless workers read raw as this machine does: without files, a table is empty."""
    file = f"{raw}/ledger/deliveries.parquet"
    try:
        [[length]] = session.read.format("binaryFile").load(escape_pattern(file)).select("length").collect()
    except Exception as error:
        if not re.search("PATH_NOT_FOUND|FAILED_READ_FILE|FileNotFound|not enough values", str(error)):
            raise
        length = None
    if length != os.path.getsize(file):
        raise DbtRuntimeError(
            f"Spark's workers do not see {raw} as this machine does. What to do: put the programme's folder where this"
            " machine and all workers have it at the same path, or set storage of the engine in settings.yml to a"
            " folder that they share: raw is then copied there"
        )


def is_within(place: str, folder: str) -> bool:
    return _plain(place).startswith(_plain(folder).rstrip("/") + "/")


def _plain(place: str) -> str:
    return unquote(re.sub("^file:/*", "/", place))


def quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def escape_pattern(path: str) -> str:
    """Of Hadoop."""
    return re.sub(r"([\\*?\[\]{},])", r"\\\1", path)
