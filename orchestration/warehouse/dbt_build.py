"""dbt in this process: a process of its own would import dbt, read the profile and parse the project again."""

import shutil
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from orchestration.programme.repository import DBT_PROJECT
from orchestration.runtime.redaction import hide_values
from orchestration.warehouse.fingerprint import walk_files

FAILED = ("error", "runtime error")
FAILED_TESTS = ("fail", "warn")


class BuildFailed(Exception):
    """dbt could not build; the message names each model with what the engine says."""


@dataclass(frozen=True)
class NodeResult:
    """The result of one model, seed or test. `status` is dbt's: success, pass, warn, fail, error or skipped;
    `failures` counts the failing rows of a test, `sql` is the SQL of a test that failed or warned (None otherwise)."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str | None
    sql: str | None


def build_nodes(names: Collection[str] | None, target: Path) -> Iterator[NodeResult]:
    """Build the models, seeds and tests of these names (None: all) in the order of the graph; dbt writes to `target`.

    Gives each result when its node is finished, but tests that failed or warned at the end, with their SQL. Until the
    last result, `query_build` reads what has been built. Raises BuildFailed if dbt cannot start.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

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
            # DuckDB has one writer: nobody else could open the warehouse while dbt's connection is open. If the run was
            # interrupted, this also makes dbt stop.
            DuckDBConnectionManager.close_all_connections()
    # It quotes the engine's errors, and nobody reads it.
    (target / "run_results.json").unlink(missing_ok=True)
    yield from read_outcome(outcome.result())


def run_dbt(names: Collection[str] | None, target: Path, report: Callable[[NodeResult], object]) -> Any:
    """Run dbt and report each node when it is finished; gives dbt's own result."""
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
    # profiles.yml names the folders of our plugins and methods relative to the project.
    with chdir(DBT_PROJECT):
        return dbtRunner(manifest=read_parsed_project(target), callbacks=[handle]).invoke(arguments)


def select(names: Collection[str] | None) -> tuple[str, ...]:
    """dbt takes seconds to look up hundreds of names; unit tests check the SQL, not today's data."""
    if names is None:
        return ("--exclude-resource-type", "unit_test")
    return ("--indirect-selection", "empty", "--select", *names)


def print_event(event: Any) -> None:
    """Write what dbt logs to the log of the run; dbt's own log would quote values."""
    if event.info.level not in ("debug", "test"):
        print(f"{event.info.ts.ToDatetime():%H:%M:%S}  {hide_values(event.info.msg)}", flush=True)


def describe_event(event: Any) -> NodeResult:
    node, result = event.data.node_info, event.data.run_result
    message = hide_values(result.message) if result.message else None
    return NodeResult(node.unique_id, node.node_status, result.execution_time, None, message, None)


def read_outcome(outcome: Any) -> Iterator[NodeResult]:
    """The results that were not given before: of tests that failed, and of what dbt does before the build (the views on
    raw) where it failed."""
    if outcome.exception:
        # Without `from`: Dagster keeps the whole chain, and the cause may quote a value.
        raise BuildFailed(hide_values(str(outcome.exception).strip())) from None
    results = getattr(outcome.result, "results", ())
    if not results:
        raise BuildFailed("dbt built nothing and gave no reason: see the log of the run")
    for result in results:
        status = str(result.status)
        if status in FAILED_TESTS or (result.node.resource_type == "operation" and status in FAILED):
            message = hide_values(result.message) if result.message else None
            sql = getattr(result.node, "compiled_code", None)
            yield NodeResult(result.node.unique_id, status, result.execution_time, result.failures, message, sql)


def describe_errors(results: Collection[NodeResult]) -> str:
    """One line a node that could not be built."""
    return "\n".join(
        f"{result.unique_id.split('.', 2)[2]}: {(result.message or '').strip()}"
        for result in results
        if result.status in FAILED
    )


def query_build(sql: str) -> list[tuple]:
    """Rows of a query on what dbt has built so far, while build_nodes is running."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    handle = DuckDBConnectionManager.env().handle()
    try:
        return handle.cursor().execute(sql).fetchall()
    finally:
        handle.close()


def read_parsed_project(target: Path) -> Any:
    """dbt's manifest as it was last parsed; None if a file of the project is newer, so that dbt parses again."""
    from dbt.contracts.graph.manifest import Manifest

    parsed = DBT_PROJECT / "target" / "partial_parse.msgpack"
    manifest = parsed.with_name("manifest.json")
    if not (parsed.exists() and manifest.exists()):
        return None
    if max(file.stat().st_mtime_ns for file in walk_files(DBT_PROJECT)) > parsed.stat().st_mtime_ns:
        return None
    # The lineage proof reads the compiled SQL with the manifest beside it.
    shutil.copyfile(manifest, target / manifest.name)
    read = Manifest.from_msgpack(parsed.read_bytes())
    read.build_flat_graph()  # what macros know as `graph`
    return read
