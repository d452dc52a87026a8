"""A mart's rows in the database that readers get: written whole, or a large one's changes into what was published last.

A mart's rows are sorted by all columns, so that the same marts are the same files whatever order the engine worked in.
Those of a large one are not: sorting them would take as long as writing them.
"""

import duckdb

from orchestration.landing.sql import quote_literal, quote_name
from orchestration.publishing.marts import Mart

# Of fewer rows nothing is gained by finding out which of them changed, and they are sorted in no time.
LARGE_ROWS = 100_000
# Of a row of a table that the query calls `mart`.
HASH, OTHER_HASH = "hash(mart)", "hash('of all', mart)"


def write_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """Write `published`.<mart> from `warehouse`.<mart>, two attached databases; gives its rows."""
    rows = count_rows(connection, f"warehouse.{mart.table}")
    order = "" if rows >= LARGE_ROWS else "order by all"
    connection.execute(f"create schema if not exists published.{mart.schema}")
    connection.execute(f"create or replace table published.{mart.table} as from warehouse.{mart.table} {order}")
    comment_on(connection, mart)
    return rows


def update_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """The same where `published` has the mart as it was: of a large one only what changed, if that is less."""
    return change_rows(connection, mart) or write_table(connection, mart)


def change_rows(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int | None:
    """Take out the rows that are no more and add the new ones; None where the table has to be written whole."""
    published, warehouse = f"published.{mart.table}", f"warehouse.{mart.table}"
    if read_columns(connection, published) != read_columns(connection, warehouse):
        return None
    if count_rows(connection, published) < LARGE_ROWS:
        return None
    # With another hash, to hold the rows against afterwards: in one pass over what may be a view.
    create_ids(connection, "now", f"select {HASH} as id, {OTHER_HASH} as other from {warehouse} as mart")
    before = create_ids(connection, "before", f"select rowid as place, {HASH} as id from {published} as mart")
    gone = create_ids(connection, "gone", "select place from before where id not in (select id from now)")
    create_ids(connection, "new", "select id from now where id not in (select id from before)")
    [expected] = connection.execute(f"select {count_and_add('other')} from now").fetchall()
    # They hold two numbers for each row of the mart, and what follows needs the room.
    connection.execute("drop table now; drop table before")
    if gone > before - gone or expected[0] < LARGE_ROWS:
        return None
    connection.execute(f"delete from {published} where rowid in (select place from gone)")
    connection.execute(
        f"insert into {published} select * from {warehouse} as mart where {HASH} in (select id from new)"
    )
    comment_on(connection, mart)
    [found] = connection.execute(f"select {count_and_add(OTHER_HASH)} from {published} as mart").fetchall()
    # Of two different rows, one in 2^64 pairs has the same hash; and a row may be there twice.
    return found[0] if found == expected else None


def create_ids(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> int:
    [(rows,)] = connection.execute(f"create or replace temp table {name} as {query}").fetchall()
    return rows


def count_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    return rows


def count_and_add(hash_sql: str) -> str:
    """How many rows there are, and the sum of their hashes."""
    return f"count(*), coalesce(sum(({hash_sql})::hugeint), 0)"


def read_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple]:
    return [column[:2] for column in connection.execute(f"describe {table}").fetchall()]


def comment_on(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    table = f"published.{mart.table}"
    connection.execute(f"comment on table {table} is {quote_literal(mart.description)}")
    for column, description in mart.columns.items():
        connection.execute(f"comment on column {table}.{quote_name(column)} is {quote_literal(description)}")
