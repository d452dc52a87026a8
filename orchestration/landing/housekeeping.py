"""Bringing the ledger and the files of the warehouse together again, after a crash or a changed extracts.yml."""

import logging
from collections.abc import Collection, Mapping
from pathlib import Path

from orchestration.landing.content import hash_content, hash_file
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.landing.raw_files import EMPTY_NAME
from orchestration.landing.refusals import FileRefused
from orchestration.programme.folder import ProgrammeFolder

log = logging.getLogger("reach_results.landing")


class DamagedRaw(Exception):
    """Rows that were loaded once can neither be read nor loaded again; the message names files and says what to do."""


def forget_lost(
    folder: ProgrammeFolder, ledger: Ledger, doubted: Collection[str], named: Mapping[str, Collection[str]]
) -> None:
    """Forget deliveries whose files are gone or damaged, so that they are loaded again.

    Every raw file of the extracts `doubted` is compared with its hash; `named` are the files in landing by entry.
    Raises DamagedRaw if landing no longer has what a delivery held.
    """
    known = list(ledger.read_deliveries().values())
    # An extract with rows in quarantine is looked through for corrected ones, so it is read each night.
    read = {*doubted, *(delivery.extract for delivery in known if delivery.rows_quarantined)}
    lost = [delivery for delivery in known if is_lost(folder, delivery) or is_damaged(folder, delivery, read)]
    gone = []
    for delivery in lost:
        same = [file.path for file in ledger.read_files().values() if file.sha256 == delivery.sha256]
        if any(file in named[delivery.entry_id] and holds(folder, file, delivery.sha256) for file in same):
            log.warning(
                "%s ← %s: what was loaded is gone or damaged (%s), so the file is loaded again",
                *(delivery.extract, delivery.file, folder.raw / delivery.parquet),
            )
            ledger.forget_deliveries([delivery.delivery_id])
        else:
            gone.append(
                f"{folder.raw / delivery.parquet} is gone or damaged, and landing no longer has what it was made from:"
                f" {delivery.file} as it was. Put that file back, or go on without its rows: make rebuild"
            )
    if gone:
        raise DamagedRaw("\n".join(gone))


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


def is_lost(folder: ProgrammeFolder, delivery: LedgerRow) -> bool:
    if not (folder.raw / delivery.parquet).is_file():
        return True
    quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
    return delivery.rows_quarantined > 0 and not quarantined.is_file()


def has_damaged(folder: ProgrammeFolder, extracts: Collection[str]) -> bool:
    """Whether a raw file of these extracts is not what was written."""
    with Ledger(folder.ledger_file) as ledger:
        return any(is_damaged(folder, row, extracts) for row in ledger.read_deliveries().values())


def is_damaged(folder: ProgrammeFolder, delivery: LedgerRow, read: Collection[str]) -> bool:
    """Whether a file of the delivery is not what was written. What was quarantined is read each night, so it is always
    looked at; what was kept only where its extract is among `read`."""
    quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
    if delivery.quarantine_sha256 and hash_file(quarantined) != delivery.quarantine_sha256:
        return True
    if not delivery.parquet_sha256 or delivery.extract not in read:
        return False
    return hash_file(folder.raw / delivery.parquet) != delivery.parquet_sha256


def holds(folder: ProgrammeFolder, file: str, sha256: str) -> bool:
    try:
        return hash_content(folder.path / file) == sha256
    except (OSError, FileRefused):
        return False


def _list_files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []
