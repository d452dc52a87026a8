"""Runs dbt in this process; a subprocess would have to import dbt, read the profile and parse the project again.

The only module that knows dbt's Python interface. It knows nothing of Dagster: defs/assets/dbt.py reports the results.
"""

import shutil
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from orchestration.programme.repository import DBT_PROJECT
from orchestration.runtime.redaction import redact_values
from orchestration.warehouse.fingerprint import walk_files

FAILED = ("error", "runtime error")
FAILED_TESTS = ("fail", "warn")


class BuildFailed(Exception):
    """dbt could not build; the message names each model with the error of the engine."""


@dataclass(frozen=True)
class NodeResult:
    """The result of one model, seed or test. `status` is dbt's: success, pass, warn, fail, error or skipped;
    `failures` counts the failing rows of a test, `sql` is the compiled SQL of a test that failed or warned."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str | None
    sql: str | None


def build_nodes(names: Collection[str] | None, target: Path) -> Iterator[NodeResult]:
    """Build the models, seeds and tests of these names (None: all) in the order of the graph; dbt writes to `target`.

    Yields each result as soon as its node is finished; tests that failed or warned follow at the end, with their SQL.
    Until the last result, `query_build` can read what has been built. Raises BuildFailed if dbt cannot start.
    """
    if names is not None and not names:
        return
    finished: SimpleQueue[NodeResult | None] = SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix="dbt") as executor:
        outcome = executor.submit(run_dbt, names, target, finished.put)
        outcome.add_done_callback(lambda _: finished.put(None))
        try:
            while (result := finished.get()) is not None:
                if result.status not in FAILED_TESTS:
                    yield result
        finally:
            # DuckDB allows one writer: no other process could open the warehouse. If the run was interrupted, this also
            # stops dbt.
            find_connection_manager().close_all_connections()
    # It quotes the engine's errors, which may contain values, and nobody reads it.
    (target / "run_results.json").unlink(missing_ok=True)
    yield from read_outcome(outcome.result())


def run_dbt(names: Collection[str] | None, target: Path, report: Callable[[NodeResult], object]) -> Any:
    """Run dbt and report each node when it is finished; returns dbt's own result."""
    from dbt.cli.main import dbtRunner

    def handle(event: Any) -> None:
        print_event(event)
        if event.info.name == "NodeFinished" and event.data.node_info.resource_type != "operation":
            report(describe_event(event))

    target.mkdir(parents=True, exist_ok=True)
    arguments = [
        *("--no-use-colors", "--log-path", str(target), "--log-level", "none", "--log-level-file", "none"),
        *("--no-version-check", "build"),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(target)),
        *select(names),
    ]
    # profiles.yml names the folders of plugins and methods relative to the project.
    with chdir(DBT_PROJECT):
        return dbtRunner(manifest=read_parsed_project(target), callbacks=[handle]).invoke(arguments)


def select(names: Collection[str] | None) -> tuple[str, ...]:
    """A whole build names no nodes: dbt takes seconds to look up hundreds of names. Unit tests are excluded: they check
    the SQL and not today's data, so `make test` runs them."""
    if names is None:
        return ("--exclude-resource-type", "unit_test")
    return ("--indirect-selection", "empty", "--select", *names)


def print_event(event: Any) -> None:
    """Write dbt's messages to the log of the run, redacted; dbt's own log would quote values."""
    if event.info.level not in ("debug", "test"):
        print(f"{event.info.ts.ToDatetime():%H:%M:%S}  {redact_values(event.info.msg)}", flush=True)


def describe_event(event: Any) -> NodeResult:
    node, result = event.data.node_info, event.data.run_result
    message = redact(result.message)
    return NodeResult(node.unique_id, node.node_status, result.execution_time, None, message, None)


def read_outcome(outcome: Any) -> Iterator[NodeResult]:
    """The results that were not yielded before: tests that failed or warned, and operations before the build (the views
    on raw) that failed."""
    if outcome.exception:
        # `from None`: Dagster stores the whole chain, and the cause may quote a value.
        raise BuildFailed(redact_values(str(outcome.exception).strip())) from None
    results = getattr(outcome.result, "results", ())
    if not results:
        raise BuildFailed("dbt built nothing and reported no reason: see the log of the run")
    for result in results:
        status = str(result.status)
        if status in FAILED_TESTS or (result.node.resource_type == "operation" and status in FAILED):
            sql = getattr(result.node, "compiled_code", None)
            message = redact(result.message)
            yield NodeResult(result.node.unique_id, status, result.execution_time, result.failures, message, sql)


def redact(message: str | None) -> str | None:
    return redact_values(message) if message else None


def describe_errors(results: Collection[NodeResult]) -> str:
    """One line for each node that could not be built."""
    return "\n".join(
        f"{result.unique_id.split('.', 2)[2]}: {(result.message or '').strip()}"
        for result in results
        if result.status in FAILED
    )


def query_build(sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on what dbt has built so far, while build_nodes is running."""
    handle = find_connection_manager().env().handle()
    try:
        rows: list[tuple[Any, ...]] = handle.cursor().execute(sql).fetchall()
        return rows
    finally:
        handle.close()


def find_connection_manager() -> Any:
    """dbt-duckdb's class, which holds the connection of this process (Any: it has no type annotations)."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    return DuckDBConnectionManager


def read_parsed_project(target: Path) -> Any:
    """dbt's manifest as last parsed; None if a file of the project is newer, so that dbt parses again."""
    from dbt.contracts.graph.manifest import Manifest

    parsed = DBT_PROJECT / "target" / "partial_parse.msgpack"
    manifest = parsed.with_name("manifest.json")
    if not (parsed.exists() and manifest.exists()):
        return None
    if max(file.stat().st_mtime_ns for file in walk_files(DBT_PROJECT)) > parsed.stat().st_mtime_ns:
        return None
    # The lineage proof reads the compiled SQL together with this manifest.
    shutil.copyfile(manifest, target / manifest.name)
    read: Any = Manifest.from_msgpack(parsed.read_bytes())
    read.build_flat_graph()  # the variable `graph` of macros
    return read
