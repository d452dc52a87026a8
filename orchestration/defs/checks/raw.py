"""Did the deliveries arrive sane? Looks at what was delivered since the last delivery that passed, not at the history.

A delivery with a broken critical promise is not accepted: it is read anew on every night, and stops each of them, until
its file in landing is corrected or taken away.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetChecksDefinition, multi_asset_check

from expectations.suites import Promise, load_suites
from expectations.validation import Outcome, validate
from orchestration.defs import POOL
from orchestration.defs.assets.raw import raw_key
from orchestration.defs.checks.expectations import describe, is_asked, report, report_nothing_new, specify
from orchestration.defs.resources import ProgrammeResource
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Extract, read_contract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import REPOSITORY
from orchestration.programme.sql import quote_name, quote_path
from orchestration.runtime.connections import connect
from orchestration.runtime.run_log import log


def build_raw_checks() -> AssetChecksDefinition:
    suites = load_suites(REPOSITORY / "expectations" / "raw")

    @multi_asset_check(
        name="raw_expectations",
        specs=[specify(promise, raw_key(extract)) for extract, suite in suites.items() for promise in suite],
        can_subset=True,
        pool=POOL,
    )
    def raw_expectations(
        context: AssetCheckExecutionContext, programme: ProgrammeResource
    ) -> Iterator[AssetCheckResult]:
        folder = programme.folder
        asked = {
            extract: [promise for promise in suite if is_asked(context, promise, raw_key(extract))]
            for extract, suite in suites.items()
        }
        with Ledger(folder.ledger_file) as ledger:
            # A format without a suite has nothing to wait for.
            waiting = {table: rows for table, rows in ledger.read_unaccepted().items() if asked.get(table, True)}
            delivered = {extract: rows for extract, rows in waiting.items() if extract in asked}
            outcomes = validate_deliveries(folder, delivered, [p for extract in delivered for p in asked[extract]])
            for extract, rows in waiting.items():
                if is_acceptable(extract, suites.get(extract, ()), outcomes):
                    ledger.accept(row.delivery_id for row in rows)
        for line in describe(outcomes):
            log.warning(line)
        yield from (report(outcome, raw_key(outcome.promise.table)) for outcome in outcomes)
        yield from (
            report_nothing_new(promise, raw_key(extract))
            for extract, promises in asked.items()
            if extract not in delivered
            for promise in promises
        )

    return raw_expectations


def is_acceptable(extract: str, suite: Sequence[Promise], outcomes: Sequence[Outcome]) -> bool:
    """Whether every critical expectation on the extract was checked and passed."""
    kept = {(outcome.promise.table, outcome.promise.name) for outcome in outcomes if outcome.success}
    return all((extract, promise.name) in kept for promise in suite if promise.severity == "critical")


def validate_deliveries(
    folder: ProgrammeFolder, delivered: Mapping[str, Sequence[LedgerRow]], promises: Sequence[Promise]
) -> list[Outcome]:
    """One outcome for each promise, held against the deliveries of its extract together."""
    if not promises:
        return []
    database = folder.warehouse / "tmp" / "deliveries.duckdb"
    database.unlink(missing_ok=True)
    contract = read_contract()
    with connect(folder.raw, database=database) as connection:
        connection.execute("create schema delivered")
        for extract, rows in delivered.items():
            connection.execute(view_deliveries(contract[extract], [folder.raw / row.parquet for row in rows]))
    log.info("raw: checking %s promises on %s extracts", len(promises), len(delivered))
    return validate(database, promises, reads=[folder.raw])


def view_deliveries(extract: Extract, files: Sequence[Path]) -> str:
    """SQL of a view on the delivered rows, every column cast as staging casts it."""
    columns = ",\n    ".join(
        f"{cast_expression(column.data_type, quote_name(column.name))} as {quote_name(column.name)}"
        for column in extract.columns
    )
    return (
        f"create view delivered.{quote_name(extract.name)} as\nselect\n    {columns},\n    _file,\n    _row\n"
        f"from read_parquet([{', '.join(quote_path(file) for file in files)}])"
    )
