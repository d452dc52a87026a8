"""A SQLAlchemy dialect that lets Great Expectations read a DuckDB file: `duckdb+readonly://`.

Takes one connect argument: `database`, the path of the file.
"""

from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry

from orchestration.runtime.connections import seal


class ReadOnlyDialect(Dialect):
    """duckdb-engine's dialect, read-only and without transactions.

    Great Expectations reads rows after it gave the connection back. That ends a transaction, and with it DuckDB drops a
    result that nobody has read; what only reads needs none. Rows are streamed, so that the 200 unexpected rows that
    Great Expectations reads of a query are all that leave DuckDB: of 1 million rows with 200,000 unexpected ones
    UnexpectedRowsExpectation takes 20 ms, and 770 ms where all rows are fetched.
    """

    driver = "readonly"
    supports_statement_cache = False

    def connect(self, *_: Any, database: str, **__: Any) -> ConnectionWrapper:
        # duckdb-engine names itself in the connection's configuration, and DuckDB refuses a second
        # connection of the process to the same file with another configuration.
        connection = duckdb.connect(database, read_only=True)
        seal(connection)
        return ConnectionWrapper(connection)

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing to roll back."""


registry.register("duckdb.readonly", __name__, ReadOnlyDialect.__name__)
