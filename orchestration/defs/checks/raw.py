"""Expectations on deliveries that have not passed yet, not on those of earlier runs.

A delivery that fails a critical check is not accepted: it is read again in every run, and stops each of them, until its
file in landing is corrected or removed.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetChecksDefinition, multi_asset_check

from expectations.suites import Check, load_suites
from expectations.validation import Outcome, validate
from orchestration.defs import POOL
from orchestration.defs.assets.raw import raw_key
from orchestration.defs.checks.expectations import describe, is_selected, report, report_nothing_new, specify
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
        specs=[specify(check, raw_key(extract)) for extract, suite in suites.items() for check in suite],
        can_subset=True,
        pool=POOL,
    )
    def raw_expectations(
        context: AssetCheckExecutionContext, programme: ProgrammeResource
    ) -> Iterator[AssetCheckResult]:
        folder = programme.folder
        selected = {
            extract: [check for check in suite if is_selected(context, check, raw_key(extract))]
            for extract, suite in suites.items()
        }
        with Ledger(folder.ledger_file) as ledger:
            # A format without a suite has nothing to wait for.
            waiting = {table: rows for table, rows in ledger.read_unaccepted().items() if selected.get(table, True)}
            delivered = {extract: rows for extract, rows in waiting.items() if extract in selected}
            outcomes = validate_deliveries(
                folder, delivered, [check for extract in delivered for check in selected[extract]]
            )
            for extract, rows in waiting.items():
                if is_acceptable(extract, suites.get(extract, ()), outcomes):
                    ledger.accept(row.delivery_id for row in rows)
        for line in describe(outcomes):
            log.warning(line)
        yield from (report(outcome, raw_key(outcome.check.table)) for outcome in outcomes)
        yield from (
            report_nothing_new(check, raw_key(extract))
            for extract in selected
            if extract not in delivered
            for check in selected[extract]
        )

    return raw_expectations


def is_acceptable(extract: str, suite: Sequence[Check], outcomes: Sequence[Outcome]) -> bool:
    """Whether every critical expectation on the extract was checked and passed."""
    passed = {(outcome.check.table, outcome.check.name) for outcome in outcomes if outcome.success}
    return all((extract, check.name) in passed for check in suite if check.severity == "critical")


def validate_deliveries(
    folder: ProgrammeFolder, delivered: Mapping[str, Sequence[LedgerRow]], checks: Sequence[Check]
) -> list[Outcome]:
    """One outcome for each check, on the deliveries of its extract together."""
    workspace = folder.warehouse / "tmp" / "deliveries"
    # A killed run may have left its copy, with data of people who asked to be erased since.
    shutil.rmtree(workspace, ignore_errors=True)
    if not checks:
        return []
    workspace.mkdir(parents=True)
    database = workspace / "deliveries.duckdb"
    contract = read_contract()
    try:
        with connect(folder.raw, database=database) as connection:
            connection.execute("create schema delivered")
            for extract, rows in delivered.items():
                connection.execute(copy_deliveries(contract[extract], [folder.raw / row.parquet for row in rows]))
        log.info("raw: running %s checks on %s extracts", len(checks), len(delivered))
        return validate(database, checks)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def copy_deliveries(extract: Extract, files: Sequence[Path]) -> str:
    """SQL of a table of the delivered rows, every column cast as staging casts it.

    Not a view: each check would cast its columns again, twice. 5 million orders take 15 s to copy, and one check of a
    date takes 48 s on a view.
    """
    columns = ",\n    ".join(
        f"{cast_expression(column.data_type, quote_name(column.name))} as {quote_name(column.name)}"
        for column in extract.columns
    )
    return (
        f"create table delivered.{quote_name(extract.name)} as\nselect\n    {columns},\n    _file,\n    _row\n"
        f"from read_parquet([{', '.join(quote_path(file) for file in files)}])"
    )
