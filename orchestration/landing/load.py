"""Landing: every new file becomes one immutable delivery in raw; rows that cannot be read go to quarantine."""

import logging
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.landing.content import hash_content
from orchestration.landing.delivery import Delivery, EntryReading, is_file_unchanged, load_delivery
from orchestration.landing.erased_people import read_erased_people, set_pseudonym_key
from orchestration.landing.erasure import erase_people, needs_erasure
from orchestration.landing.housekeeping import (
    drop_lost_deliveries,
    remove_orphans,
    retire_deliveries,
    retire_pruned,
)
from orchestration.landing.identity import identify_delivery, identify_entry, order_delivery
from orchestration.landing.later_files import find_repeated, find_replaced
from orchestration.landing.ledger import Ledger, SeenFile
from orchestration.landing.ledger_tables import write_ledger_tables
from orchestration.landing.listing import check_place, list_matching_files, show_name
from orchestration.landing.pulling.erasing import erase_from_pulls
from orchestration.landing.pulling.versions import strip_version
from orchestration.landing.quarantine import (
    QuarantinedValue,
    find_quarantined_file,
    read_examples,
    write_quarantine_csvs,
)
from orchestration.landing.raw_files import write_empty
from orchestration.landing.refusals import FileRefused, Refusal
from orchestration.landing.shared_keys import find_personal
from orchestration.programme.atomic import remove_leftovers
from orchestration.programme.contract import Extract
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.options import ROW
from orchestration.programme.programme import Programme
from orchestration.runtime.connections import connect

log = logging.getLogger("reach_results.landing")

EXAMPLES_PER_DELIVERY = 5
LONGEST_NAME = 40
PULLED = "landing/pulled/"


@dataclass(frozen=True)
class Landing:
    """The result of one call of `land`.

    `deliveries` are the new ones; `missing` are patterns without a file; `unclaimed` are files in landing that no
    entry names; `unchanged` counts files that an entry had loaded before; `retired` counts deliveries that were removed
    because their entry was removed or changed, or because a corrected file superseded them. `warnings` are sentences on
    rows that did not arrive, or did not count, as a team may expect.
    """

    deliveries: tuple[Delivery, ...]
    refusals: tuple[Refusal, ...]
    missing: tuple[str, ...]
    unclaimed: tuple[str, ...]
    unchanged: int
    retired: int
    quarantined_examples: tuple[QuarantinedValue, ...]
    warnings: tuple[str, ...] = ()


def land(programme: Programme, extracts: Collection[str] | None = None, verify: Collection[str] = ()) -> Landing:
    """Load what is new in landing into raw, for all extracts or the named ones. Raises KeyError for an unknown extract.

    Unchanged files are neither read nor hashed again, except the raw files of the extracts `verify`: they are compared
    with their hashes and loaded again if they are damaged. Landing is never written to, except that erased people are
    removed from what was pulled. Only one run at a time may call this.

    Raises DamagedRaw for a raw file that cannot be restored, OSError or duckdb.Error if writing fails; then nothing of
    the current file is left.
    """
    tables, folder = programme.tables, programme.folder
    chosen = [tables[name] for name in (tables if extracts is None else extracts)]
    names = {extract.name for extract in chosen}
    all_readings = [_describe_reading(programme, entry) for entry in programme.entries]
    readings = [reading for reading in all_readings if reading.extract.name in names]
    listings = {reading.entry.pattern: list_matching_files(folder, reading.entry.pattern) for reading in all_readings}

    with (
        Ledger(folder.ledger_file) as ledger,
        _open_workspace(folder) as workspace,
        connect(folder.path, folder.landing, folder.warehouse, workspace=workspace / "duckdb") as connection,
    ):
        erased = read_erased_people(folder)
        if erased.people:
            set_pseudonym_key(connection, folder)
        is_erasing = needs_erasure(ledger, erased)
        if is_erasing:
            # All files are rewritten, so all must be as they were written, and what was pulled is loaded again.
            verify, chosen, names, readings = set(tables), list(tables.values()), set(tables), all_readings
        named = {reading.entry_id: listings[reading.entry.pattern].files for reading in all_readings}
        labels = {reading.entry_id: reading.entry.label for reading in all_readings}
        retired = retire_deliveries(ledger, None if extracts is None else names, named)
        retired += retire_pruned(ledger, [reading.entry_id for reading in readings if _is_pruned(reading.entry)], named)
        drop_lost_deliveries(folder, ledger, verify, named, labels)
        for reading in readings if erased.people else ():
            if reading.entry.source is not None:
                known = {} if is_erasing else ledger.read_files()
                new = [file for file in listings[reading.entry.pattern].files if file not in known]
                erase_from_pulls(connection, folder, ledger, reading, new, erased.people, workspace)
        remove_orphans(folder, ledger, names)
        remove_leftovers(folder.raw / "ledger", folder.quarantine)
        for extract in chosen:
            write_empty(extract, folder.raw / extract.name)

        erase_people(connection, folder, ledger, tables, erased)

        run = _LandingRun(connection, folder, ledger, workspace, erased.people)
        run.files_in_all = sum(len(listings[reading.entry.pattern].files) for reading in readings)
        for reading in readings:
            listing = listings[reading.entry.pattern]
            for closed, refused in listing.closed.items():
                run.refuse(reading, closed, refused)
            for file in listing.files:
                run.load(reading, file)
            run.load_copies(reading, listing.files)
        if run.superseded:
            remove_orphans(folder, ledger, names)
        warnings = [*_describe_shared_keys(run.deliveries, readings), *run.compare_files(chosen, readings)]
        ledger.mark_last_wins([reading.entry_id for reading in all_readings if reading.entry.duplicates == "last"])

        write_ledger_tables(connection, folder, ledger, labels)
        write_quarantine_csvs(connection, folder, ledger.read_deliveries().values(), labels)
    missing = dict.fromkeys(
        reading.entry.pattern if reading.entry.source is None else f"{reading.entry.pulled_folder}/"
        for reading in readings
        if not listings[reading.entry.pattern].files
    )
    claimed = {file for listing in listings.values() for file in (*listing.files, *listing.closed)}
    present = list_matching_files(folder, "landing/**")
    landing = Landing(
        deliveries=tuple(run.deliveries),
        refusals=tuple(run.refusals),
        missing=tuple(missing),
        unclaimed=tuple(file for file in (*present.files, *present.closed) if file not in claimed),
        unchanged=run.unchanged,
        retired=retired + len(run.superseded),
        quarantined_examples=tuple(run.examples),
        warnings=tuple(warnings),
    )
    _log_warnings(landing)
    return landing


@dataclass
class _LandingRun:
    """Loads the files of one call of `land`, one after the other."""

    connection: duckdb.DuckDBPyConnection
    folder: ProgrammeFolder
    ledger: Ledger
    workspace: Path
    erased: Collection[str]
    deliveries: list[Delivery] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    examples: list[QuarantinedValue] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    unchanged: int = 0
    files_in_all: int = 0
    files_begun: int = 0

    def __post_init__(self) -> None:
        self.seen = self.ledger.read_files()
        self.known = self.ledger.read_deliveries()
        self.last_seen = {row.delivery_id: row.last_seen_order for row in self.known.values()}

    def load(self, reading: EntryReading, file: str) -> None:
        """Load a file unless this content was loaded before; a refused file does not stop the others."""
        self.files_begun += 1
        try:
            self._load(reading, file)
        except FileRefused as refused:
            self.refuse(reading, file, refused)

    def load_copies(self, reading: EntryReading, files: Iterable[str]) -> None:
        """Load what a superseded delivery had, where another file still has it."""
        gone = {self.known[delivery_id].sha256 for delivery_id in self.superseded}
        refused = {refusal.file for refusal in self.refusals}
        for file in files:
            if file in self.seen and self.seen[file].sha256 in gone and file not in refused:
                self.load(reading, file)

    def refuse(self, reading: EntryReading, file: str, refused: FileRefused) -> None:
        refusal = Refusal(reading.extract.name, reading.entry.label, show_name(file), refused.message, refused.remedy)
        self.refusals.append(refusal)

    def _load(self, reading: EntryReading, file: str) -> None:
        seen = self._see(file)
        delivery_id = identify_delivery(reading.entry_id, seen.sha256)
        before = self.seen.get(file)
        superseded = self._find_superseded(reading, seen)
        if delivery_id in self.last_seen:
            self.ledger.delete_deliveries(superseded)
            self._note_superseded(superseded)
            if before != seen:
                self.ledger.record_file(seen)
                self.seen[file] = seen
            if seen.delivery_order > self.last_seen[delivery_id]:
                self.ledger.update_last_seen(delivery_id, seen.delivery_order)
                self.last_seen[delivery_id] = seen.delivery_order
            self.unchanged += 1
            return
        is_overwritten = before is not None and before.sha256 != seen.sha256
        if is_overwritten and not superseded and reading.entry.delivery == "append":
            log.warning(
                "%s was overwritten: its earlier rows stay, but a rebuild cannot load them again. Use a new file name "
                "for each delivery",
                file,
            )
        # A large file takes minutes: whoever watches the run sees which one it is.
        place = f"file {self.files_begun:,} of {self.files_in_all:,}, {shorten(show_name(file))}"
        log.info("reading %s, %s MB", place, f"{seen.size / 1e6:,.1f}", extra={"reading": place})
        delivery = self._load_delivery(reading, seen, delivery_id, superseded)
        self._note_superseded(superseded)
        self.seen[file] = seen
        self.last_seen[delivery_id] = seen.delivery_order
        self.deliveries.append(delivery)
        if delivery.rows_quarantined:
            quarantined = find_quarantined_file(self.folder, delivery.extract, delivery_id)
            self.examples += read_examples(self.connection, quarantined, EXAMPLES_PER_DELIVERY)
        quarantined_rows = f", {delivery.rows_quarantined:,} quarantined" if delivery.rows_quarantined else ""
        log.info("%s ← %s: %s rows%s", delivery.entry, file, f"{delivery.rows_read:,}", quarantined_rows)

    def _find_superseded(self, reading: EntryReading, seen: SeenFile) -> list[str]:
        """Deliveries of the same file, if its rows are known by their place in it: a correction has other places."""
        if ROW not in reading.entry.ids.values() or reading.entry.delivery != "append":
            return []
        return [
            row.delivery_id
            for row in self.known.values()
            if (row.entry_id, strip_version(row.file)) == (reading.entry_id, strip_version(seen.path))
            and row.sha256 != seen.sha256
            and row.delivery_id in self.last_seen
        ]

    def _note_superseded(self, delivery_ids: Iterable[str]) -> None:
        for delivery_id in delivery_ids:
            self.superseded.append(delivery_id)
            del self.last_seen[delivery_id]

    def _load_delivery(
        self, reading: EntryReading, seen: SeenFile, delivery_id: str, superseded: Collection[str]
    ) -> Delivery:
        with TemporaryDirectory(dir=self.workspace) as workspace:
            place = Path(workspace)
            try:
                return load_delivery(
                    self.connection,
                    self.folder,
                    self.ledger,
                    reading,
                    seen,
                    delivery_id,
                    place,
                    self.erased,
                    superseded,
                )
            except (OSError, duckdb.Error) as error:
                path = self.folder.path / seen.path
                if path.exists() and is_file_unchanged(path, seen):
                    raise
                raise FileRefused("was changed or removed while it was read", "The next run tries again") from error

    def compare_files(self, extracts: Iterable[Extract], readings: Iterable[EntryReading]) -> Iterator[str]:
        """Count rows of the new deliveries that other files have too; yields warnings."""
        entries = {reading.entry_id: reading.entry for reading in readings}
        row_ids = {
            entry_id: [name for name, parts in entry.ids.items() if parts == ROW]
            for entry_id, entry in entries.items()
            if ROW in entry.ids.values()
        }
        for extract in extracts:
            held = [row for row in self.ledger.read_deliveries().values() if row.extract == extract.name]
            new = [delivery.delivery_id for delivery in self.deliveries if delivery.extract == extract.name]
            if not new:
                continue
            personal = set().union(*(find_personal(extract, entry.columns) for entry in entries.values()))
            replaced = find_replaced(self.connection, self.folder, extract, held, new, personal)
            repeated = find_repeated(self.connection, self.folder, extract, row_ids, held, new)
            for row in held:
                for overlap in filter(None, (replaced.get(row.delivery_id), repeated.get(row.delivery_id))):
                    self.ledger.add_effects(row.delivery_id, overlap.effects)
                    entry = entries[row.entry_id]
                    if entry.duplicates != "last":
                        yield from (f"{entry.label} ← {row.file}: {warning}" for warning in overlap.warnings)

    def _see(self, file: str) -> SeenFile:
        """The file's state; its content is hashed only if its size or one of its times is new."""
        check_place(self.folder, file)
        path = self.folder.path / file
        before = self.seen.get(file)
        try:
            if before is not None and is_file_unchanged(path, before):
                return before
            state = path.stat()
            sha256 = hash_content(path)
        except OSError as error:
            remedy = "Check that the file exists and its permissions"
            raise FileRefused(f"cannot be read: {error.strerror or error}", remedy) from error
        if before is not None and before.sha256 == sha256:
            return replace(before, size=state.st_size, mtime_ns=state.st_mtime_ns, ctime_ns=state.st_ctime_ns)
        return SeenFile(
            path=file,
            size=state.st_size,
            mtime_ns=state.st_mtime_ns,
            ctime_ns=state.st_ctime_ns,
            sha256=sha256,
            first_seen_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
            delivery_order=order_delivery(file, state.st_mtime_ns),
        )


def shorten(name: str) -> str:
    """For a line of a terminal: the end of a long name says more than its beginning."""
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"


def _describe_reading(programme: Programme, entry: Entry) -> EntryReading:
    extract, timezone = programme.find_table(entry), programme.find_timezone(entry)
    if extract.format:
        defaults = {name: value for name, value in extract.format.reading if name not in entry.model_fields_set}
        entry = entry.model_copy(update=defaults)
    if entry.match != "exact":
        entry = entry.model_copy(update={"values": {**entry.values, "match": entry.match}})
    currency = programme.plan.currency
    return EntryReading(entry, identify_entry(entry, extract, timezone, currency), extract, timezone, currency)


def _is_pruned(entry: Entry) -> bool:
    """Whether older pulls of the entry are removed (pulling/retention.py)."""
    return entry.source is not None and entry.files is None and entry.delivery == "snapshot"


@contextmanager
def _open_workspace(folder: ProgrammeFolder) -> Iterator[Path]:
    """An empty folder for temporary files."""
    workspace = folder.warehouse / "tmp" / "landing"
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    try:
        yield workspace
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _describe_shared_keys(deliveries: Iterable[Delivery], readings: Iterable[EntryReading]) -> Iterator[str]:
    """A warning for each delivery with rows that a later row of the same file replaces."""
    by_id = {reading.entry_id: reading for reading in readings}
    for delivery in deliveries:
        reading, shared = by_id[delivery.entry_id], delivery.shared_keys
        if shared.replaced and reading.entry.duplicates != "last":
            yield f"{delivery.entry} ← {delivery.file}: {shared.describe(reading.extract, delivery.rows_kept)}"


def _log_warnings(landing: Landing) -> None:
    for delivery in landing.deliveries:
        if delivery.empty:
            log.warning("%s ← %s: the file is empty", delivery.entry, delivery.file)
        if delivery.lacks_final_newline:
            message = "%s ← %s: the last line has no line end; if the export was cut there, deliver it again"
            log.warning(message, delivery.entry, delivery.file)
    for warning in landing.warnings:
        log.warning("%s", warning)
    for refusal in landing.refusals:
        log.warning("%s was not loaded: %s", refusal.entry, refusal)
    for pattern in landing.missing:
        log.warning("no file matches %s", pattern)
    superseded: dict[str, int] = {}
    for file in landing.unclaimed:
        if file.startswith(PULLED) and file.count("/") > PULLED.count("/") + 1:
            folder = "/".join(file.split("/")[:4])
            superseded[folder] = superseded.get(folder, 0) + 1
        else:
            log.warning("%s matches no entry of extracts.yml", show_name(file))
    for folder, files in superseded.items():
        message = (
            "%s has %s files of another table, query, pattern or cursor than extracts.yml names now; they do not count"
        )
        log.warning(message, show_name(folder), f"{files:,}")
