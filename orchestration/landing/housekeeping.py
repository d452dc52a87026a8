"""Repair of the ledger and the files of the warehouse after a crash or a change of extracts.yml."""

import logging
from collections.abc import Collection, Mapping

from orchestration.landing.content import hash_content, hash_file
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import find_quarantined_file
from orchestration.landing.raw_files import EMPTY_NAME
from orchestration.landing.refusals import FileRefused
from orchestration.programme.folder import ProgrammeFolder

log = logging.getLogger("reach_results.landing")


class DamagedRaw(Exception):
    """Rows in raw can neither be read nor loaded again; the message names the files and what to do."""


def drop_lost_deliveries(
    folder: ProgrammeFolder,
    ledger: Ledger,
    verify: Collection[str],
    named: Mapping[str, Collection[str]],
    labels: Mapping[str, str],
) -> None:
    """Remove deliveries with missing or damaged files from the ledger, so that they are loaded again.

    Raw files of the extracts `verify` are compared with their hashes; `named` are the files in landing by entry,
    `labels` what each entry is called.
    Raises DamagedRaw if landing no longer has the content of a delivery.
    """
    known = list(ledger.read_deliveries().values())
    # Corrected rows are searched for in every extract with quarantined rows, so each run reads it.
    read = {*verify, *(delivery.extract for delivery in known if delivery.rows_quarantined)}
    lost = [delivery for delivery in known if is_missing(folder, delivery) or is_damaged(folder, delivery, read)]
    unrecoverable = []
    for delivery in lost:
        raw_file = folder.raw / delivery.parquet
        same = [file.path for file in ledger.read_files().values() if file.sha256 == delivery.sha256]
        if any(file in named[delivery.entry_id] and has_content(folder, file, delivery.sha256) for file in same):
            log.warning(
                "%s ← %s: the loaded rows are missing or damaged (%s), so the file is loaded again",
                *(labels[delivery.entry_id], delivery.file, raw_file),
            )
            ledger.delete_deliveries([delivery.delivery_id])
        else:
            unrecoverable.append(
                f"{raw_file} is missing or damaged, and landing no longer has the file it was made from:"
                f" {delivery.file} as it was. Put that file back, or continue without its rows: make rebuild"
            )
    if unrecoverable:
        raise DamagedRaw("\n".join(unrecoverable))


def retire_deliveries(ledger: Ledger, extracts: Collection[str] | None, entry_ids: Collection[str]) -> int:
    """Remove deliveries of entries that no longer exist, in the given extracts (None: all); returns how many."""
    retired = [
        delivery.delivery_id
        for delivery in ledger.read_deliveries().values()
        if delivery.entry_id not in entry_ids and (extracts is None or delivery.extract in extracts)
    ]
    ledger.delete_deliveries(retired)
    return len(retired)


def retire_pruned(ledger: Ledger, entry_ids: Collection[str], named: Mapping[str, Collection[str]]) -> int:
    """Remove deliveries of these entries whose files landing no longer has: older pulls of a snapshot, which it
    replaced. Returns how many."""
    files = ledger.read_files()
    present = {entry_id: {files[file].sha256 for file in named[entry_id] if file in files} for entry_id in entry_ids}
    pruned = [
        delivery.delivery_id
        for delivery in ledger.read_deliveries().values()
        # If nothing is left, somebody removed the files: what was loaded stays, as it does for every other file.
        if present.get(delivery.entry_id) and delivery.sha256 not in present[delivery.entry_id]
    ]
    ledger.delete_deliveries(pruned)
    return len(pruned)


def remove_orphans(folder: ProgrammeFolder, ledger: Ledger, extracts: Collection[str]) -> None:
    """Remove files of these extracts that the ledger does not list, after a crash or a retired delivery."""
    known = ledger.read_deliveries().values()
    kept = {folder.raw / delivery.parquet for delivery in known}
    kept |= {find_quarantined_file(folder, delivery.extract, delivery.delivery_id) for delivery in known}
    for extract in extracts:
        for place in (folder.raw / extract, find_quarantined_file(folder, extract, "").parent):
            for file in place.iterdir() if place.is_dir() else ():
                if file.is_file() and file not in kept and file.name != EMPTY_NAME:
                    file.unlink()


def is_missing(folder: ProgrammeFolder, delivery: LedgerRow) -> bool:
    """Whether a file of the delivery is missing."""
    if not (folder.raw / delivery.parquet).is_file():
        return True
    quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
    return delivery.rows_quarantined > 0 and not quarantined.is_file()


def has_damaged(folder: ProgrammeFolder, extracts: Collection[str]) -> bool:
    """Whether a raw file of these extracts is not as it was written."""
    with Ledger(folder.ledger_file) as ledger:
        return any(is_damaged(folder, row, extracts) for row in ledger.read_deliveries().values())


def is_damaged(folder: ProgrammeFolder, delivery: LedgerRow, verify: Collection[str]) -> bool:
    """Whether a file of the delivery is not as it was written. Every run reads the quarantined values, so they are
    always checked; the kept rows only if `verify` has the extract."""
    quarantined = find_quarantined_file(folder, delivery.extract, delivery.delivery_id)
    if delivery.quarantine_sha256 and hash_file(quarantined) != delivery.quarantine_sha256:
        return True
    if not delivery.parquet_sha256 or delivery.extract not in verify:
        return False
    return hash_file(folder.raw / delivery.parquet) != delivery.parquet_sha256


def has_content(folder: ProgrammeFolder, file: str, sha256: str) -> bool:
    try:
        return hash_content(folder.path / file) == sha256
    except (OSError, FileRefused):
        return False
