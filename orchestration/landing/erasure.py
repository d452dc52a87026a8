"""Taking people out of what was loaded before they were to be forgotten."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from orchestration.landing.content import hash_file
from orchestration.landing.forgotten import Forgotten, hide_forgotten, leave_out, read_forgotten
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.landing.raw_files import sum_money
from orchestration.programme.atomic import replace_whole
from orchestration.programme.contract import Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name, quote_path
from orchestration.runtime.run_log import log


def forget_people(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    ledger: Ledger,
    tables: Mapping[str, Extract],
    forgotten: Forgotten,
) -> None:
    """Take people out of what was loaded before the record had them, once for each version of the record.

    A run that is killed on the way leaves whole files, and the next one goes through all of them again.
    """
    people = forgotten.people
    if not is_pending(ledger, forgotten):
        return
    changed = 0
    for delivery in ledger.read_deliveries().values():
        file = folder.raw / delivery.parquet
        extract = tables[delivery.extract]
        present = pq.read_schema(file).names
        rows = describe_rows(file)
        ledger.recount_delivery(replace(delivery, parquet_sha256="", quarantine_sha256=None))
        changed += rewrite(connection, file, rows, leave_out(rows, extract, present, people))
        quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
        if delivery.rows_quarantined:
            rows = describe_rows(quarantined)
            hidden = f"{hide_forgotten('value', people)} as value, {hide_forgotten('row_key', people, None)} as row_key"
            rewrite(connection, quarantined, rows, f"(select * replace ({hidden}) from {rows})")
        ledger.recount_delivery(
            replace(
                count_again(connection, file, delivery, extract),
                parquet_sha256=hash_file(file),
                quarantine_sha256=hash_file(quarantined) if delivery.rows_quarantined else None,
            )
        )
    ledger.remember_forgotten_version(forgotten.version)
    log.info("forgotten by now: %s; taken out of %s deliveries", f"{len(people):,}", changed)


def is_pending(ledger: Ledger, forgotten: Forgotten) -> bool:
    """Whether what was loaded may still have somebody who is in the record by now."""
    return bool(forgotten.people) and ledger.read_forgotten_version() != forgotten.version


def is_erasure_pending(folder: ProgrammeFolder) -> bool:
    with Ledger(folder.ledger_file) as ledger:
        return is_pending(ledger, read_forgotten(folder))


def describe_rows(file: Path) -> str:
    return f"(select * from read_parquet({quote_path(file)}))"


def rewrite(connection: duckdb.DuckDBPyConnection, file: Path, before: str, after: str) -> bool:
    """Write a Parquet file anew with the rows `after`, if that makes a difference; gives whether it did."""
    if before == after:
        return False
    [(differs,)] = connection.execute(f"select count(*) > 0 from (from {before} except all from {after})").fetchall()
    if differs:
        with replace_whole(file) as temporary:
            connection.execute(f"copy (from {after}) to {quote_literal(temporary)} (format parquet)")
    return differs


def count_again(connection: duckdb.DuckDBPyConnection, file: Path, delivery: LedgerRow, extract: Extract) -> LedgerRow:
    """The delivery with what its file holds by now."""
    gone = delivery.rows_kept - pq.read_metadata(file).num_rows
    if not gone:
        return delivery
    columns = {column.name: quote_name(column.name) for column in extract.columns}
    money = sum_money(connection, f"read_parquet({quote_path(file)})", extract, columns)
    return replace(
        delivery,
        rows_kept=delivery.rows_kept - gone,
        rows_dropped=delivery.rows_dropped + gone,
        rows_forgotten=delivery.rows_forgotten + gone,
        money_kept=money,
    )
