"""Finds the cells of a file that cannot be read."""

import duckdb

from orchestration.landing.matching import Match
from orchestration.landing.reading.read import Check, Reading
from orchestration.programme.sql import quote_literal, quote_name
from orchestration.programme.value_checks import select_problems


def find_problems(connection: duckdb.DuckDBPyConnection, source: str, reading: Reading, match: Match) -> None:
    """Create the table `bad`, with one row per problem: position, column_name (null: the row), value as in the file,
    reason, what_to_do.

    `source` are the rows of `reading` that are loaded.
    """
    columns = "position bigint, column_name varchar, value varchar, reason varchar, what_to_do varchar"
    connection.execute(f"create or replace temp table bad ({columns})")
    # Checks of whole rows come first: of a row of totals, for example, no cell is listed as well.
    for check in sorted(reading.checks, key=lambda check: check.column is not None):
        _add_problems(connection, _select_check(source, check))
    general = select_problems(source, match.fed, "position")
    if general is not None:
        _add_problems(connection, general)
    if reading.rows != reading.cells:
        _show_cells(connection, reading.cells, match)


def _select_check(source: str, check: Check) -> str:
    column = f"{quote_literal(check.column)}::varchar"
    reason = quote_literal(check.reason)
    return (
        f"select position, {column} as column_name, {check.value} as value, {reason} as reason,"
        f" {check.remedy} as what_to_do from {source} where {check.condition}"
    )


def _add_problems(connection: duckdb.DuckDBPyConnection, problems: str) -> None:
    """Add the problems of cells that have none so far."""
    connection.execute(f"""
        insert into bad
        from ({problems}) as found
        where not exists (
            from bad
            where bad.position = found.position
            and (bad.column_name is null or bad.column_name is not distinct from found.column_name)
        )
    """)


def _show_cells(connection: duckdb.DuckDBPyConnection, cells: str, match: Match) -> None:
    """Show each value as it is in the file, also if a rule changed it. Personal data stays as it is in `bad`, where
    erased people are missing."""
    found = connection.execute("select distinct column_name from bad where column_name is not null").fetchall()
    for (name,) in found:
        column = match.extract.find_column(name)
        if name in match.positions and not column.identifies and not column.describes:
            connection.execute(
                f"update bad set value = cells.{quote_name(name)} from {cells} as cells"
                f" where bad.position = cells.position and bad.column_name = {quote_literal(name)}"
            )
