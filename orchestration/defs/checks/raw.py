"""Expectations on deliveries that have not passed yet, not on those of earlier runs.

A delivery that fails a critical check is not accepted: it is read again in every run, and stops each of them, until its
file in landing is corrected or removed.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dagster import AssetCheckExecutionContext, AssetChecksDefinition, multi_asset_check

from expectations.suites import Check, load_suites
from expectations.validation import Outcome, validate
from orchestration.defs import POOL
from orchestration.defs.assets.raw import raw_key
from orchestration.defs.check_events import Recorded, record_check
from orchestration.defs.checks.expectations import (
    describe,
    group_by_table,
    is_selected,
    report,
    report_nothing_new,
    specify,
)
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
        specs=[specify(suite, raw_key(extract)) for extract, suite in suites.items()],
        can_subset=True,
        pool=POOL,
    )
    def raw_expectations(context: AssetCheckExecutionContext, programme: ProgrammeResource) -> Iterator[Recorded]:
        folder = programme.folder
        selected = [extract for extract in suites if is_selected(context, raw_key(extract))]
        with Ledger(folder.ledger_file) as ledger:
            # A format without a suite has nothing to wait for.
            waiting = {
                extract: rows
                for extract, rows in ledger.read_unaccepted().items()
                if extract in selected or extract not in suites
            }
            delivered = {extract: rows for extract, rows in waiting.items() if extract in suites}
            checks = [check for extract in delivered for check in suites[extract]]
            outcomes = validate_deliveries(folder, delivered, checks)
            for extract, rows in waiting.items():
                if is_acceptable(outcomes.get(extract, ())):
                    ledger.accept(row.delivery_id for row in rows)
        for extract in selected:
            if extract not in delivered:
                yield from record_check(raw_expectations, report_nothing_new(raw_key(extract)))
                continue
            for line in describe(outcomes[extract]):
                log.warning(line)
            yield from record_check(raw_expectations, report(outcomes[extract], raw_key(extract)))

    return raw_expectations


def is_acceptable(outcomes: Sequence[Outcome]) -> bool:
    """Whether every critical expectation passed."""
    return all(outcome.success for outcome in outcomes if outcome.check.severity == "critical")


def validate_deliveries(
    folder: ProgrammeFolder, delivered: Mapping[str, Sequence[LedgerRow]], checks: Sequence[Check]
) -> dict[str, list[Outcome]]:
    """Outcomes of the checks by extract, on the deliveries of the extract together."""
    workspace = folder.warehouse / "tmp" / "deliveries"
    # A killed run may have left its copy, with data of people who asked to be erased since.
    shutil.rmtree(workspace, ignore_errors=True)
    if not checks:
        return {}
    workspace.mkdir(parents=True)
    database = workspace / "deliveries.duckdb"
    contract = read_contract()
    try:
        with connect(folder.raw, database=database) as connection:
            connection.execute("create schema delivered")
            for extract, rows in delivered.items():
                connection.execute(copy_deliveries(contract[extract], [folder.raw / row.parquet for row in rows]))
        log.info("raw: running %s checks on %s extracts", len(checks), len(delivered))
        return group_by_table(validate(database, checks))
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
