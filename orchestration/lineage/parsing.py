"""Parses the SQL of a model. What the proof does not read is refused, never ignored."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import find_all_in_scope

from orchestration.lineage.project import NotProvable

GENERATORS = (exp.Unnest, exp.GenerateSeries, exp.Explode, exp.Posexplode)
"""Functions that make rows of their arguments."""

NOT_UNDERSTOOD = (
    *(exp.Columns, exp.PositionalColumn, exp.Placeholder, exp.Parameter, exp.Pivot),
    *(exp.DDL, exp.DML, exp.Command, exp.QueryTransform),
)
SET_OPERATION = {"with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset"}
UNDERSTOOD = {
    exp.Select: {
        *("with_", "expressions", "from_", "joins", "laterals", "where", "group", "having", "qualify", "windows"),
        *("order", "limit", "offset", "distinct"),
    },
    **dict.fromkeys((exp.Union, exp.Except, exp.Intersect), SET_OPERATION),
    exp.Subquery: {"this", "alias"},
    exp.Table: {"this", "db", "catalog", "alias"},
    exp.Join: {"this", "side", "kind", "method", "on", "using"},
    exp.CTE: {"this", "alias", "materialized"},
    exp.With: {"expressions", "recursive"},
    exp.Values: {"expressions", "alias"},
    exp.Unnest: {"expressions", "alias", "offset"},
    exp.Lateral: {"this", "alias", "view", "outer", "ordinality"},
}
"""The parts of a query that are read here; any other could decide what rows there are."""

SOURCES = (exp.Table, exp.Subquery, exp.Values, exp.Unnest, exp.Lateral)
READS = {
    **{exp.From: SOURCES, exp.Join: SOURCES},
    **{exp.Table: (exp.Identifier, *GENERATORS), exp.Lateral: (exp.Subquery, *GENERATORS)},
}
"""What there can be where a query reads rows; anything else could read a file or another database."""


def parse(sql: str, dialect: str) -> exp.Expression:
    """The one query in `sql`. Raises NotProvable, naming what could not be parsed or is not understood."""
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect=dialect) if statement]
    except SqlglotError as error:
        raise NotProvable(f"cannot be parsed: {str(error).splitlines()[0]}") from error
    if len(statements) != 1:
        raise NotProvable(f"holds {len(statements)} statements, not one")
    [tree] = statements
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(tree)
    for node in list(tree.walk()):
        refuse_unknown(node, dialect)
        if isinstance(node, exp.Select):
            write_out_windows(node, dialect)
        elif type(node) is exp.Column and node.name.lower() == "rowid":
            node.replace(exp.Pseudocolumn(**node.args))
    if not isinstance(tree, exp.Query):
        raise NotProvable(f"is not understood: {shorten(tree, dialect)}")
    return tree.unnest()


def refuse_unknown(node: exp.Expression, dialect: str) -> None:
    if isinstance(node, NOT_UNDERSTOOD):
        raise NotProvable(f"is not understood: {shorten(node, dialect)}")
    understood, reads = UNDERSTOOD.get(type(node)), READS.get(type(node))
    unknown = [name for name, value in node.args.items() if value and name not in understood] if understood else []
    if unknown:
        raise NotProvable(f"has a part that is not understood ({', '.join(unknown)}): {shorten(node, dialect)}")
    if reads and not isinstance(node.this, reads):
        raise NotProvable(f"reads from what is no table of the project: {shorten(node, dialect)}")
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
        raise NotProvable(f"has a join in brackets: {shorten(node, dialect)}")


def write_out_windows(select: exp.Select, dialect: str) -> None:
    """Writes what `window w as (…)` declares into each `over w` and `over (w order by …)`."""
    named: dict[str, exp.Window] = {}
    for window in (*(select.args.get("windows") or ()), *find_all_in_scope(select, exp.Window)):
        base = window.args.get("alias")
        if base is not None:
            if base.name.lower() not in named:
                raise NotProvable(f"names a window that is not there: {shorten(window, dialect)}")
            for part in ("partition_by", "order", "spec"):
                if not window.args.get(part):
                    window.set(part, named[base.name.lower()].copy().args.get(part))
            window.set("alias", None)
        if isinstance(window.this, exp.Identifier):
            named[window.name.lower()] = window
    select.set("windows", None)


def shorten(node: exp.Expression, dialect: str, length: int = 80) -> str:
    """Its SQL for a message: on one line, columns without their tables, tables without their schemas."""
    node = node.copy()
    for named in node.find_all(exp.Column, exp.Table):
        named.set("table" if isinstance(named, exp.Column) else "db", None)
    text = " ".join(node.sql(dialect=dialect).split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
