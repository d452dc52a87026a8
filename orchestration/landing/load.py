"""Landing: every new file becomes one immutable delivery in raw, and its unreadable rows go to quarantine."""

import logging
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.landing.content import hash_content
from orchestration.landing.delivery import Delivery, Reading, is_unchanged, load_delivery
from orchestration.landing.erasure import forget_people, is_pending
from orchestration.landing.forgotten import give_key, read_forgotten
from orchestration.landing.housekeeping import forget_lost, remove_orphans, retire
from orchestration.landing.identity import identify_delivery, identify_entry, order_delivery
from orchestration.landing.ledger import Ledger, SeenFile
from orchestration.landing.ledger_tables import write_ledger_tables
from orchestration.landing.listing import check_place, list_files, show_name
from orchestration.landing.quarantine import QuarantinedValue, find_quarantined_file, read_examples, show_quarantined
from orchestration.landing.raw_files import write_empty
from orchestration.landing.refusals import FileRefused, Refusal
from orchestration.programme.atomic import remove_leftovers
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme
from orchestration.runtime.connections import connect

log = logging.getLogger("reach_results.landing")

EXAMPLES_PER_DELIVERY = 5


@dataclass(frozen=True)
class Landing:
    """What one run of `land` did.

    `deliveries` are the new ones; `missing` are patterns without a file; `unclaimed` are files in landing that no
    entry names; `unchanged` counts files that an entry had read before; `retired` counts deliveries that were taken
    out because their entry is gone or says something else now.
    """

    deliveries: tuple[Delivery, ...]
    refusals: tuple[Refusal, ...]
    missing: tuple[str, ...]
    unclaimed: tuple[str, ...]
    unchanged: int
    retired: int
    quarantined_examples: tuple[QuarantinedValue, ...]


def land(programme: Programme, extracts: Collection[str] | None = None, doubted: Collection[str] = ()) -> Landing:
    """Load what is new in landing into raw, for all extracts or the named ones; raises KeyError for an unknown one.

    Nothing is read or hashed again that has not changed, but for the raw files of the extracts `doubted`, which are
    compared with their hashes and loaded again if they are damaged. Landing itself is never written to. One run at a
    time.

    Raises DamagedRaw for a raw file that cannot be made again, OSError or duckdb.Error if nothing can be written; then
    nothing of the file at hand is left.
    """
    tables, folder = programme.tables, programme.folder
    chosen = [tables[name] for name in (tables if extracts is None else extracts)]
    names = {extract.name for extract in chosen}
    all_readings = [_describe_reading(programme, entry) for entry in programme.entries]
    readings = [reading for reading in all_readings if reading.extract.name in names]
    listings = {reading.entry.files: list_files(folder, reading.entry.files) for reading in all_readings}

    with (
        Ledger(folder.ledger_file) as ledger,
        _open_workspace(folder) as workspace,
        connect(folder.path, folder.landing, folder.warehouse, workspace=workspace / "duckdb") as connection,
    ):
        forgotten = read_forgotten(folder)
        if forgotten.people:
            give_key(connection, folder)
        if is_pending(ledger, forgotten):
            doubted = set(tables)  # all are written anew, so all must be what they were
        entry_ids = {reading.entry_id for reading in all_readings}
        retired = retire(ledger, None if extracts is None else names, entry_ids)
        named = {reading.entry_id: listings[reading.entry.files].files for reading in all_readings}
        forget_lost(folder, ledger, doubted, named)
        remove_orphans(folder, ledger, names)
        remove_leftovers(folder.raw / "ledger", folder.quarantine)
        for extract in chosen:
            write_empty(extract, folder.raw / extract.name)

        forget_people(connection, folder, ledger, tables, forgotten)

        run = _Run(connection, folder, ledger, workspace, forgotten.people)
        for reading in readings:
            listing = listings[reading.entry.files]
            for closed, refused in listing.closed.items():
                run.refuse(reading, closed, refused)
            for file in listing.files:
                run.load(reading, file)

        write_ledger_tables(connection, folder, ledger)
        show_quarantined(connection, folder, ledger.read_deliveries().values())
    missing = dict.fromkeys(reading.entry.files for reading in readings if not listings[reading.entry.files].files)
    claimed = {file for listing in listings.values() for file in (*listing.files, *listing.closed)}
    present = list_files(folder, "landing/**")
    landing = Landing(
        deliveries=tuple(run.deliveries),
        refusals=tuple(run.refusals),
        missing=tuple(missing),
        unclaimed=tuple(file for file in (*present.files, *present.closed) if file not in claimed),
        unchanged=run.unchanged,
        retired=retired,
        quarantined_examples=tuple(run.examples),
    )
    _log_warnings(landing)
    return landing


class _Run:
    """The files of one call of `land`, one after the other."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: ProgrammeFolder,
        ledger: Ledger,
        workspace: Path,
        forgotten: Collection[str],
    ):
        self.connection = connection
        self.forgotten = forgotten
        self.folder = folder
        self.ledger = ledger
        self.workspace = workspace
        self.seen = ledger.read_files()
        self.known = {row.delivery_id: row.last_seen_order for row in ledger.read_deliveries().values()}
        self.deliveries: list[Delivery] = []
        self.refusals: list[Refusal] = []
        self.examples: list[QuarantinedValue] = []
        self.unchanged = 0

    def load(self, reading: Reading, file: str) -> None:
        """Load a file unless this content was loaded before; a file that is refused does not stop the others."""
        try:
            self._load(reading, file)
        except FileRefused as refused:
            self.refuse(reading, file, refused)

    def refuse(self, reading: Reading, file: str, refused: FileRefused) -> None:
        self.refusals.append(Refusal(reading.extract.name, show_name(file), refused.message, refused.remedy))

    def _load(self, reading: Reading, file: str) -> None:
        seen = self._see(file)
        delivery_id = identify_delivery(reading.entry_id, seen.sha256)
        if delivery_id in self.known:
            if self.seen.get(file) != seen:
                self.ledger.remember_file(seen)
                self.seen[file] = seen
            if seen.delivery_order > self.known[delivery_id]:
                self.ledger.see_again(delivery_id, seen.delivery_order)
                self.known[delivery_id] = seen.delivery_order
            self.unchanged += 1
            return
        before = self.seen.get(file)
        if before is not None and before.sha256 != seen.sha256 and reading.entry.delivery == "append":
            log.warning(
                "%s was overwritten: its earlier rows stay, but a rebuild cannot read them again; give each delivery a "
                "name of its own",
                file,
            )
        with TemporaryDirectory(dir=self.workspace) as workspace:
            try:
                delivery = load_delivery(
                    self.connection,
                    self.folder,
                    self.ledger,
                    reading,
                    seen,
                    delivery_id,
                    Path(workspace),
                    self.forgotten,
                )
            except (OSError, duckdb.Error) as error:
                path = self.folder.path / file
                if path.exists() and is_unchanged(path, seen):
                    raise
                raise FileRefused(
                    "was changed or taken away while it was read", "It is tried again in the next run"
                ) from error
        self.seen[file] = seen
        self.known[delivery_id] = seen.delivery_order
        self.deliveries.append(delivery)
        if delivery.rows_quarantined:
            quarantined = find_quarantined_file(self.folder, delivery.extract, delivery_id)
            self.examples += read_examples(self.connection, quarantined, EXAMPLES_PER_DELIVERY)
        quarantined_rows = f", {delivery.rows_quarantined:,} quarantined" if delivery.rows_quarantined else ""
        log.info("%s ← %s: %s rows%s", delivery.extract, file, f"{delivery.rows_read:,}", quarantined_rows)

    def _see(self, file: str) -> SeenFile:
        """The file's content; hashed only if its size or a time of it is new."""
        check_place(self.folder, file)
        path = self.folder.path / file
        before = self.seen.get(file)
        try:
            if before is not None and is_unchanged(path, before):
                return before
            state = path.stat()
            sha256 = hash_content(path)
        except OSError as error:
            remedy = "See that the file is there and may be read"
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


def _describe_reading(programme: Programme, entry: Entry) -> Reading:
    extract, timezone = programme.find_table(entry), programme.find_timezone(entry)
    if extract.format:
        unsaid = {name: value for name, value in extract.format.reading if name not in entry.model_fields_set}
        entry = entry.model_copy(update=unsaid)
    return Reading(entry, identify_entry(entry, extract, timezone), extract, timezone)


@contextmanager
def _open_workspace(folder: ProgrammeFolder) -> Iterator[Path]:
    """A folder for temporary files, rid of what a crash left in it."""
    workspace = folder.warehouse / "tmp" / "landing"
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    try:
        yield workspace
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _log_warnings(landing: Landing) -> None:
    for delivery in landing.deliveries:
        if delivery.empty:
            log.warning("%s ← %s: the file is empty", delivery.extract, delivery.file)
        if delivery.ends_open:
            log.warning(
                "%s ← %s: the last line has no end; if the export was cut there, deliver it again",
                delivery.extract,
                delivery.file,
            )
    for refusal in landing.refusals:
        log.warning("%s was not loaded: %s", refusal.extract, refusal)
    for pattern in landing.missing:
        log.warning("no file matches %s", pattern)
    for file in landing.unclaimed:
        log.warning("%s is named by no entry of extracts.yml", show_name(file))
