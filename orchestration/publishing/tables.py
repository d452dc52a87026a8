"""A mart's rows in the database that readers get: written whole, or a large one's changes into what was published last.

A mart's rows are sorted by all columns, so that the same marts are the same files whatever order the engine worked in.
Those of a large one are not: that would take as long as everything else that is done to publish it.
"""

import duckdb

from orchestration.landing.sql import quote_literal, quote_name
from orchestration.publishing.marts import Mart

# Of fewer rows nothing is gained by finding out which of them changed, and they are sorted in no time.
LARGE_ROWS = 100_000
OTHER_HASH = "hash('of all', mart)"


def write_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """Write `published`.<mart> from `warehouse`.<mart>, two attached databases; gives its rows."""
    [(rows,)] = connection.execute(f"select count(*) from warehouse.{mart.table}").fetchall()
    order = "" if rows >= LARGE_ROWS else "order by all"
    connection.execute(f"create schema if not exists published.{mart.schema}")
    connection.execute(f"create or replace table published.{mart.table} as from warehouse.{mart.table} {order}")
    comment_on(connection, mart)
    return rows


def update_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """The same where `published` has the mart as it was: rows that are no more are taken out, and new ones added."""
    if read_columns(connection, f"published.{mart.table}") != read_columns(connection, f"warehouse.{mart.table}"):
        return write_table(connection, mart)
    # With another hash, to hold the rows against afterwards: in one pass over what may be a view.
    connection.execute(
        f"create or replace temp table now as select hash(mart) as id, {OTHER_HASH} as other"
        f" from warehouse.{mart.table} as mart"
    )
    connection.execute(
        f"create or replace temp table before as select rowid as place, hash(mart) as id"
        f" from published.{mart.table} as mart"
    )
    for name, column, of, others in (("gone", "place", "before", "now"), ("new", "id", "now", "before")):
        connection.execute(
            f"create or replace temp table {name} as"
            f" select {column} from {of} where id not in (select id from {others})"
        )
    [(before, gone)] = connection.execute(
        "select (select count(*) from before), (select count(*) from gone)"
    ).fetchall()
    if gone > before - gone:
        return write_table(connection, mart)
    connection.execute(f"delete from published.{mart.table} where rowid in (select place from gone)")
    connection.execute(
        f"insert into published.{mart.table} select * from warehouse.{mart.table} as mart"
        " where hash(mart) in (select id from new)"
    )
    comment_on(connection, mart)
    # Of two different rows, one in 2^64 pairs has the same hash; and a row may be there twice.
    [expected] = connection.execute(f"select {count_and_add('other')} from now").fetchall()
    [found] = connection.execute(f"select {count_and_add(OTHER_HASH)} from published.{mart.table} as mart").fetchall()
    return found[0] if found == expected else write_table(connection, mart)


def count_and_add(hash_sql: str) -> str:
    return f"count(*), coalesce(sum(({hash_sql})::hugeint), 0)"


def read_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple]:
    return [column[:2] for column in connection.execute(f"describe {table}").fetchall()]


def comment_on(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    table = f"published.{mart.table}"
    connection.execute(f"comment on table {table} is {quote_literal(mart.description)}")
    for column, description in mart.columns.items():
        connection.execute(f"comment on column {table}.{quote_name(column)} is {quote_literal(description)}")
