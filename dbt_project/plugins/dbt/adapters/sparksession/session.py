"""The one Spark session of this process, which dbt's threads share."""

import os
import re
import shlex
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dbt.adapters.sparksession.kept import recover_tables
from dbt.adapters.sparksession.losses import NobodyComputes, Watch, find_loss, forget_loss, is_loss, note_loss
from dbt.adapters.sparksession.places import (
    check_raw,
    check_storage,
    create_schema,
    drop_schemas,
    empty_folder,
    tables_folder,
)
from dbt.adapters.sparksession.remote import connect, describe_place
from dbt_common.exceptions import DbtRuntimeError
from keyed import pads, read_key

# Names of settings whose value nobody may read; Spark's own pattern lacks some.
SECRET = r"(?i)password|secret|token|credential|access[._-]?key|account[._-]?key"
# What every model counts on, whichever cluster it is; set per session.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    # In event logs and pages of the UI.
    "spark.sql.redaction.options.regex": SECRET,
}
# Of a driver in this process. The catalog is in memory: a run that builds upon the last one says what that left.
OF_OWN_DRIVER = {
    "spark.ui.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.redaction.regex": SECRET,
}
PADS = "engine.pads"
_lock = threading.Lock()
_session: Any = None
_credentials: Any = None


def open_session(credentials: Any, left: Collection[str] = ()) -> Any:
    """The session, opened on first use; with the tables that the last run `left`, or without any. Raises
    DbtRuntimeError if Spark cannot be reached or started."""
    global _session, _credentials
    with _lock:
        if _session is None:
            sys.path += [path for path in map(os.path.abspath, credentials.module_paths) if path not in sys.path]
            forget_loss()
            _credentials = credentials
            try:
                _session = start_session(credentials, left)
            except Exception as error:
                raise fail(error) from error
        return _session


def find_session() -> Any:
    """The open session, or None."""
    return _session


def close_session(keeps: bool = False) -> None:
    """End the session, and with it a driver in this process. The key's table goes first, and every other one with its
    files, but, if it `keeps` them, those that stay for the next run. A driver or server that was lost leaves all to
    the next run."""
    global _session
    with _lock:
        session, _session = _session, None
    if session is None:
        return
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        folder = tables_folder(_credentials.storage)
        if find_loss() is None:
            session.sql(f"drop table if exists {PADS}")
            drop_schemas(session, folder)
            if not (keeps or _credentials.remote):
                remove_folder(session, folder)
        session.stop()
    except (PySparkException, Py4JError, OSError) as error:
        # The run has failed already, and says why.
        print(describe_failure(error).msg, file=sys.stderr)


def start_session(credentials: Any, left: Collection[str]) -> Any:
    config = {str(name): str(value) for name, value in credentials.config.items()}
    watch = Watch(credentials.wait_minutes)
    if credentials.remote:
        session = connect(credentials.remote, SETTINGS | config, watch)
    else:
        session = start_driver(credentials, config)
    try:
        folder = tables_folder(credentials.storage)
        if not (credentials.remote or credentials.is_local):
            watch.start(session.sparkContext)
        if left:
            drop_schemas(session, folder)
            recover_tables(session, folder, left)
        elif credentials.remote:
            empty_folder(session, folder)
        else:
            remove_folder(session, folder)
        if not credentials.is_local:
            check_storage(session, folder)
            if raw := os.environ.get("RAW_LOCATION"):
                check_raw(session, raw)
        write_pads(session)
    except Exception:
        session.stop()
        raise
    return session


def start_driver(credentials: Any, config: Mapping[str, str]) -> Any:
    """A driver in this process."""
    from pyspark.sql import SparkSession

    own = {"spark.sql.warehouse.dir": tables_folder(credentials.storage), "spark.driver.memory": driver_memory()}
    settings = OF_OWN_DRIVER | own | SETTINGS | config
    secret = {name: value for name, value in settings.items() if re.search(SECRET, name)}
    builder = SparkSession.builder.master(credentials.master).appName("reach-and-results")
    for name, value in settings.items():
        if name not in secret:
            builder = builder.config(name, value)
    with pass_in_file(secret):
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


@contextmanager
def pass_in_file(settings: Mapping[str, str]) -> Iterator[None]:
    """Pass settings to a driver that is started inside this block, in a file that only this user can read. Settings of
    a builder are in the driver's command line, which every user of the machine can read."""
    if not settings:
        yield
        return
    before = os.environ.get("PYSPARK_SUBMIT_ARGS")
    with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
        file.writelines(f"{name}={escape_property(value)}\n" for name, value in settings.items())
        file.flush()
        os.environ["PYSPARK_SUBMIT_ARGS"] = f"--properties-file {shlex.quote(file.name)} {before or 'pyspark-shell'}"
        try:
            yield
        finally:
            if before is None:
                del os.environ["PYSPARK_SUBMIT_ARGS"]
            else:
                os.environ["PYSPARK_SUBMIT_ARGS"] = before


def escape_property(value: str) -> str:
    """As Java reads a file of properties."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\u{ord(c):04x}" for c in value)


def remove_folder(session: Any, folder: str) -> None:
    """Remove what an earlier run left there, on whatever file system Spark knows: its tables are in no catalog."""
    path = session._jvm.org.apache.hadoop.fs.Path(folder)
    path.getFileSystem(session._jsc.hadoopConfiguration()).delete(path, True)


def driver_memory() -> str:
    """MEMORY_LIMIT as DuckDB reads it (4GB), as the JVM reads it (4g)."""
    return re.sub(r"(?i)\s*([kmgt])i?b?$", lambda unit: unit[1].lower(), os.environ.get("MEMORY_LIMIT", "4GB"))


def write_pads(session: Any) -> None:
    """The padded key as a table of one row, which the macro pseudonym() reads: literals are in queries and plans."""
    inner, outer = pads(read_key())
    create_schema(session, tables_folder(_credentials.storage), PADS.split(".")[0])
    write_table(
        session,
        session.createDataFrame([(bytearray(inner), bytearray(outer))], "inner_pad binary, outer_pad binary"),
        PADS,
    )


def write_table(session: Any, frame: Any, table: str, partitioned_by: str = "", place: str = "") -> None:
    session.sql(f"drop table if exists {table}")
    writer = frame.write.format("parquet")
    if partitioned_by:
        writer = writer.partitionBy(partitioned_by).option("path", place)
    writer.saveAsTable(table)


def collect(session: Any, sql: str) -> list[Any]:
    """The rows of a query. Raises DbtRuntimeError."""
    check_presence()
    try:
        rows: list[Any] = session.sql(sql).collect()
        return rows
    except Exception as error:
        raise fail(error) from error


def fail(error: Exception) -> DbtRuntimeError:
    """The error of a statement. If it says that Spark is gone, every later statement fails with it at once."""
    failure = describe_failure(error)
    if isinstance(error, NobodyComputes) or is_loss(f"{type(error).__name__} {error}"):
        note_loss(failure.msg)
    return DbtRuntimeError(find_loss() or failure.msg)


def check_presence() -> None:
    """Raises DbtRuntimeError if Spark is known to be gone."""
    if loss := find_loss():
        raise DbtRuntimeError(loss)


def describe_failure(error: Exception) -> DbtRuntimeError:
    """An error of Spark in a few lines: without the plan, the query, Java's stack and secrets of settings."""
    if isinstance(error, DbtRuntimeError):
        return error
    # What gRPC says in between is for its developers.
    details = re.search(r'details = "([^"]*)"', str(error))
    text = redact_settings(
        details[1] if details else re.split(r"JVM stacktrace:|\n== SQL|;\n|\n\tat ", str(error))[0].strip()
    )
    if not text or is_loss(f"{type(error).__name__} {error}"):
        text = describe_loss(" ".join(text.split())[:300].rstrip(". ") or type(error).__name__)
    return DbtRuntimeError(text[:4000])


def describe_loss(cause: str) -> str:
    remote, master = _credentials.remote, _credentials.master
    lost, hint = "Spark", "If memory was short, lower MEMORY_LIMIT."
    if remote:
        lost, hint = f"The Spark Connect server at {describe_place(remote)}", "See its log."
    elif not _credentials.is_local:
        lost, hint = f"Spark on {master}", "See the pages of the cluster."
    return (
        f"{lost} cannot be reached or has ended: {cause}. What to do: {hint} Then run again; nothing has to be"
        " repaired, and the published version stays"
    )


def redact_settings(text: str) -> str:
    """Without the values of settings that are secret, and without the parameters of a server's URL."""
    if _credentials is None:
        return text
    secrets = [str(value) for name, value in _credentials.config.items() if re.search(SECRET, str(name))]
    secrets += _credentials.remote.partition(";")[2].split(";")
    secrets += [secret.partition("=")[2] for secret in secrets]
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text
