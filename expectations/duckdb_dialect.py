"""A SQLAlchemy dialect that lets Great Expectations read a DuckDB file: `duckdb+readonly://`.

Takes one connect argument: `database`, the path of the file.
"""

import re
from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.types import NullType, Numeric, TypeEngine

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

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """From DuckDB's own list; duckdb-engine asks PostgreSQL's catalog, which describes every table each time."""
        listed = connection.exec_driver_sql(
            "select column_name, lower(data_type), is_nullable from duckdb_columns()"
            " where schema_name = ? and table_name = ? order by column_index",
            (schema or "main", table_name),
        ).fetchall()
        if not listed:
            raise NoSuchTableError(table_name)
        return [
            {"name": name, "type": self.read_type(data_type), "nullable": is_nullable, "default": None}
            for name, data_type, is_nullable in listed
        ]

    def read_type(self, data_type: str) -> TypeEngine[Any]:
        """SQLAlchemy's type; NullType for lists, structs and what else it does not know."""
        name, digits = re.fullmatch(r"([^(]*)(?:\((.*)\))?", data_type, re.DOTALL).groups()  # type: ignore[union-attr]
        if name == "decimal":
            return Numeric(*map(int, digits.split(",")))
        return self.ischema_names.get({"double": "double precision", "blob": "bytea"}.get(name, name), NullType)()

    def get_pk_constraint(self, *_: Any, **__: Any) -> dict[str, Any]:
        """None: duckdb-engine's query for it fails, and no table that is checked declares one."""
        return {"constrained_columns": [], "name": None}

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing to roll back."""


registry.register("duckdb.readonly", __name__, ReadOnlyDialect.__name__)
