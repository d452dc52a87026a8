"""Runs checks on a DuckDB file. Great Expectations is imported on the first run: it takes seconds."""

import math
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.suites import Check
from orchestration.programme.contract import read_contract
from orchestration.runtime.redaction import redact_values

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.datasource.fluent import SQLDatasource
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

FAILING_ROWS = 5
DELIVERED = "delivered"  # the schema of tables without one, which are extracts
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
WITH_ROWS = {"result_format": "BASIC", "partial_unexpected_count": FAILING_ROWS, "include_unexpected_rows": True}
# A query's rows come with COMPLETE alone: 200 at most, while of other expectations it would fetch every unexpected row.
WITH_ROWS_OF_QUERY = {"result_format": "COMPLETE"}
QUERY = "unexpected_rows_expectation"
# Failing rows are shown outside raw, where personal data may not go, and pseudonyms have no business in a history.
PERSONAL = frozenset({"customer_id", "referrer_id", "referred_customer_id", "person_id"})


class ExpectationErrored(RuntimeError):
    """A check could not be evaluated, so it neither passed nor failed; the message names it."""


class UnknownExpectation(ValueError):
    """A check names an expectation that does not exist, or arguments that it does not take."""


@dataclass(frozen=True)
class Outcome:
    """The result of one check.

    `observed` is a short phrase for people. `unexpected_count` is the number of rows that fail the check, None where it
    is not about rows. `failing_rows` are up to 5 of them, JSON-ready, without personal data. `seconds` is the wall time
    of the pass over the whole table, which all its checks share.
    """

    check: Check
    success: bool
    observed: str
    unexpected_count: int | None
    rows_checked: int
    failing_rows: list[dict[str, Any]]
    seconds: float


def validate(database: Path, checks: Iterable[Check]) -> list[Outcome]:
    """One outcome per check, in the order of the checks.

    Opens the file read-only and closes it before it returns; nobody may have it open for writing. Tables without a
    schema are looked up in the schema `delivered`.

    Raises:
        UnknownExpectation: Great Expectations has no such expectation, or it takes other arguments.
        ExpectationErrored: a check could not be evaluated, for example because a column is missing.
    """
    checks = list(checks)
    by_table: dict[str, list[tuple[Check, Expectation]]] = {}
    for check in checks:
        by_table.setdefault(check.table, []).append((check, _build_expectation(check)))
    if not checks:
        return []
    outcomes: dict[tuple[str, str], Outcome] = {}
    with _open_datasource(database) as datasource:
        for table, checked in by_table.items():
            batch = _open_table(datasource, table if "." in table else f"{DELIVERED}.{table}")
            outcomes |= {(table, outcome.check.name): outcome for outcome in _validate_table(batch, checked)}
    return [outcomes[check.table, check.name] for check in checks]


def load_great_expectations() -> None:
    """Import Great Expectations as if there were no pyspark. Where the engine is Spark, it is installed, and Great
    Expectations would import all of it, which takes seconds and leaves threads that a forked process lacks."""
    hidden = "pyspark" not in sys.modules
    if hidden:
        sys.modules["pyspark"] = None  # type: ignore[assignment] # an import of it fails
    try:
        import great_expectations.expectations.core  # noqa: F401
    finally:
        if hidden:
            del sys.modules["pyspark"]


def _build_expectation(check: Check) -> "Expectation":
    load_great_expectations()
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    # Not by way of a suite of dicts: that logs an expectation that it does not know, and leaves it out.
    configuration = ExpectationConfiguration(
        type=check.type,
        kwargs=check.kwargs,
        meta={"check": check.name},
        notes=check.notes,
        severity=FailureSeverity(check.severity),
    )
    try:
        return configuration.to_domain_obj()
    except (ExpectationNotFoundError, ValidationError, TypeError) as error:
        raise UnknownExpectation(f"{_full_name(check)}: {check.type}: {error}") from error


@contextmanager
def _open_datasource(database: Path) -> Iterator["SQLDatasource"]:
    load_great_expectations()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    import expectations.duckdb_dialect  # noqa: F401, it registers itself with SQLAlchemy

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    datasource = context.data_sources.add_sql(
        "warehouse",
        connection_string="duckdb+readonly://",
        create_temp_table=False,
        kwargs={"connect_args": {"database": str(database)}},
    )
    try:
        yield datasource
    finally:
        # It keeps two engines, and with them the file's lock, until they are disposed.
        datasource.get_engine().dispose()
        datasource.get_execution_engine().engine.dispose()


def _open_table(datasource: "SQLDatasource", table: str) -> "Batch":
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    schema, name = table.split(".")
    try:
        # Not a query asset: Great Expectations fetches every row of one to learn its columns. The argument schema_name
        # is deprecated, but a DuckDB connection has no other way to name a schema.
        asset = datasource.add_table_asset(table, table_name=name, schema_name=schema)
    except TestConnectionError as error:
        raise ExpectationErrored(f"{table}: {error}") from error
    return asset.add_batch_definition_whole_table("all").get_batch()


def _validate_table(batch: "Batch", checked: list[tuple[Check, "Expectation"]]) -> list[Outcome]:
    started = time.perf_counter()
    results = _run(batch, checked, COUNTS_ONLY)
    # Only checks that failed are worth another scan, for the rows that fail them.
    failed = [(check, expectation) for check, expectation in checked if not results[check.name].success]
    with_rows = _run(batch, [pair for pair in failed if pair[0].type == QUERY], WITH_ROWS_OF_QUERY)
    with_rows |= _run(batch, [pair for pair in failed if pair[0].type != QUERY], WITH_ROWS)
    rows_checked = _count_rows(batch)
    seconds = time.perf_counter() - started
    return [
        _build_outcome(check, results[check.name], with_rows.get(check.name), rows_checked, seconds)
        for check, _ in checked
    ]


def _count_rows(batch: "Batch") -> int:
    import sqlalchemy

    # Not batch.compute_metrics(BatchRowCount()): that draws a progress bar, whatever the context says.
    query = sqlalchemy.text(f"SELECT count(*) FROM {batch.data_asset.qualified_name}")
    return batch.data.execution_engine.execute_query(query).scalar()


def _run(
    batch: "Batch", checked: list[tuple[Check, "Expectation"]], result_format: dict[str, Any]
) -> dict[str, "ExpectationValidationResult"]:
    from great_expectations import ExpectationSuite

    if not checked:
        return {}
    suite = ExpectationSuite(name=batch.data_asset.name, expectations=[expectation for _, expectation in checked])
    found = batch.validate(suite, result_format=result_format).results
    results = {result.expectation_config.meta["check"]: result for result in found}
    for check, _ in checked:
        if check.name not in results:
            raise ExpectationErrored(f"{_full_name(check)}: it was dropped without a result")
        if messages := _find_errors(results[check.name].exception_info):
            raise ExpectationErrored(f"{_full_name(check)}: {'; '.join(messages)}")
    return results


def _find_errors(exception_info: dict[str, Any]) -> list[str]:
    # Either one record, or one record per metric that failed.
    records = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return [redact_values(str(record["exception_message"])) for record in records if record["raised_exception"]]


def _build_outcome(
    check: Check,
    result: "ExpectationValidationResult",
    result_with_rows: "ExpectationValidationResult | None",
    rows_checked: int,
    seconds: float,
) -> Outcome:
    # A query reports its unexpected rows as what it observed, other expectations on rows count them.
    counted = "observed_value" if check.type == QUERY else "unexpected_count"
    is_about_rows = counted in result.result
    unexpected = result.result.get(counted) or 0
    return Outcome(
        check=check,
        success=bool(result.success),
        observed=f"{unexpected:,} of {rows_checked:,} rows" if is_about_rows else str(result.result["observed_value"]),
        unexpected_count=unexpected if is_about_rows else None,
        rows_checked=rows_checked,
        failing_rows=_collect_failing_rows(check, result_with_rows) if result_with_rows else [],
        seconds=seconds,
    )


def _collect_failing_rows(check: Check, result: "ExpectationValidationResult") -> list[dict[str, Any]]:
    found = result.result["details"] if check.type == QUERY else result.result
    personal = find_personal(check.table)
    return [
        {
            column: "(personal)" if column in personal and value is not None else _to_json(value)
            for column, value in row.items()
        }
        for row in (found.get("unexpected_rows") or [])[:FAILING_ROWS]
    ]


def find_personal(table: str) -> frozenset[str]:
    """Columns that are not shown: of a delivered extract all that its declaration says is somebody's."""
    extract = read_contract().get(table)
    return PERSONAL | extract.personal_columns if extract else PERSONAL


def _to_json(value: Any) -> str | int | float | bool | None:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value


def _full_name(check: Check) -> str:
    return f"{check.table}.{check.name}"
