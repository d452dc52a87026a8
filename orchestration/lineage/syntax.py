"""What a node of sqlglot's tree says by itself: its names, its parts, and whether any of them would be passed over."""

from sqlglot import exp

from orchestration.lineage.project import NotProvable

NAMING = (exp.Alias, exp.Dot, exp.PropertyEQ, exp.Comprehension, exp.Window, exp.ColumnDef, exp.DataType)
"""Where an identifier is a name that is given, or that of a field."""

NOT_UNDERSTOOD = (
    exp.Columns,
    exp.PositionalColumn,
    exp.Placeholder,
    exp.Parameter,
    exp.Pivot,
    exp.DDL,
    exp.DML,
    exp.Command,
)
UNDERSTOOD = {
    exp.Select: {
        *("with_", "expressions", "from_", "joins", "where", "group", "having", "qualify", "windows", "order"),
        *("limit", "offset", "distinct"),
    },
    exp.SetOperation: {"with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset"},
    exp.Subquery: {"with_", "this", "alias", "joins", "order", "limit", "offset"},
    exp.Table: {"this", "db", "catalog", "alias", "joins"},
    exp.Join: {"this", "side", "kind", "method", "on", "using"},
    exp.CTE: {"this", "alias", "materialized"},
    exp.With: {"expressions", "recursive"},
    exp.Values: {"expressions", "alias"},
    exp.Unnest: {"expressions", "alias", "offset"},
    exp.Lateral: {"this", "alias"},
}


def refuse_unknown_parts(node: exp.Expression) -> None:
    """Raises NotProvable where a query has a part that nobody here reads: it could decide what rows there are."""
    for kind, understood in UNDERSTOOD.items():
        if isinstance(node, kind):
            unknown = [name for name, value in node.args.items() if value and name not in understood]
            if unknown:
                raise NotProvable(f"has a part that is not understood ({', '.join(unknown)}): {shorten(node)}")


def read_alias(node: exp.Expression) -> tuple[str, list[str]]:
    """Name and column names of `node as name (a, b)`, in lower case; "" and [] where there are none."""
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return (alias.name.lower() if alias else "", [])
    return alias.name.lower(), [column.name.lower() for column in alias.args.get("columns") or ()]


def is_cross(join: exp.Join) -> bool:
    return join.kind == "CROSS" or not any(join.args.get(part) for part in ("on", "using", "method"))


def has_ends(node: exp.Expression) -> bool:
    return any(node.args.get(part) for part in ("order", "limit", "offset"))


def find_first_branch(node: exp.Expression) -> exp.Expression:
    while isinstance(node, exp.SetOperation):
        node = node.left
    return node


def name_output(node: exp.Expression) -> str:
    """What the column is called; without an alias, what the engine makes of its text, which nobody should rely on."""
    return (node.alias_or_name or shorten(node)).lower() if isinstance(node, exp.Alias | exp.Column) else shorten(node)


def find_local_names(node: exp.Expression) -> frozenset[str]:
    """Parameters of a lambda, the variable of a list comprehension."""
    if isinstance(node, exp.Lambda):
        return frozenset(parameter.name.lower() for parameter in node.expressions)
    if isinstance(node, exp.Comprehension):
        return frozenset([node.args["expression"].name.lower()])
    return frozenset()


def shorten(node: exp.Expression, length: int = 80) -> str:
    text = " ".join(node.sql(dialect="duckdb").split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
