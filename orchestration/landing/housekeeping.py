"""Bringing the ledger and the files of the warehouse together again, after a crash or a changed extracts.yml."""

from collections.abc import Collection
from pathlib import Path

from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.landing.raw_files import EMPTY_NAME
from orchestration.programme.folder import ProgrammeFolder


def forget_lost(folder: ProgrammeFolder, ledger: Ledger) -> None:
    """Forget deliveries whose files are gone, so that they are loaded again."""
    lost = [delivery.delivery_id for delivery in ledger.read_deliveries().values() if _is_lost(folder, delivery)]
    ledger.forget_deliveries(lost)


def retire(ledger: Ledger, extracts: Collection[str] | None, entry_ids: Collection[str]) -> int:
    """Forget deliveries of entries that are no more, among the given extracts (None: all); gives how many."""
    retired = [
        delivery.delivery_id
        for delivery in ledger.read_deliveries().values()
        if delivery.entry_id not in entry_ids and (extracts is None or delivery.extract in extracts)
    ]
    ledger.forget_deliveries(retired)
    return len(retired)


def remove_orphans(folder: ProgrammeFolder, ledger: Ledger, extracts: Collection[str]) -> None:
    """Remove files of these extracts that the ledger does not know: a crash left them, or they were retired."""
    known = ledger.read_deliveries().values()
    kept = {folder.raw / delivery.parquet for delivery in known}
    kept |= {find_quarantined_file(folder, delivery.extract, delivery.delivery_id) for delivery in known}
    for extract in extracts:
        for place in (folder.raw / extract, find_quarantined_file(folder, extract, "").parent):
            for file in _list_files(place):
                if file not in kept and file.name != EMPTY_NAME:
                    file.unlink()


def _is_lost(folder: ProgrammeFolder, delivery: LedgerRow) -> bool:
    if not (folder.raw / delivery.parquet).is_file():
        return True
    quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
    return delivery.rows_quarantined > 0 and not quarantined.is_file()


def _list_files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []
