"""From SQL to a statement whose names are bound, by sqlglot's optimizer: stars and aliases are written out, and each
column names the table, subquery or CTE in FROM from which it is."""

from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from orchestration.lineage.parsing import parse, shorten
from orchestration.lineage.project import NotProvable
from orchestration.lineage.scopes import Statement

SCHEMA = "project"
"""Every table is bound as `project.<id>`, whatever schema it is built in."""


FindTable = Callable[[str, str], tuple[str, tuple[str, ...] | None]]
"""From schema and name to a table's id and columns, None where it may have any; raises NotProvable if there is none."""


def bind(sql: str, find_table: FindTable, dialect: str = "duckdb") -> Statement:
    """The one query in `sql`. Raises NotProvable, with what could not be parsed, resolved or understood."""
    tree = parse(sql, dialect)
    schema = MappingSchema(dialect=dialect, normalize=False)
    columns: dict[str, tuple[str, ...]] = {}

    def identify(table: exp.Table) -> None:
        """sqlglot calls this for each table before it looks for columns."""
        if isinstance(table.this, exp.Identifier) and table.db != SCHEMA:
            id, known = find_table(table.db.lower(), table.name.lower())
            columns[id] = find_mentioned(tree, table, dialect) if known is None else known
            for part, name in (("this", id), ("db", SCHEMA), ("catalog", None)):
                table.set(part, name and exp.to_identifier(name, quoted=True))
            schema.add_table(table, dict.fromkeys(columns[id], "unknown"))

    try:
        qualify(tree, dialect=dialect, schema=schema, on_qualify=identify, quote_identifiers=False, identify=False)
    except (SqlglotError, AssertionError) as error:
        raise NotProvable(f"has a name that cannot be resolved: {str(error).splitlines()[0]}") from error
    refuse_unresolved(tree, dialect)
    return Statement(tree, dialect, columns)


def find_mentioned(tree: exp.Expression, table: exp.Table, dialect: str) -> tuple[str, ...]:
    """Of a table whose columns are not declared: every column that the statement could take from it."""
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        raise NotProvable(f"has a star beside {table.sql(dialect)}, whose columns are not declared in its .yml")
    columns = tree.find_all(exp.Column)
    return tuple(dict.fromkeys(column.name for column in columns if column.table in ("", table.alias)))


def refuse_unresolved(tree: exp.Expression, dialect: str) -> None:
    """Raises NotProvable for what sqlglot leaves unchanged because it lacks the columns."""
    for select in tree.find_all(exp.Select):
        if select.is_star:
            raise NotProvable(f"has a star that cannot be resolved: {shorten(select, dialect)}")
        for join in select.args.get("joins") or ():
            if join.method == "NATURAL":
                raise NotProvable(f"has a NATURAL JOIN that cannot be resolved: {shorten(join, dialect)}")
