"""Whether two engines built the same tables: every row of every table, doubles to nine places."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from orchestration.programme.sql import quote_literal, quote_name

PLACES = 9
# The engines' own hashes: which number they give to the same tags, or to a month, is nobody's business.
HASHES = ("tag_set_id", "inputs_hash")


def list_relations(warehouse: Path, schemas: tuple[str, ...]) -> list[tuple[str, str]]:
    """Schema and name of every table and view of these schemas."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in"
            f" ({', '.join(map(quote_literal, schemas))}) order by all"
        ).fetchall()


def compare(
    warehouse: Path,
    relations: list[tuple[str, str]],
    other: Callable[[str, str], str | None],
    attached: Path | None = None,
) -> Iterator[tuple[str, str]]:
    """Each relation whose rows differ, and how. `other` gives SQL for the other engine's rows of schema and name; None if
    it has none; it may read a database that is `attached` as other. Columns are compared by name, as the types that they
    have here."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if attached:
            connection.execute(f"attach {quote_literal(attached)} as other (read_only)")
        connection.execute("set timezone = 'UTC'")
        for schema, name in relations:
            try:
                if difference := _compare(connection, schema, name, other(schema, name)):
                    yield f"{schema}.{name}", difference
            except duckdb.Error as error:
                yield f"{schema}.{name}", f"cannot be compared: {error}"


def _compare(connection: duckdb.DuckDBPyConnection, schema: str, name: str, rows: str | None) -> str | None:
    if rows is None:
        return "is missing"
    here = f"{quote_name(schema)}.{quote_name(name)}"
    found = dict(connection.execute(f"select column_name, column_type from (describe {here})").fetchall())
    there = {column for (column,) in connection.execute(f"select column_name from (describe {rows})").fetchall()}
    if found.keys() != there:
        return f"columns differ: {sorted(found.keys() ^ there)}"
    types = {column: data_type for column, data_type in found.items() if column not in HASHES}
    listed = ", ".join(_express(column, data_type) for column, data_type in types.items())
    queries = (f"select {listed} from {here}", f"select {listed} from ({rows})")
    only = []
    for one, two in (queries, queries[::-1]):
        [(count,)] = connection.execute(f"select count(*) from ({one} except all {two})").fetchall()
        examples = connection.execute(f"{one} except all {two} order by all limit 2").fetchall() if count else []
        only.append((count, examples))
    if not (only[0][0] or only[1][0]):
        return None
    return f"{only[0][0]} rows only here, {only[1][0]} only there; columns {list(types)}: {only[0][1]} against {only[1][1]}"


def _express(column: str, data_type: str) -> str:
    value = f"cast({quote_name(column)} as {data_type})"
    return (
        f"round({value}, {PLACES}) as {quote_name(column)}"
        if data_type == "DOUBLE"
        else value + f" as {quote_name(column)}"
    )
