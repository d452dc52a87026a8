"""Runs promises against a DuckDB file. Great Expectations is imported on the first run: it costs seconds."""

import math
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.suites import Promise
from orchestration.programme.contract import read_contract
from orchestration.runtime.redaction import redact_values

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.datasource.fluent import SQLDatasource
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

FAILING_ROWS = 5
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
WITH_ROWS = {"result_format": "BASIC", "partial_unexpected_count": FAILING_ROWS, "include_unexpected_rows": True}
# Failing rows are shown outside raw, where personal data may not go, and pseudonyms have no business in a history.
PERSONAL = frozenset({"customer_id", "referrer_id", "referred_customer_id", "person_id"})


class ExpectationErrored(RuntimeError):
    """A promise could not be examined, so it is neither kept nor broken; the message names it."""


class UnknownExpectation(ValueError):
    """A promise asks for an expectation that does not exist or for arguments that it does not take."""


@dataclass(frozen=True)
class Outcome:
    """What became of one promise.

    `observed` is a short phrase for people. `unexpected_count` is the number of rows that break the promise, None
    where it is not about rows. `failing_rows` are up to 5 of them, JSON-ready, personal data left out. `seconds` is the
    wall time of the pass over the whole table, which all its promises share.
    """

    promise: Promise
    success: bool
    observed: str
    unexpected_count: int | None
    rows_checked: int
    failing_rows: list[dict[str, Any]]
    seconds: float


def validate(
    database: Path, promises: Iterable[Promise], schema_of_raw: str = "delivered", reads: Collection[Path] = ()
) -> list[Outcome]:
    """One outcome per promise, in the order of the promises; `reads` are folders that views of the database read.

    Opens the file read-only, and lets go of it before it returns; nobody may have it open for writing. Tables without a
    schema are looked up in `schema_of_raw`.

    Raises:
        UnknownExpectation: Great Expectations has no such expectation, or it takes other arguments.
        ExpectationErrored: a promise could not be examined, for example because a column is missing.
    """
    by_table: dict[str, list[tuple[Promise, Expectation]]] = {}
    promises = list(promises)
    for promise in promises:
        by_table.setdefault(promise.table, []).append((promise, _build_expectation(promise)))
    if not promises:
        return []
    outcomes: dict[tuple[str, str], Outcome] = {}
    with _open_datasource(database, reads) as datasource:
        for table, promised in by_table.items():
            batch = _open_table(datasource, table if "." in table else f"{schema_of_raw}.{table}")
            outcomes |= {(table, outcome.promise.name): outcome for outcome in _validate_table(batch, promised)}
    return [outcomes[promise.table, promise.name] for promise in promises]


def _build_expectation(promise: Promise) -> "Expectation":
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl

    import expectations.no_rows_where  # noqa: F401, it registers its expectation

    try:
        return get_expectation_impl(promise.expectation)(**promise.kwargs, meta={"promise": promise.name})
    except (ExpectationNotFoundError, ValidationError, TypeError) as error:
        raise UnknownExpectation(f"{_full_name(promise)}: {promise.expectation}: {error}") from error


@contextmanager
def _open_datasource(database: Path, reads: Collection[Path]) -> Iterator["SQLDatasource"]:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    import expectations.duckdb_dialect  # noqa: F401, it registers itself with SQLAlchemy

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    datasource = context.data_sources.add_sql(
        "warehouse",
        connection_string="duckdb+buffered://",
        create_temp_table=False,
        kwargs={"connect_args": {"database": str(database), "reads": list(map(str, reads))}},
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


def _validate_table(batch: "Batch", promised: list[tuple[Promise, "Expectation"]]) -> list[Outcome]:
    started = time.perf_counter()
    results = _run(batch, promised, COUNTS_ONLY)
    broken = [(promise, expectation) for promise, expectation in promised if not results[promise.name].success]
    # Only broken promises are worth another scan, for the rows that break them.
    rows_of_broken = _run(batch, broken, WITH_ROWS) if broken else {}
    (rows_checked,) = _select(batch, "SELECT count(*) AS n FROM {batch}")
    seconds = time.perf_counter() - started
    return [
        _build_outcome(
            batch, promise, results[promise.name], rows_of_broken.get(promise.name), rows_checked["n"], seconds
        )
        for promise, _ in promised
    ]


def _run(
    batch: "Batch", promised: list[tuple[Promise, "Expectation"]], result_format: dict[str, Any]
) -> dict[str, "ExpectationValidationResult"]:
    from great_expectations import ExpectationSuite

    suite = ExpectationSuite(name=batch.data_asset.name, expectations=[expectation for _, expectation in promised])
    found = batch.validate(suite, result_format=result_format).results
    results = {result.expectation_config.meta["promise"]: result for result in found}
    for promise, _ in promised:
        if promise.name not in results:
            raise ExpectationErrored(f"{_full_name(promise)}: it was dropped without a result")
        if messages := _find_errors(results[promise.name].exception_info):
            raise ExpectationErrored(f"{_full_name(promise)}: {'; '.join(messages)}")
    return results


def _find_errors(exception_info: dict[str, Any]) -> list[str]:
    # Either one record, or one record per metric that failed.
    records = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return [redact_values(str(record["exception_message"])) for record in records if record["raised_exception"]]


def _build_outcome(
    batch: "Batch",
    promise: Promise,
    result: "ExpectationValidationResult",
    result_with_rows: "ExpectationValidationResult | None",
    rows_checked: int,
    seconds: float,
) -> Outcome:
    unexpected = result.result.get("unexpected_count", 0) or 0
    is_about_rows = "unexpected_count" in result.result
    return Outcome(
        promise=promise,
        success=bool(result.success),
        observed=f"{unexpected:,} of {rows_checked:,} rows" if is_about_rows else str(result.result["observed_value"]),
        unexpected_count=unexpected if is_about_rows else None,
        rows_checked=rows_checked,
        failing_rows=_collect_failing_rows(batch, promise, result_with_rows) if result_with_rows else [],
        seconds=seconds,
    )


def _collect_failing_rows(
    batch: "Batch", promise: Promise, result: "ExpectationValidationResult"
) -> list[dict[str, Any]]:
    if "condition" in promise.kwargs:
        rows = _select(batch, f"SELECT * FROM {{batch}} WHERE {promise.kwargs['condition']} LIMIT {FAILING_ROWS}")
    else:
        rows = result.result.get("unexpected_rows") or []
    personal = find_personal(promise.table)
    return [
        {
            column: "(personal)" if column in personal and value is not None else _to_json(value)
            for column, value in row.items()
        }
        for row in rows
    ]


def find_personal(table: str) -> frozenset[str]:
    """Columns that are not shown: of a delivered extract all that its declaration says is somebody's."""
    extract = read_contract().get(table)
    columns = extract.columns if extract else ()
    return PERSONAL | {column.name for column in columns if column.identifies or column.describes}


def _select(batch: "Batch", query: str) -> list[dict[str, Any]]:
    import sqlalchemy

    statement = sqlalchemy.text(query.format(batch=batch.data_asset.qualified_name))
    return [row._asdict() for row in batch.data.execution_engine.execute_query(statement)]


def _to_json(value: Any) -> str | int | float | bool | None:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value


def _full_name(promise: Promise) -> str:
    return f"{promise.table}.{promise.name}"
