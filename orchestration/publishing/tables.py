"""A mart's rows in the database that readers get: written whole, or a large one's changes into what was published last.

Rows are sorted by all columns, so that the same marts are the same files whatever order the engine worked in; what
changed since a large mart was written whole stands behind the rest.
"""

import duckdb

from orchestration.landing.sql import quote_literal, quote_name
from orchestration.publishing.marts import Mart

# Of fewer rows nothing is gained by finding out which of them changed.
LARGE_ROWS = 100_000


def write_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """Write `published`.<mart> from `warehouse`.<mart>, two attached databases; gives its rows."""
    connection.execute(f"create schema if not exists published.{mart.schema}")
    [(rows,)] = connection.execute(
        f"create or replace table published.{mart.table} as from warehouse.{mart.table} order by all"
    ).fetchall()
    comment_on(connection, mart)
    return rows


def update_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """The same where `published` has the mart as it was: rows that are no more are taken out, and new ones added."""
    if read_columns(connection, f"published.{mart.table}") != read_columns(connection, f"warehouse.{mart.table}"):
        return write_table(connection, mart)
    connection.execute(
        f"create or replace temp table rows_now as select hash(mart) as id from warehouse.{mart.table} as mart"
    )
    [(gone,)] = connection.execute(
        f"delete from published.{mart.table} as mart where hash(mart) not in (select id from rows_now)"
    ).fetchall()
    [(left,)] = connection.execute(f"select count(*) from published.{mart.table}").fetchall()
    if gone > left:
        return write_table(connection, mart)
    connection.execute(
        f"insert into published.{mart.table} select * from warehouse.{mart.table} as mart"
        f" where hash(mart) not in (select hash(known) from published.{mart.table} as known) order by all"
    )
    comment_on(connection, mart)
    found = add_up(connection, f"published.{mart.table}")
    # Of two different rows, one in 2^64 pairs has the same hash; and a row may be there twice.
    return found[0] if found == add_up(connection, f"warehouse.{mart.table}") else write_table(connection, mart)


def add_up(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    """How many rows it has, and the sum of their hashes: others than those that find what changed."""
    [found] = connection.execute(
        f"select count(*), coalesce(sum(hash('of all', mart)::hugeint), 0) from {table} as mart"
    ).fetchall()
    return found


def read_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple]:
    return [column[:2] for column in connection.execute(f"describe {table}").fetchall()]


def comment_on(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    table = f"published.{mart.table}"
    connection.execute(f"comment on table {table} is {quote_literal(mart.description)}")
    for column, description in mart.columns.items():
        connection.execute(f"comment on column {table}.{quote_name(column)} is {quote_literal(description)}")
