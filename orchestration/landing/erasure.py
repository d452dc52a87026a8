"""Erasure of people from deliveries that were loaded before the people were added to the record."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from orchestration.landing.content import hash_file
from orchestration.landing.erased_people import ErasedPeople, exclude_erased, hide_erased, read_erased_people
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.landing.raw_files import sum_money
from orchestration.programme.atomic import replace_whole
from orchestration.programme.contract import Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name, quote_path
from orchestration.runtime.run_log import log


def erase_people(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    ledger: Ledger,
    tables: Mapping[str, Extract],
    erased: ErasedPeople,
) -> None:
    """Erase people from raw and quarantine, once for each version of the record.

    A killed run leaves complete files, and the next run processes all of them again.
    """
    people = erased.people
    if not needs_erasure(ledger, erased):
        return
    changed = 0
    for delivery in ledger.read_deliveries().values():
        file, extract = folder.raw / delivery.parquet, tables[delivery.extract]
        quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
        rows = select_rows(file)
        ledger.recount_delivery(replace(delivery, parquet_sha256="", quarantine_sha256=None))
        changed += rewrite(connection, file, rows, exclude_erased(rows, extract, pq.read_schema(file).names, people))
        if delivery.rows_quarantined:
            rows = select_rows(quarantined)
            hidden = f"{hide_erased('value', people)} as value, {hide_erased('row_key', people, None)} as row_key"
            rewrite(connection, quarantined, rows, f"(select * replace ({hidden}) from {rows})")
        ledger.recount_delivery(
            replace(
                recount_rows(connection, file, delivery, extract),
                parquet_sha256=hash_file(file),
                quarantine_sha256=hash_file(quarantined) if delivery.rows_quarantined else None,
            )
        )
    ledger.record_erased_version(erased.version)
    log.info("%s people in the erasure record; %s deliveries changed", f"{len(people):,}", changed)


def needs_erasure(ledger: Ledger, erased: ErasedPeople) -> bool:
    """Whether raw may still hold data of somebody in the record."""
    return bool(erased.people) and ledger.read_erased_version() != erased.version


def is_erasure_pending(folder: ProgrammeFolder) -> bool:
    with Ledger(folder.ledger_file) as ledger:
        return needs_erasure(ledger, read_erased_people(folder))


def select_rows(file: Path) -> str:
    return f"(select * from read_parquet({quote_path(file)}))"


def rewrite(connection: duckdb.DuckDBPyConnection, file: Path, before: str, after: str) -> bool:
    """Write the rows `after` to a Parquet file if they differ from its rows; returns whether they do."""
    if before == after:
        return False
    [(differs,)] = connection.execute(f"select count(*) > 0 from (from {before} except all from {after})").fetchall()
    if differs:
        with replace_whole(file) as temporary:
            connection.execute(f"copy (from {after}) to {quote_literal(temporary)} (format parquet)")
    return bool(differs)


def recount_rows(connection: duckdb.DuckDBPyConnection, file: Path, delivery: LedgerRow, extract: Extract) -> LedgerRow:
    """The delivery with the counts and the control total of its file as it is now."""
    removed = delivery.rows_kept - pq.read_metadata(file).num_rows
    if not removed:
        return delivery
    columns = {name: quote_name(name) for name in extract.column_names}
    return replace(
        delivery,
        rows_kept=delivery.rows_kept - removed,
        rows_dropped=delivery.rows_dropped + removed,
        rows_forgotten=delivery.rows_forgotten + removed,
        money_kept=sum_money(connection, f"read_parquet({quote_path(file)})", extract, columns),
    )
