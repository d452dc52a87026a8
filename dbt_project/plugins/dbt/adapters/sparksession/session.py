"""The one Spark session of this process, which dbt's threads share."""

import os
import re
import sys
import threading
from typing import Any

from dbt_common.exceptions import DbtRuntimeError
from keyed import pads, read_key

# What every model counts on, whichever cluster it is; set per session.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
}
# Of a driver in this process. Tables live as long as it: the catalog is in memory, as no run reads an earlier one's.
OF_OWN_DRIVER = {
    "spark.ui.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
}
PADS = "engine.pads"
# What clients say when the driver or the server is gone.
LOST = (
    "Py4JNetworkError",
    "does not exist in the JVM",
    "Connection refused",
    "UNAVAILABLE",
    "SparkContext was shut down",
)
_lock = threading.Lock()
_session: Any = None
_own_folder: str | None = None


def open_session(credentials: Any) -> Any:
    """The session, opened on first use. Raises DbtRuntimeError if Spark cannot be reached or started."""
    global _session
    with _lock:
        if _session is None:
            sys.path += [path for path in map(os.path.abspath, credentials.module_paths) if path not in sys.path]
            try:
                _session = start_session(credentials)
            except Exception as error:
                raise describe_failure(error) from error
        return _session


def find_session() -> Any:
    """The open session, or None."""
    return _session


def close_session() -> None:
    """End the session, and with it a driver in this process. The key's table goes first, and what an own driver wrote:
    its tables are in no catalog afterwards. A driver that was lost leaves them to the next run."""
    global _session, _own_folder
    with _lock:
        session, folder, _session, _own_folder = _session, _own_folder, None, None
    if session is None:
        return
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        session.sql(f"drop table if exists {PADS}")
        if folder:
            remove_folder(session, folder)
        session.stop()
    except (PySparkException, Py4JError, OSError) as error:
        # The run has failed already, and says why.
        print(describe_failure(error).msg, file=sys.stderr)


def start_session(credentials: Any) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    config = {str(name): str(value) for name, value in credentials.config.items()}
    if credentials.remote:
        settings = SETTINGS | config
        builder = builder.remote(credentials.remote)
    else:
        own = {"spark.sql.warehouse.dir": tables_folder(credentials), "spark.driver.memory": driver_memory()}
        settings = OF_OWN_DRIVER | own | SETTINGS | config
        builder = builder.master(credentials.master).appName("reach-and-results")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    if not credentials.remote:
        session.sparkContext.setLogLevel("ERROR")
        global _own_folder
        _own_folder = tables_folder(credentials)
        remove_folder(session, _own_folder)
    write_pads(session)
    return session


def tables_folder(credentials: Any) -> str:
    """A folder of our own below `storage`: it is emptied."""
    return f"{credentials.storage.rstrip('/')}/tables_of_reach_and_results"


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
    session.sql(f"create schema if not exists {PADS.split('.')[0]}")
    write_table(
        session,
        session.createDataFrame([(bytearray(inner), bytearray(outer))], "inner_pad binary, outer_pad binary"),
        PADS,
    )


def write_table(session: Any, frame: Any, table: str) -> None:
    session.sql(f"drop table if exists {table}")
    frame.write.format("parquet").saveAsTable(table)


def describe_failure(error: Exception) -> DbtRuntimeError:
    """An error of Spark in a few lines: without the plan, the query and Java's stack."""
    text = re.split(r"JVM stacktrace:|\n== SQL|;\n", str(error))[0].strip()
    told = f"{type(error).__name__} {text}"
    if not text or any(word in told for word in LOST):
        text = f"Spark cannot be reached or has ended: {text or type(error).__name__}"
    return DbtRuntimeError(text[:4000])
