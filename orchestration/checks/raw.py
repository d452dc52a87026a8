"""Did the deliveries arrive sane? Looks at what was delivered since the last delivery that passed, not at the history.

A delivery with a broken critical promise is not accepted: it is read anew on every night, and stops each of them, until
its file in landing is corrected or taken away.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
from dagster import AssetCheckResult, multi_asset_check

from expectations.suites import Promise, load_suites
from expectations.validation import Outcome, validate
from orchestration.assets.raw import raw_key
from orchestration.checks.promises import describe, report, report_nothing_new, specify
from orchestration.environment import REPOSITORY, find_folder
from orchestration.landing.casts import cast_expression
from orchestration.landing.contract import Extract, read_contract
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.sql import quote_name, quote_path
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log

SUITES = load_suites(REPOSITORY / "expectations" / "raw")


@multi_asset_check(
    name="raw_promises",
    specs=[specify(promise, raw_key(extract)) for extract, suite in SUITES.items() for promise in suite],
    pool="warehouse",
)
def raw_promises() -> Iterator[AssetCheckResult]:
    folder = find_folder()
    with Ledger(folder.ledger_file) as ledger:
        delivered = ledger.read_unaccepted()
        outcomes = validate_deliveries(folder, delivered)
        refused = {outcome.promise.table for outcome in outcomes if is_refusal(outcome)}
        ledger.accept(row.delivery_id for rows in delivered.values() for row in rows if row.extract not in refused)
    for line in describe(outcomes):
        log.warning(line)
    yield from (report(outcome, raw_key(outcome.promise.table)) for outcome in outcomes)
    yield from (
        report_nothing_new(promise, raw_key(extract))
        for extract, suite in SUITES.items()
        if extract not in delivered
        for promise in suite
    )


def is_refusal(outcome: Outcome) -> bool:
    return not outcome.success and outcome.promise.severity == "critical"


def validate_deliveries(folder: ProgrammeFolder, delivered: dict[str, list[LedgerRow]]) -> list[Outcome]:
    """One outcome for each promise on each extract that has deliveries in `delivered`."""
    promises: list[Promise] = [promise for extract in delivered for promise in SUITES[extract]]
    if not promises:
        return []
    database = folder.warehouse / "tmp" / "deliveries.duckdb"
    database.unlink(missing_ok=True)
    contract = read_contract()
    with duckdb.connect(database) as connection:
        connection.execute("create schema delivered")
        for extract, rows in delivered.items():
            connection.execute(view_deliveries(contract[extract], [folder.raw / row.parquet for row in rows]))
    log.info("raw: checking %s promises on %s extracts", len(promises), len(delivered))
    return validate(database, promises)


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
