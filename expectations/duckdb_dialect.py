"""A SQLAlchemy dialect that lets Great Expectations read a DuckDB file: `duckdb+buffered://`, read-only.

Takes two connect arguments: `database` (path of the file) and `reads` (folders that its views read).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGExecutionContext_psycopg2
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

from orchestration.runtime.connections import seal


class BufferedExecutionContext(PGExecutionContext_psycopg2):
    """Fetches all rows with the statement.

    Great Expectations reads rows after it gave the connection back, and DuckDB drops a result with its transaction.
    """

    def post_exec(self) -> None:
        super().post_exec()
        if columns := self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(self.cursor, columns, self.cursor.fetchall())


class BufferedDialect(Dialect):
    """duckdb-engine's dialect, read-only, with buffered rows."""

    execution_ctx_cls = BufferedExecutionContext
    supports_statement_cache = False

    def connect(self, *_: Any, database: str, reads: Sequence[str] = (), **__: Any) -> ConnectionWrapper:
        # duckdb-engine names itself in the connection's configuration, and DuckDB refuses a second
        # connection of the process to the same file with another configuration.
        connection = duckdb.connect(database, read_only=True)
        seal(connection, *map(Path, reads))
        return ConnectionWrapper(connection)


registry.register("duckdb.buffered", __name__, BufferedDialect.__name__)
