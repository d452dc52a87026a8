"""Rows of a table or a query, read by dlt's sql_database in chunks and never whole in memory."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from orchestration.landing.pulling.results import PullFailed
from orchestration.landing.pulling.tables import convert_rows
from orchestration.programme.connections import FilledConnection
from orchestration.programme.extracts import Entry
from orchestration.runtime.remotes import CannotConnect, open_engine

CHUNK_ROWS = 50_000
Start = datetime | date | int | Decimal | None
# Where trying again is no use: a wrong statement or password. Some servers lock an account after a few tries.
_DENIED = re.compile("authentication failed|access denied|login failed|permission denied|no password supplied", re.I)
_PERMANENT = (sa.exc.ProgrammingError, sa.exc.NoSuchTableError, sa.exc.DataError, sa.exc.NotSupportedError)


# Where a transaction sees one state of the database, so that rows can be counted before they are read.
_SNAPSHOTS = ("postgresql", "mysql", "mariadb")


@dataclass
class AtSource:
    """What the database says in the transaction in which rows are read: how many there are to read, and its time.
    None where it cannot say so."""

    rows: int | None = None
    now: datetime | None = None


def iterate_rows(
    connection: FilledConnection, entry: Entry, start: Start, at_source: AtSource | None = None
) -> Iterator[pa.Table]:
    """Tables of the entry's rows whose cursor is `start` or later, or empty; all of them if it is None. At least one
    table, without rows if there are none. Before the first, `at_source` is filled in. Raises PullFailed."""
    limit = timedelta(minutes=entry.time_limit)
    deadline = time.monotonic() + limit.total_seconds()
    engine = None
    try:
        engine = open_engine(connection, time_limit=limit)
        yielded = False
        for table in _read(engine, entry, start, at_source):
            yield table
            yielded = True
            if time.monotonic() > deadline:
                raise PullFailed(
                    f"{entry.label}: the pull took longer than its time_limit of {entry.time_limit} minutes"
                )
        if not yielded:
            yield _describe_empty(engine, entry)
    except sa.exc.SQLAlchemyError as error:
        message = _describe_error(connection, entry, error)
        is_permanent = isinstance(error, _PERMANENT) or _DENIED.search(message)
        raise PullFailed(message, is_transient=not is_permanent) from None
    except CannotConnect as error:
        raise PullFailed(f"{entry.label}: {error}") from None
    except (OSError, ValueError, TypeError, ArithmeticError) as error:
        message = f"{entry.label} ← {connection.name}: {connection.redact(f'{type(error).__name__}: {error}')}"
        raise PullFailed(message, isinstance(error, OSError)) from None
    finally:
        if engine is not None:
            engine.dispose()


def _read(engine: sa.Engine, entry: Entry, start: Start, at_source: AtSource | None) -> Iterator[pa.Table]:
    # Imported here, because dlt is installed only where a connection is configured, and its import takes a second.
    from dlt.extract.exceptions import PipeException
    from dlt.sources.sql_database import sql_table
    from dlt.sources.sql_database.helpers import TableLoader

    types: dict[str, pa.DataType] = {}

    class Rows(TableLoader):  # type: ignore[misc]
        """dlt's reader, with types that are kept as they are: dlt's own conversion makes text of arrays and JSON of its
        own dialect, and guesses the types of a query chunk by chunk. Rows are counted in the same transaction."""

        def _load_rows(self, query: Any, backend_kwargs: dict[str, Any]) -> Iterator[pa.Table]:
            with self.engine.connect() as opened:
                if at_source is not None and self.engine.dialect.name in _SNAPSHOTS:
                    opened = opened.execution_options(isolation_level="REPEATABLE READ")
                    _count(opened, query, at_source)
                result = opened.execution_options(yield_per=self.chunk_size).execute(query)
                try:
                    yield from self._convert_result(result, backend_kwargs)
                finally:
                    result.close()

        def _convert_result(self, result: Any, backend_kwargs: dict[str, Any]) -> Iterator[pa.Table]:
            names = list(result.keys())
            for partition in result.partitions(size=self.chunk_size):
                yield convert_rows(names, [tuple(row) for row in partition], types)

    entry = _read_by_query(engine, entry)
    if entry.query is not None:
        # dlt reads tables; of this one it only sees the name.
        metadata = sa.MetaData()
        table = sa.Table("query", metadata)
        schema, name = None, table.name
    else:
        schema, _, name = (entry.table or "").rpartition(".")
        schema = schema or None
        metadata = sa.MetaData(schema=schema)
        table = sa.Table(name, metadata, autoload_with=engine, resolve_fks=False)
        if entry.cursor is not None and entry.cursor not in table.columns:
            raise PullFailed(
                f"{entry.label}: the table {entry.table} has no column '{entry.cursor}', which is its cursor."
                f" Its columns are {', '.join(table.columns.keys())}"
            )
        types.update(find_types(table))

    selected = _select(entry, table, start)
    resource = sql_table(
        credentials=engine,
        table=name,
        schema=schema,
        metadata=metadata,
        chunk_size=CHUNK_ROWS,
        backend="pyarrow",
        reflection_level="minimal",
        query_adapter_callback=lambda query, table: selected,
        table_loader_class=Rows,
    )
    try:
        yield from resource
    except PipeException as error:
        # dlt wraps what the database said.
        raise error.__cause__ or error from None


def _count(opened: sa.Connection, query: sa.Select[Any] | sa.TextClause, at_source: AtSource) -> None:
    rows = (query.columns() if isinstance(query, sa.TextClause) else query).subquery("counted")
    counted, now = opened.execute(sa.select(sa.func.count(), sa.func.current_timestamp()).select_from(rows)).one()
    at_source.rows = counted
    # MySQL's time has no zone, so it can be compared with nothing.
    at_source.now = now if isinstance(now, datetime) and now.tzinfo is not None else None


def _read_by_query(engine: sa.Engine, entry: Entry) -> Entry:
    """The entry, with a query instead of its table where SQLAlchemy cannot describe tables (duckdb-engine asks
    for comments in a way that DuckDB does not know). The types are then those of the values."""
    if entry.table is None or engine.dialect.name != "duckdb":
        return entry
    quoted = ".".join(engine.dialect.identifier_preparer.quote(part) for part in entry.table.split("."))
    return entry.model_copy(update={"query": f"select * from {quoted}"})


def _select(entry: Entry, table: sa.Table, start: Start) -> sa.Select[Any] | sa.TextClause:
    """The query for what is pulled. Rows without a value in the cursor are always pulled: nothing says that they are
    old."""
    if entry.query is not None:
        written = _write_query(entry.query)
        if entry.cursor is None:
            return written
        query = sa.select(sa.text("*")).select_from(written.columns().subquery("pulled"))
        column: Any = sa.column(entry.cursor)
    else:
        query = sa.select(*(_select_column(column) for column in table.columns))
        column = table.columns[entry.cursor] if entry.cursor else None
    if start is not None and column is not None:
        query = query.where(sa.or_(column >= start, column.is_(None)))
    return query


def _write_query(query: str) -> sa.TextClause:
    """The query as it is written; SQLAlchemy would take `:name` for a parameter."""
    return sa.text(re.sub(r"(?<![:\w\\]):(?=\w)", r"\:", query.strip().rstrip(";")))


def _select_column(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.JSON):
        # The database's own text: a number in it would lose digits on its way through Python.
        is_mysql = column.type.__class__.__module__.startswith("sqlalchemy.dialects.mysql")
        return sa.cast(column, sa.CHAR if is_mysql else sa.Text).label(column.name)
    if isinstance(column.type, sa.Uuid):
        column.type.as_uuid = False
    return column


def find_types(table: sa.Table) -> Mapping[str, pa.DataType]:
    """Arrow types of the columns whose values have one type only; the others are found from the values."""
    return {column.name: kind for column in table.columns if (kind := _find_type(column.type)) is not None}


def _find_type(kind: sa.types.TypeEngine[Any]) -> pa.DataType | None:
    if isinstance(kind, sa.Boolean):
        return pa.bool_()
    if isinstance(kind, sa.Numeric):
        if not kind.asdecimal:
            return pa.float64()
        fits = kind.precision is not None and kind.scale is not None and 0 <= kind.scale <= kind.precision <= 38
        return pa.decimal128(kind.precision, kind.scale) if fits else None
    if isinstance(kind, sa.Integer):
        return pa.int64()
    if isinstance(kind, sa.DateTime):
        return pa.timestamp("us", "UTC") if kind.timezone else pa.timestamp("us")
    if isinstance(kind, sa.Date):
        return pa.date32()
    if isinstance(kind, (sa.String, sa.JSON)):
        return pa.string()
    return None


def _describe_empty(engine: sa.Engine, entry: Entry) -> pa.Table:
    """A table without rows, with the columns of the source."""
    entry = _read_by_query(engine, entry)
    if entry.query is not None:
        with engine.connect() as opened:
            names = list(opened.execute(_write_query(entry.query)).keys())
        return convert_rows(names, [])
    schema, _, name = (entry.table or "").rpartition(".")
    table = sa.Table(name, sa.MetaData(schema=schema or None), autoload_with=engine, resolve_fks=False)
    return convert_rows(list(table.columns.keys()), [], find_types(table))


def _describe_error(connection: FilledConnection, entry: Entry, error: sa.exc.SQLAlchemyError) -> str:
    """The database's own words, without the statement and its parameters, which SQLAlchemy adds."""
    if isinstance(error, sa.exc.NoSuchTableError):
        return (
            f"{entry.label} ← {connection.name}: there is no table {entry.table}, or its user may not read it. Correct"
            " `table` in extracts.yml; make connections lists what there is"
        )
    original = getattr(error, "orig", None) or error
    said = " ".join(str(original).split())
    return f"{entry.label} ← {connection.name}: {connection.redact(said)}"
