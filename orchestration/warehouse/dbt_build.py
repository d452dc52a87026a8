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
from orchestration.runtime.connections import read_building_memory_limit
from orchestration.runtime.redaction import redact_values
from orchestration.warehouse.engines.engine import Engine
from orchestration.warehouse.fingerprint import walk_files

FAILED = ("error", "runtime error")
FAILED_TESTS = ("fail", "warn")
# In dbt_project/selectors.yml.
ALL_BUT_VIEWS = "all_but_views"
# The target of `dbt parse` in the Makefile: that of profiles.yml.
PARSED_FOR = "warehouse"
PARSED = DBT_PROJECT / "target" / "partial_parse.msgpack"


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


def build_nodes(
    names: Collection[str] | None, target: Path, engine: Engine, is_full_refresh: bool = True
) -> Iterator[NodeResult]:
    """Build the models, seeds and tests of these names in the order of the graph; dbt writes to `target`. Without
    names: all, incremental models anew; or, if it is no full refresh, upon the last run's tables, without views that
    DuckDB keeps.

    Yields each result as soon as its node is finished; tests that failed or warned follow at the end, with their SQL.
    Until the last result, `engine.query` can read what has been built. Raises BuildFailed if dbt cannot start.
    """
    if names is not None and not names:
        return
    command = ("build", *select(names, is_full_refresh, engine))
    finished: SimpleQueue[NodeResult | None] = SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix="dbt") as executor:
        outcome = executor.submit(run_dbt, command, target, engine, finished.put)
        outcome.add_done_callback(lambda _: finished.put(None))
        try:
            while (result := finished.get()) is not None:
                if result.status not in FAILED_TESTS:
                    yield result
        finally:
            engine.disconnect()
    # It quotes the engine's errors, which may contain values, and nobody reads it.
    (target / "run_results.json").unlink(missing_ok=True)
    yield from read_outcome(outcome.result())


def run_models(selected: Collection[str], target: Path, engine: Engine) -> None:
    """Run the models of any of these selectors, without tests. Raises BuildFailed with the error of each that fails."""
    failed: list[NodeResult] = []

    def report(result: NodeResult) -> None:
        if result.status in FAILED:
            failed.append(result)

    try:
        outcome = run_dbt(("run", "--select", *selected), target, engine, report)
    finally:
        engine.disconnect()
    (target / "run_results.json").unlink(missing_ok=True)
    if errors := describe_errors([*failed, *read_outcome(outcome)]):
        raise BuildFailed(errors)


def run_dbt(command: tuple[str, ...], target: Path, engine: Engine, report: Callable[[NodeResult], object]) -> Any:
    """Run dbt and report each node when it is finished; returns dbt's own result. Raises OSError, after dbt has ended,
    if its messages could not be written."""
    from dbt.cli.main import dbtRunner

    unwritten: list[OSError] = []

    def handle(event: Any) -> None:
        # Raised here, it would end one of dbt's threads, for whose result dbt waits forever.
        try:
            print_event(event)
        except OSError as error:
            unwritten.append(error)
        if event.info.name == "NodeFinished" and event.data.node_info.resource_type != "operation":
            report(describe_event(event))

    target.mkdir(parents=True, exist_ok=True)
    arguments = [
        *("--no-use-colors", "--log-path", str(target), "--log-level", "none", "--log-level-file", "none"),
        *("--no-version-check", command[0]),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(target)),
        *("--target", engine.target),
        *command[1:],
    ]
    # profiles.yml names the folders of plugins and methods relative to the project.
    with chdir(DBT_PROJECT):
        outcome = dbtRunner(manifest=read_parsed_project(target, engine), callbacks=[handle]).invoke(arguments)
    if unwritten:
        raise unwritten[0]
    return outcome


def select(names: Collection[str] | None, is_full_refresh: bool, engine: Engine) -> tuple[str, ...]:
    """A whole build names no nodes: dbt takes seconds to look up hundreds of names. Unit tests are excluded: they check
    the SQL and not today's data, so `make test` runs them."""
    if names is not None:
        return ("--indirect-selection", "empty", "--select", *names)
    if engine.builds_parts and not is_full_refresh:
        return ("--selector", ALL_BUT_VIEWS)
    return ("--exclude-resource-type", "unit_test", *(("--full-refresh",) if is_full_refresh else ()))


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
        f"{result.unique_id.split('.', 2)[2]}: {advise((result.message or '').strip())}"
        for result in results
        if result.status in FAILED
    )


def advise(message: str) -> str:
    """DuckDB advises a setting that nobody can give to a run (SET memory_limit); ours is a variable."""
    what, lacks_memory, _ = message.partition("Possible solutions:")
    if not (lacks_memory and "Out of Memory" in what):
        return message
    return f"{what.strip()}. What to do: set MEMORY_LIMIT to more than {read_building_memory_limit()}"


def read_parsed_project(target: Path, engine: Engine) -> Any:
    """dbt's manifest as last parsed, of which `target` gets a copy; None if it has to be parsed, for another engine or
    because a file is newer (into `target`, where dbt finds it the next time)."""
    if engine.target != PARSED_FOR:
        return None
    read = read_manifest()
    if read is not None:
        # The lineage proof reads the compiled SQL together with this manifest.
        shutil.copyfile(PARSED.with_name("manifest.json"), target / "manifest.json")
    return read


def read_manifest() -> Any:
    """dbt's manifest as make has parsed it; None if a file of the project is newer."""
    from dbt.contracts.graph.manifest import Manifest

    if not (PARSED.exists() and PARSED.with_name("manifest.json").exists()):
        return None
    if max(file.stat().st_mtime_ns for file in walk_files(DBT_PROJECT)) > PARSED.stat().st_mtime_ns:
        return None
    read: Any = Manifest.from_msgpack(PARSED.read_bytes())
    read.build_flat_graph()  # the variable `graph` of macros
    return read
