"""Deliveries of an entry whose id is the row itself (`ids: {referral_id: row}`), where nothing tells two rows apart but
their place: a corrected file replaces all rows of its path, and a file that repeats another is warned of."""

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from orchestration.landing.ledger import LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.programme.contract import Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_name, quote_path


def find_replaced(known: Collection[LedgerRow], entry_id: str, file: str, row_ids: Collection[str]) -> list[LedgerRow]:
    """Earlier deliveries of the path, which a new content replaces; none for an entry without row ids."""
    if not row_ids:
        return []
    return [delivery for delivery in known if delivery.entry_id == entry_id and delivery.file == file]


def remove_files(folder: ProgrammeFolder, deliveries: Collection[LedgerRow]) -> None:
    """Remove the files of deliveries that the ledger no longer lists. After a crash, remove_orphans does."""
    for delivery in deliveries:
        (folder.raw / delivery.parquet).unlink(missing_ok=True)
        find_quarantined_file(folder, delivery.extract, delivery.delivery_id).unlink(missing_ok=True)


def count_repeated(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    extract: Extract,
    row_ids: Collection[str],
    new: Path,
    earlier: Collection[LedgerRow],
) -> Mapping[str, int]:
    """How many rows of earlier deliveries `new` has again, by their file, where it is half of the file's rows or more.

    Rows are compared by all columns of the extract but the row ids.
    """
    if not row_ids or not earlier:
        return {}
    row = ", ".join(quote_name(name) for name in extract.column_names if name not in row_ids)
    files = ", ".join(quote_path(folder.raw / delivery.parquet) for delivery in earlier)
    rows = f"select hash({row}) from read_parquet({quote_path(new)})"
    found = connection.execute(f"""
        select _file, count(*) filter (hash({row}) in ({rows})) as again
        from read_parquet([{files}])
        group by _delivery, _file
        having again * 2 >= count(*)
        order by _file
    """)
    return dict(found.fetchall())
