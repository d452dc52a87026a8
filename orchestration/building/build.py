"""dbt in this process: a process of its own would import dbt, read the profile and parse the project once more."""

import json
import shutil
from collections.abc import Collection, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.building.growth import VARIABLE
from orchestration.building.project_files import find_newest
from orchestration.discretion import hide_values
from orchestration.warehouse import DBT_PROJECT

FAILED = ("error", "runtime error")


class BuildFailed(Exception):
    """dbt could not build; the message names each model with what the engine says."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test. `status` is dbt's: success, pass, warn, fail, error or skipped;
    `failures` are the rows that break a test, `sql` is what ran (None where nothing did)."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str | None
    sql: str | None


def build_nodes(
    names: Collection[str] | None, target: Path, growth: Mapping[str, Collection[str]] | None = None
) -> list[NodeResult]:
    """Build the models, seeds and tests of these names (None: all) in the order of the graph; dbt writes to `target`.

    `growth` has the ids of the deliveries to add, by unique id of the models to which they can be added. A node that
    fails is told in its result. Raises BuildFailed if dbt cannot begin.
    """
    if names is not None and not names:
        return []
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    target.mkdir(parents=True, exist_ok=True)
    arguments = [
        *("--no-use-colors", "--log-path", str(target), "--log-level", "none", "--log-level-file", "none"),
        *("--no-version-check", "build"),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(target)),
        *("--vars", json.dumps({VARIABLE: {node: list(new) for node, new in (growth or {}).items()}})),
        *select(names),
    ]
    try:
        # profiles.yml names the folders of our plugins and methods as seen from the project.
        with chdir(DBT_PROJECT):
            outcome = dbtRunner(manifest=read_parsed_project(target), callbacks=[tell]).invoke(arguments)
    finally:
        # One writer at a time: nobody could open the warehouse while dbt's connection stands.
        DuckDBConnectionManager.close_all_connections()
        # It quotes the engine's errors, and nobody reads it.
        (target / "run_results.json").unlink(missing_ok=True)
    if outcome.exception:
        # Not `from` it: Dagster keeps the whole chain, and the cause may quote a value.
        raise BuildFailed(hide_values(str(outcome.exception).strip())) from None
    results = getattr(outcome.result, "results", ())
    if not results:
        raise BuildFailed("dbt built nothing, and did not say why: see the log of the run")
    return [describe(result) for result in results if is_told(result)]


def select(names: Collection[str] | None) -> tuple[str, ...]:
    """Of all, dbt need not look up hundreds of names, which takes it seconds; unit tests are of the SQL, not of the
    night's data."""
    if names is None:
        return ("--exclude-resource-type", "unit_test")
    return ("--indirect-selection", "empty", "--select", *names)


def tell(event: Any) -> None:
    """What dbt says as it works, into the log of the run; its own log would quote values."""
    if event.info.level not in ("debug", "test"):
        print(f"{event.info.ts.ToDatetime():%H:%M:%S}  {hide_values(event.info.msg)}", flush=True)


def is_told(result: Any) -> bool:
    """What dbt does before the build (the views on raw) only matters where it fails."""
    return result.node.resource_type != "operation" or str(result.status) in FAILED


def describe(result: Any) -> NodeResult:
    return NodeResult(
        result.node.unique_id,
        str(result.status),
        result.execution_time,
        result.failures,
        hide_values(result.message) if result.message else None,
        getattr(result.node, "compiled_code", None),
    )


def describe_errors(results: Collection[NodeResult]) -> str:
    """One line a node that could not be built."""
    return "\n".join(
        f"{result.unique_id.split('.', 2)[2]}: {(result.message or '').strip()}"
        for result in results
        if result.status in FAILED
    )


def read_parsed_project(target: Path) -> Any:
    """dbt's manifest as it was parsed last, None where a file of the project is newer: dbt then parses anew."""
    from dbt.contracts.graph.manifest import Manifest

    parsed = DBT_PROJECT / "target" / "partial_parse.msgpack"
    manifest = parsed.with_name("manifest.json")
    if not (parsed.exists() and manifest.exists()) or find_newest(DBT_PROJECT) > parsed.stat().st_mtime_ns:
        return None
    # What reads the night's compiled SQL reads the manifest beside it.
    shutil.copyfile(manifest, target / manifest.name)
    read = Manifest.from_msgpack(parsed.read_bytes())
    read.build_flat_graph()  # what macros know as `graph`
    return read
