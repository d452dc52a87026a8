"""Marts as tables of PostgreSQL: their types, keys and comments, and what a live table lacks of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from orchestration.programme.sql import quote_literal, quote_name
from orchestration.publishing.targets.session import Session
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed
from orchestration.runtime.connections import connect

# By DuckDB's type. Times are UTC in marts.
TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric(38,0)",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TIMESTAMP": "timestamp with time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "text",
    "VARCHAR[]": "text[]",
}
# What PostgreSQL's drivers take as they are; others are cast while they are read.
CASTS = {"TIMESTAMP": "timestamptz", "HUGEINT": "decimal(38,0)"}
# An entry of a B-tree has at most 2,704 bytes.
LONGEST_KEY = 2_000


@dataclass(frozen=True)
class Column:
    """`duckdb_type` is that of the mart, `type` PostgreSQL's as it writes it itself."""

    name: str
    type: str
    is_not_null: bool
    comment: str | None
    duckdb_type: str = ""


@dataclass(frozen=True)
class LiveTable:
    """A table as it is in the database; `key` are the columns of our index on it, if it has one."""

    columns: dict[str, Column]
    key: tuple[str, ...]
    comment: str | None


@dataclass(frozen=True)
class Reshaping:
    """Statements for before and after a table's rows are replaced."""

    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class Table:
    """A mart as a table; `mart` is its name in marts.duckdb, `key` the columns of its unique index."""

    mart: str
    schema: str
    columns: Sequence[Column]
    key: tuple[str, ...]
    description: str | None

    @property
    def name(self) -> str:
        return f"{quote_name(self.schema)}.{quote_name(self.mart.partition('.')[2])}"

    @property
    def index(self) -> str:
        return f"{self.mart.partition('.')[2]}_key"

    def declare_columns(self) -> str:
        return ", ".join(
            f"{quote_name(column.name)} {column.type}{' not null' if column.is_not_null else ''}"
            for column in self.columns
        )

    def declare_index(self) -> str:
        columns = ", ".join(map(quote_name, self.key))
        return f"create unique index {quote_name(self.index)} on {self.name} ({columns}) nulls not distinct"

    def name_columns(self) -> str:
        return ", ".join(quote_name(column.name) for column in self.columns)

    def reshape(self, live: LiveTable | None) -> Reshaping:
        """What gives the database this table with its columns, constraints and index.

        A column of another type is a new one: to convert it in place would hide all rows from transactions that began
        before.
        """
        make_index = [self.declare_index()] if self.key else []
        if live is None:
            return Reshaping([f"create table {self.name} ({self.declare_columns()})"], make_index)
        wanted = {column.name: column for column in self.columns}
        kept = {name for name, column in live.columns.items() if name in wanted and column.type == wanted[name].type}
        before = [f"drop column {quote_name(name)}" for name in live.columns if name not in kept]
        before += [f"add column {quote_name(name)} {wanted[name].type}" for name in wanted if name not in kept]
        after = []
        for name, column in wanted.items():
            was_not_null = name in kept and live.columns[name].is_not_null
            if was_not_null and not column.is_not_null:
                before.append(f"alter column {quote_name(name)} drop not null")
            elif column.is_not_null and not was_not_null:
                after.append(f"alter column {quote_name(name)} set not null")
        is_indexed = live.key == self.key and set(self.key) <= kept
        drop_index = f"drop index {quote_name(self.schema)}.{quote_name(self.index)}"
        return Reshaping(
            [*([drop_index] if live.key and not is_indexed else []), *self._alter(before)],
            [*self._alter(after), *([] if is_indexed else make_index)],
        )

    def _alter(self, actions: Sequence[str]) -> list[str]:
        return [f"alter table {self.name} {', '.join(actions)}"] if actions else []

    def comment(self, live: LiveTable | None) -> Iterator[str]:
        """Statements for the comments that differ."""
        if live is None or live.comment != self.description:
            yield f"comment on table {self.name} is {quote_literal(self.description)}"
        for column in self.columns:
            there = live.columns.get(column.name) if live else None
            # A column of another type was made anew, without its comment.
            if column.comment != (there.comment if there and there.type == column.type else None):
                yield f"comment on column {self.name}.{quote_name(column.name)} is {quote_literal(column.comment)}"


def read_tables(version: PublishedVersion, schemas: str) -> list[Table]:
    """The marts of a version; `schemas` is what a schema is called in the database, such as `rr_{schema}`."""
    tables = []
    with connect(version.folder, database=version.database, read_only=True) as marts:
        for mart in version.rows:
            schema, _, name = mart.partition(".")
            columns = marts.execute(
                "select column_name, data_type, comment from duckdb_columns()"
                " where schema_name = $1 and table_name = $2 order by column_index",
                [schema, name],
            ).fetchall()
            [(description,)] = marts.execute(
                "select comment from duckdb_tables() where schema_name = $1 and table_name = $2", [schema, name]
            ).fetchall()
            not_null = version.find_not_null(mart)
            tables.append(
                Table(
                    mart,
                    schemas.format(schema=schema),
                    [
                        Column(column, find_type(mart, column, kind), column in not_null, comment, kind)
                        for column, kind, comment in columns
                    ],
                    find_key(marts, version, mart),
                    description,
                )
            )
    return tables


def find_type(mart: str, column: str, kind: str) -> str:
    """PostgreSQL's type for a type of DuckDB. Raises TargetFailed if there is none."""
    if kind.startswith("DECIMAL("):
        return f"numeric{kind.removeprefix('DECIMAL')}"
    if kind not in TYPES:
        raise TargetFailed(f"{mart}.{column} is {kind}, which has no counterpart in PostgreSQL")
    return TYPES[kind]


def find_key(marts: duckdb.DuckDBPyConnection, version: PublishedVersion, mart: str) -> tuple[str, ...]:
    """The columns of the mart's unique index; none if a key is too long for an index."""
    key = version.find_key(mart)
    if not key:
        return ()
    lengths = " + ".join(f"coalesce(strlen({quote_name(column)}::varchar), 0)" for column in key)
    [(longest,)] = marts.execute(f"select coalesce(max({lengths}), 0) from {mart}").fetchall()
    return tuple(key) if longest <= LONGEST_KEY else ()


def select_rows(table: Table) -> str:
    """DuckDB's query for the rows of a mart, in types that PostgreSQL's driver takes."""
    columns = ", ".join(
        f"{quote_name(column.name)}::{CASTS.get(column.duckdb_type, column.duckdb_type)} as {quote_name(column.name)}"
        for column in table.columns
    )
    return f"select {columns} from {table.mart}"


def read_live_tables(session: Session, schemas: Sequence[str]) -> dict[str, LiveTable]:
    """The tables of these schemas in the database, by quoted name."""
    names = ", ".join(map(quote_literal, schemas))
    columns = session.fetch(
        "select n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        f" where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname in ({names}) order by c.oid, a.attnum"
    )
    keys = session.fetch(
        "select n.nspname::text, c.relname::text, (select array_agg(a.attname::text order by k.place)"
        " from unnest(i.indkey::int2[]) with ordinality k (number, place)"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number)"
        " from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid"
        " join pg_namespace n on n.oid = c.relnamespace"
        f" where x.relname = left(c.relname || '_key', 63) and n.nspname in ({names})"
    )
    key_of = {(schema, name): tuple(key or ()) for schema, name, key in keys}
    live: dict[str, LiveTable] = {}
    for schema, name, column, kind, is_not_null, comment, description in columns:
        table = live.setdefault(
            f"{quote_name(schema)}.{quote_name(name)}", LiveTable({}, key_of.get((schema, name), ()), description)
        )
        if column is not None:
            table.columns[column] = Column(column, kind, is_not_null, comment)
    return live
