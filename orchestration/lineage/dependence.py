"""On what each column of a query depends, and on what its rows do: as a value, or through anything that decides.

Over-approximates: what may matter is taken to matter. Rows are a column of their own (ROWS): a filter, a join or a
LIMIT decides which rows there are, and whoever reads a column of a table reads its rows, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from orchestration.lineage.parsing import GENERATORS, shorten
from orchestration.lineage.project import NotProvable
from orchestration.lineage.scopes import Source, Statement, find_keys, find_order

ROWS = "*rows*"
NAMING = (
    *(exp.Alias, exp.Dot, exp.PropertyEQ, exp.Comprehension, exp.Window, exp.ColumnDef, exp.DataType),
    exp.TableAlias,
)
"""Where an identifier is a name that is given, or that of a field."""


class How(IntEnum):
    """In what way something depends, the most direct first."""

    VALUE = 0
    ROWS = 1
    CASE = 2
    WINDOW = 3
    ORDER = 4
    GROUP = 5
    JOIN = 6
    FILTER = 7
    DISTINCT = 8
    LIMIT = 9
    PYTHON = 10


Origin = tuple[str, str]
"""Id of a table, and a column of it or ROWS."""

Dependence = Mapping[Origin, How]


@dataclass(frozen=True)
class Facts:
    """Of a query: what each column, by position, and its rows depend on."""

    columns: tuple[Dependence, ...]
    rows: Dependence


def merge(*all_dependences: Dependence) -> dict[Origin, How]:
    merged: dict[Origin, How] = {}
    for dependence in all_dependences:
        for origin, how in dependence.items():
            merged[origin] = min(how, merged.get(origin, how))
    return merged


def through(how: How, *all_dependences: Dependence) -> dict[Origin, How]:
    """The same, but at the outermost it is `how` that it matters."""
    return {origin: how for dependence in all_dependences for origin in dependence}


def find_dependence(statement: Statement) -> Facts:
    """Raises NotProvable where a name in it could be anything."""
    return Analysis(statement).of_scope(statement.root)


class Analysis:
    """Of one statement. Remembers what it has found of each query and output."""

    def __init__(self, statement: Statement):
        self._statement = statement
        self._known: dict[int, Facts] = {}
        self._outputs: dict[int, Dependence] = {}

    def of_scope(self, scope: Scope) -> Facts:
        scope = self._statement.find_recursive(scope) or scope
        if id(scope) not in self._known:
            is_recursive = isinstance(scope.expression.parent, exp.CTE) and scope.expression.parent.parent.recursive
            self._known[id(scope)] = self._of_recursive(scope) if is_recursive else self._of_query(scope)
        return self._known[id(scope)]

    def _of_recursive(self, scope: Scope) -> Facts:
        """What a recursive query depends on grows with each turn, until nothing is added."""
        before = Facts(({},) * len(self._statement.name_columns(scope)), {})
        known, outputs = self._known, self._outputs
        while True:
            self._known, self._outputs = {**known, id(scope): before}, dict(outputs)
            after = self._of_query(scope)
            columns = tuple(merge(*pair) for pair in zip(before.columns, after.columns, strict=True))
            after = Facts(columns, merge(before.rows, after.rows))
            if after == before:
                self._known, self._outputs = known, outputs
                return after
            before = after

    def _of_query(self, scope: Scope) -> Facts:
        if isinstance(scope.expression, exp.SetOperation):
            return self._of_set_operation(scope)
        if isinstance(scope.expression, exp.Values):
            columns = zip(*(row.expressions for row in scope.expression.expressions), strict=True)
            return Facts(tuple(merge(*self._of_all(column, scope)) for column in columns), {})
        if isinstance(scope.expression, exp.Lateral):
            return self.of_scope(self._statement.find_scope(scope.expression.this))
        columns = tuple(self._of_output(output, scope) for output in scope.expression.expressions)
        return Facts(columns, self._rows_of_select(scope))

    def _of_set_operation(self, scope: Scope) -> Facts:
        left, right = map(self.of_scope, scope.set_operation_scopes)
        columns = tuple(
            merge(left.columns[mine] if mine is not None else {}, right.columns[theirs] if theirs is not None else {})
            for mine, theirs in self._statement.pair_columns(scope)
        )
        args = scope.expression.args
        rows = merge(left.rows, right.rows, *self._limit(scope))
        if args.get("distinct") or not isinstance(scope.expression, exp.Union):
            rows = merge(rows, through(How.DISTINCT, *columns))
        if args.get("order"):
            rows = merge(rows, through(How.ORDER, *columns, self._of(args["order"], scope)))
        return Facts(columns, rows)

    # Rows

    def _rows_of_select(self, scope: Scope) -> Dependence:
        args = scope.expression.args
        distinct = args.get("distinct")
        keys = [distinct.args["on"]] if distinct and distinct.args.get("on") else []
        outputs = [self._of_output(output, scope) for output in scope.expression.expressions]
        unnested = [inner for output in scope.expression.expressions for inner in output.find_all(*GENERATORS)]
        filters = [args[part] for part in ("having", "qualify") if args.get(part)]
        return merge(
            self._rows_met(scope),
            through(How.FILTER, *self._of_all(filters, scope)),
            through(How.ROWS, *self._of_all(unnested, scope)),
            through(How.DISTINCT, *(outputs if distinct and not keys else self._of_all(keys, scope))),
            through(How.ORDER, *self._of_all(find_order(scope.expression), scope)),
            *self._limit(scope),
        )

    def _limit(self, scope: Scope) -> list[Dependence]:
        ends = [scope.expression.args[part] for part in ("limit", "offset") if scope.expression.args.get(part)]
        return [through(How.LIMIT, found) for found in self._of_all(ends, scope)]

    def _rows_met(self, scope: Scope) -> Dependence:
        """The rows that aggregates and windows of a SELECT see: what meets in FROM and passes WHERE, by group."""
        sources = self._statement.find_sources(scope)
        conditions = [source.join.args["on"] for source in sources if source.join and source.join.args.get("on")]
        where = scope.expression.args.get("where")
        return merge(
            *(through(How.ROWS, self._rows_of_source(source, scope)) for source in sources),
            *(through(How.JOIN, found) for found in self._of_all(conditions, scope)),
            through(How.FILTER, *self._of_all([where] if where else [], scope)),
            through(How.GROUP, *self._of_all(find_keys(scope.expression), scope)),
        )

    def _rows_of_source(self, source: Source, scope: Scope) -> Dependence:
        if source.table:
            return {(source.table, ROWS): How.VALUE}
        if source.generator:
            return self._of(source.generator, scope)
        return self.of_scope(source.relation).rows

    # Columns

    def _of_all(self, parts: Iterable[exp.Expression], scope: Scope) -> list[Dependence]:
        return [self._of(part, scope) for part in parts]

    def _of_output(self, output: exp.Expression, scope: Scope) -> Dependence:
        if id(output) not in self._outputs:
            self._outputs[id(output)] = self._of(output.unalias(), scope)
        return self._outputs[id(output)]

    def _of_column(self, source: Source, name: str, scope: Scope) -> Dependence:
        """`scope` is the one that has the source in FROM."""
        if source.generator:
            return self._of(source.generator, scope)
        positions = [position for position, column in enumerate(source.columns) if column == name]
        if not positions:
            raise NotProvable(f"names {source.node.alias_or_name}.{name}, which no table in FROM has")
        if source.table:
            own = self._statement.name_columns(source.relation)
            return {(source.table, own[position]): How.VALUE for position in positions}
        columns = self.of_scope(source.relation).columns
        return merge(*(columns[position] for position in positions))

    def _of_row(self, source: Source, scope: Scope) -> Dependence:
        values = [self._of_column(source, column, scope) for column in source.columns]
        return merge(*values, self._rows_of_source(source, scope))

    def _find_named(self, name: str, node: exp.Expression, scope: Scope) -> list[Dependence]:
        """Everything that a name may mean: a column of anything in FROM, or an output before the one it stands in."""
        above = {id(node)}
        while (node := node.parent) is not None:
            above.add(id(node))
        outputs = takewhile(lambda output: id(output) not in above, scope.expression.selects)
        columns = self._statement.find_named(name, scope, above)
        return [
            *(self._of_column(source, name, outer) for source, outer in columns),
            *(self._of_output(output, scope) for output in outputs if output.alias_or_name == name),
        ]

    def _of(self, part: exp.Expression, scope: Scope) -> Dependence:
        """`scope` is where the expression stands: its rows are what `count(*)` counts."""
        if isinstance(part, exp.Query):
            facts = self.of_scope(self._statement.find_scope(part))
            columns = () if isinstance(part.parent, exp.Exists) else facts.columns
            return merge(*columns, through(How.ROWS, facts.rows))
        if isinstance(part, exp.Column | exp.TableColumn):
            return self._of_reference(part, scope)
        if isinstance(part, exp.Identifier | exp.Star):
            return self._of_word(part, scope)
        inner = [(child, self._of(child, scope)) for child in part.iter_expressions()]
        found = merge(*(through(how, found) if (how := decides(child)) else found for child, found in inner))
        if isinstance(part, exp.AggFunc | exp.Window):
            found = merge(found, self._rows_met(scope))
        if isinstance(part, exp.Var) or part.arg_key == "unit":
            # What the parser takes for a word, as in date_trunc(a, b), may be a column.
            found = merge(found, *self._find_named(part.name.lower(), part, scope))
        return found

    def _of_reference(self, part: exp.Column | exp.TableColumn, scope: Scope) -> Dependence:
        if isinstance(part, exp.Pseudocolumn):
            sources = self._statement.find_sources(scope)
            rows = (self._rows_of_source(source, scope) for source in sources)
            return merge(*rows, *self._find_named(part.name, part, scope))
        if isinstance(part, exp.TableColumn):
            return self._of_row(*self._statement.find_source(part.name, scope))
        if part.table:
            source, outer = self._statement.find_source(part.table, scope)
            return self._of_column(source, part.name, outer)
        if isinstance(scope.expression, exp.SetOperation):
            # ORDER BY of a set operation, which depends on all of its columns anyway.
            return {}
        found = self._find_named(part.name, part, scope)
        if not found:
            raise NotProvable(f"names {part.name}, which no table in FROM has")
        return merge(*found)

    def _of_word(self, part: exp.Identifier | exp.Star, scope: Scope) -> Dependence:
        """A word that is no column: a name that is given, a parameter, the star of count(*)."""
        if isinstance(part.parent, exp.Lambda) and part.arg_key == "expressions":
            # `coalesce(a -> 'b', c)` is read as a lambda, too, where `a` is a column.
            return merge(*self._find_named(part.name, part, scope))
        if isinstance(part.parent, NAMING if isinstance(part, exp.Identifier) else exp.Count) or is_local(part):
            return {}
        raise NotProvable(f"is not understood: {shorten(part.parent, self._statement.dialect)}")


def is_local(word: exp.Expression) -> bool:
    """Whether it is a parameter of a lambda around it, or the variable of a comprehension."""
    around = word.find_ancestor(exp.Lambda, exp.Comprehension)
    while around is not None:
        names = around.expressions if isinstance(around, exp.Lambda) else [around.args["expression"]]
        if word.name in [name.name for name in names]:
            return True
        around = around.find_ancestor(exp.Lambda, exp.Comprehension)
    return False


def decides(child: exp.Expression) -> How | None:
    """How a part of an expression matters that is not the value itself."""
    parent, is_value = child.parent, child.arg_key == "this"
    if isinstance(parent, exp.Window) and not is_value:
        return How.ORDER if isinstance(child, exp.Order) else How.WINDOW
    if isinstance(parent, exp.If | exp.Case) and is_value:
        return How.CASE
    if isinstance(child, exp.Where):
        return How.FILTER
    if isinstance(parent, exp.Order | exp.ArgMax | exp.ArgMin) and not is_value:
        return How.ORDER
    return None
