"""Publishes a version to PostgreSQL (15 or later): every mart is a table, and all of them change in one transaction.

1. Each mart is loaded into a temporary table, which nobody else sees and which the server removes if the run is killed.
2. In one transaction, the rows of the live tables that differ are deleted and inserted. Tables stay the same tables: so
   views and grants stay, readers never wait, and a transaction that began before sees the version before.
3. The same transaction writes `<meta>.version`, which says which version a reader sees.

A table that gets, loses or changes a column must be locked for a moment. That waits a few seconds at a time for its
readers, because others queue behind whoever waits for such a lock.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration.programme.connections import FilledConnection
from orchestration.programme.sql import quote_literal, quote_name
from orchestration.publishing.marts import SCHEMAS as SCHEMAS_OF_MARTS
from orchestration.publishing.targets.session import LOCK_NOT_AVAILABLE, Session, StatementFailed, open_session
from orchestration.publishing.targets.tables import (
    Column,
    LiveTable,
    Reshaping,
    Table,
    read_live_tables,
    read_tables,
    select_rows,
)
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed
from orchestration.runtime.connections import connect
from orchestration.runtime.run_log import log

OLDEST_SERVER = 150_000
SCHEMAS = "rr_{schema}"
META = "meta"
STAGED = "rr_staged_{number}"
CHANGED = "rr_changed"
# Of loaded rows, per batch: what is in memory at once.
ROWS_PER_BATCH = 50_000
# A session that was closed or killed keeps its lock until the server notices.
SECONDS_FOR_OTHER_RUN = 15
SECONDS_FOR_LOCK = 5
SECONDS_FOR_ALL_LOCKS = 120
"""How long to try to lock a table whose columns change."""


@dataclass(frozen=True)
class Change:
    """What was done to one live table."""

    table: str
    deleted: int
    inserted: int


def publish_to_postgres(
    version: PublishedVersion,
    connection: FilledConnection,
    schemas: str = SCHEMAS,
    seconds_for_locks: float = SECONDS_FOR_ALL_LOCKS,
) -> list[Change]:
    """Make the live tables those of the version; `schemas` is what a schema is called there, such as `rr_{schema}`.

    Returns what changed; nothing if the version is there already. Raises TargetFailed; then nothing has changed.
    """
    with open_session(connection) as session:
        check_server(session)
        publication = Publication(session, version, schemas, seconds_for_locks)
        changes = publication.publish()
        vacuum(session, [change.table for change in changes if change.deleted or change.inserted])
    return changes


class Publication:
    """One version on its way to one database."""

    def __init__(self, session: Session, version: PublishedVersion, schemas: str, seconds_for_locks: float):
        self.session, self.version = session, version
        self.schemas, self.seconds_for_locks = schemas, seconds_for_locks
        self.meta = quote_name(schemas.format(schema=META))
        self.meta_table = Table("meta.version", schemas.format(schema=META), VERSION_COLUMNS, (), VERSION_COMMENT)

    def publish(self) -> list[Change]:
        self.make_meta()
        self.lock_target()
        known = self.read_known()
        if known and known.version == self.version.name:
            return []
        tables = read_tables(self.version, self.schemas)
        self.stage(tables)
        self.session.begin()
        live = read_live_tables(self.session, [self.schemas.format(schema=name) for name in (*SCHEMAS_OF_MARTS, META)])
        self.refuse_foreign_tables(tables, live, known.marts if known else ())
        changes = []
        reshapings = [table.reshape(live.get(table.name)) for table in tables]
        # Tables that must be locked come last, so that they are locked for the shortest time.
        for number in sorted(range(len(tables)), key=lambda number: reshapings[number] != Reshaping([], [])):
            table, reshaping = tables[number], reshapings[number]
            there = live.get(table.name)
            if there is None:
                self.make_schema(table.schema)
                self.execute_all(reshaping.before)
            elif reshaping.before or reshaping.after:
                self.execute_locked(table.name, reshaping.before)
            changes.append(self.replace_rows(table, STAGED.format(number=number)))
            self.execute_all([*reshaping.after, *table.comment(there)])
        for gone in sorted(set(known.marts if known else ()) - {table.name for table in tables}):
            if gone in live:
                self.execute_locked(gone, [f"drop table {gone}"])
        self.write_version(tables, live[self.meta_table.name])
        self.session.commit()
        return changes

    def make_meta(self) -> None:
        """The table that says which version is there, in a transaction of its own."""
        name = quote_literal(self.schemas.format(schema=META))
        self.session.begin()
        if not self.session.fetch(f"select 1 from pg_tables where schemaname = {name} and tablename = 'version'"):
            self.make_schema(self.meta_table.schema)
            self.session.execute(
                f"create table if not exists {self.meta}.version ({self.meta_table.declare_columns()})"
            )
            self.execute_all(list(self.meta_table.comment(None)))
        self.session.commit()

    def make_schema(self, name: str) -> None:
        """Only if it is missing: then the role needs the right to create schemas, else not."""
        if not self.session.fetch(f"select 1 from pg_namespace where nspname = {quote_literal(name)}"):
            self.session.execute(f"create schema {quote_name(name)}")

    def lock_target(self) -> None:
        """Keep other runs from publishing there, until this session ends."""
        key = quote_literal(self.meta)
        give_up_at = time.monotonic() + SECONDS_FOR_OTHER_RUN
        while not self.session.fetch(f"select pg_try_advisory_lock(hashtextextended({key}, 0))")[0][0]:
            if time.monotonic() > give_up_at:
                raise TargetFailed("another run is publishing to it. The next run brings it up to date")
            time.sleep(0.2)

    def read_known(self) -> "Known | None":
        """What is there now. Raises TargetFailed if it is of another programme."""
        rows = self.session.fetch(f"select version, programme, marts from {self.meta}.version")
        if not rows:
            return None
        known = Known(*rows[0])
        if known.programme != self.version.programme:
            raise TargetFailed(
                f"{self.meta}.version is of the programme {known.programme}, not of {self.version.programme}. Give each"
                " programme schemas of its own (`schemas:` in settings.yml); if the programme has a new name, change"
                f" the column programme of {self.meta}.version"
            )
        return known

    def stage(self, tables: Sequence[Table]) -> None:
        """Load every mart into a temporary table. Raises TargetFailed if not all rows arrive."""
        with connect(self.version.folder, database=self.version.database, read_only=True) as marts:
            for number, table in enumerate(tables):
                name = STAGED.format(number=number)
                self.session.execute(f"create temp table {name} ({table.declare_columns()})")
                try:
                    rows = marts.execute(select_rows(table)).to_arrow_reader(ROWS_PER_BATCH)
                    loaded = self.session.load(name, rows)
                except duckdb.Error as error:
                    raise TargetFailed(f"{table.mart} cannot be read: {error}") from error
                if loaded != self.version.rows[table.mart]:
                    wanted = self.version.rows[table.mart]
                    raise TargetFailed(f"{loaded:,} rows of {table.mart} arrived, not {wanted:,}")
                self.session.execute(f"analyze {name}")

    def refuse_foreign_tables(self, tables: Sequence[Table], live: dict[str, LiveTable], ours: Sequence[str]) -> None:
        foreign = [table.name for table in tables if table.name in live and table.name not in ours]
        if foreign:
            raise TargetFailed(
                f"{', '.join(foreign)} exists and was not published from here. Rename it, or use other `schemas:` in"
                " settings.yml"
            )

    def execute_all(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self.session.execute(statement)

    def execute_locked(self, table: str, statements: Sequence[str]) -> None:
        """Execute what needs a table for itself. Raises TargetFailed if its readers do not leave in time."""
        give_up_at = time.monotonic() + self.seconds_for_locks
        patience = min(SECONDS_FOR_LOCK, self.seconds_for_locks)
        self.session.execute(f"set local lock_timeout = {1000 * patience:.0f}")
        while True:
            try:
                with self.session.savepoint():
                    self.session.execute(f"lock table {table} in access exclusive mode")
                    self.execute_all(statements)
            except StatementFailed as error:
                if error.state != LOCK_NOT_AVAILABLE:
                    raise TargetFailed(f"{table}: {error}") from error
                if time.monotonic() > give_up_at:
                    raise TargetFailed(self.describe_readers(table)) from error
                time.sleep(patience)
            else:
                break
        self.session.execute("set local lock_timeout = 0")

    def describe_readers(self, table: str) -> str:
        readers = self.session.fetch(
            "select distinct usename::text, coalesce(nullif(application_name, ''), 'a session'), pid"
            " from pg_locks join pg_stat_activity using (pid)"
            f" where relation = {quote_literal(table)}::regclass and granted and pid <> pg_backend_pid() order by pid"
        )
        shown = ", ".join(f"{application} of {user} (process {pid})" for user, application, pid in readers[:5])
        return (
            f"the columns of {table} change, and for {self.seconds_for_locks:.0f} s it was in use by"
            f" {shown or 'others'}. The next run tries again; a transaction that stays open must end first"
        )

    def replace_rows(self, table: Table, staged: str) -> Change:
        """Delete and insert the rows that differ. Records compare with nulls as equal."""
        columns = table.name_columns()
        # Others may read it; nobody may change it between comparing and changing.
        self.session.execute(f"lock table {table.name} in share row exclusive mode")
        self.session.execute(
            f"create temp table {CHANGED} on commit drop as select before.place as gone, after.place as new"
            f" from (select ctid as place, row({columns}) as content from {table.name}) as before"
            f" full join (select ctid as place, row({columns}) as content from {staged}) as after"
            " on before.content = after.content where before.place is null or after.place is null"
        )
        deleted = self.session.execute(
            f"delete from {table.name} as live using {CHANGED} as changed where live.ctid = changed.gone"
        )
        inserted = self.session.execute(
            f"insert into {table.name} ({columns}) select {columns} from {staged} as staged"
            f" where staged.ctid in (select new from {CHANGED})"
        )
        self.session.execute(f"drop table {CHANGED}")
        [(rows,)] = self.session.fetch(f"select count(*) from {table.name}")
        if rows != self.version.rows[table.mart]:
            wanted = self.version.rows[table.mart]
            raise TargetFailed(f"{table.name} would have {rows:,} rows instead of {wanted:,}. Look for triggers on it")
        return Change(table.name, deleted, inserted)

    def write_version(self, tables: Sequence[Table], there: LiveTable) -> None:
        """In a table that an earlier release made, columns are added and dropped first."""
        latest = self.version.latest
        marts = ", ".join(quote_literal(table.name) for table in tables)
        texts = (quote_literal(latest[name]) for name in ("version", "made_at", "as_of", "programme", "currency"))
        reshaping = self.meta_table.reshape(there)
        if reshaping.before:
            self.execute_locked(self.meta_table.name, reshaping.before)
        self.session.execute(f"delete from {self.meta}.version")
        self.session.execute(
            f"insert into {self.meta}.version ({self.meta_table.name_columns()})"
            f" values ({', '.join(texts)}, now(), array[{marts}]::text[])"
        )
        self.execute_all([*reshaping.after, *self.meta_table.comment(there)])


@dataclass(frozen=True)
class Known:
    """The row of `<meta>.version`."""

    version: str
    programme: str
    marts: Sequence[str]


VERSION_COMMENT = "The published version that all marts here are of. One row."
VERSION_COLUMNS = [
    Column("version", "text", True, "Name of the version, as in latest.json."),
    Column("made_at", "timestamp with time zone", True, "When the version was made, UTC."),
    Column("as_of", "date", True, "The day whose goals it reports."),
    Column("programme", "text", True, "Name of the programme (plan.yml)."),
    Column("currency", "text", True, "Reporting currency (ISO 4217)."),
    Column("published_at", "timestamp with time zone", True, "When the version became visible here, UTC."),
    Column("marts", "text[]", True, "The tables that are published from there; all others are left alone."),
]


def check_server(session: Session) -> None:
    [(number, name)] = session.fetch(
        "select current_setting('server_version_num')::int, current_setting('server_version')"
    )
    if number < OLDEST_SERVER:
        raise TargetFailed(f"PostgreSQL {name} is too old: 15 or later has unique indexes in which nulls are equal")
    session.execute("set timezone = 'UTC'")
    session.execute("set work_mem = '64MB'")


def vacuum(session: Session, tables: Sequence[str]) -> None:
    """Remove deleted rows from the disk (those of an erased person, too) and update the planner's statistics."""
    for table in tables:
        try:
            session.execute(f"vacuum (analyze) {table}")
        except StatementFailed as error:
            log.warning("%s is published but was not vacuumed: %s", table, error)
            return
