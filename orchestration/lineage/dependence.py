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
from orchestration.lineage.scopes import Source, Statement, find_keys

ROWS = "*rows*"


How = IntEnum("How", "VALUE ROWS CASE WINDOW ORDER GROUP JOIN FILTER DISTINCT LIMIT PYTHON", start=0)
"""In what way something depends, the most direct first."""

Origin = tuple[str, str]
"""Id of a table, and a column of it or ROWS."""

Dependence = Mapping[Origin, How]

NAMING = (exp.Alias, exp.TableAlias, exp.Dot, exp.PropertyEQ, exp.Comprehension, exp.ColumnDef, exp.DataType)
"""Where an identifier is a name that is given, or that of a field."""


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
        scope = self._statement.find_whole(scope)
        if id(scope) not in self._known:
            cte = scope.expression.parent
            is_recursive = isinstance(cte, exp.CTE) and cte.parent.recursive
            self._known[id(scope)] = self._of_recursive(scope) if is_recursive else self._of_query(scope)
        return self._known[id(scope)]

    def _of_recursive(self, scope: Scope) -> Facts:
        """What a recursive query has in one column may be in any other a turn later."""
        width = len(self._statement.name_columns(scope))
        self._known[id(scope)] = Facts(({},) * width, {})
        once = self._of_query(scope)
        everything = merge(*once.columns, once.rows)
        return Facts((everything,) * width, everything)

    def _of_query(self, scope: Scope) -> Facts:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return self._of_set_operation(scope)
        if isinstance(query, exp.Values):
            columns = zip(*(row.expressions for row in query.expressions), strict=True)
            return Facts(tuple(self._of_all(column, scope) for column in columns), {})
        return Facts(tuple(self._of_output(output, scope) for output in query.expressions), self._rows(scope))

    def _of_set_operation(self, scope: Scope) -> Facts:
        sides = [self.of_scope(side) for side in scope.set_operation_scopes]
        columns = tuple(
            merge(*(side.columns[at] for side, at in zip(sides, pair, strict=True) if at is not None))
            for pair in self._statement.pair_columns(scope)
        )
        args = scope.expression.args
        rows = [side.rows for side in sides] + self._of_clauses(
            scope, order=How.ORDER, limit=How.LIMIT, offset=How.LIMIT
        )
        if args.get("distinct") or not isinstance(scope.expression, exp.Union):
            rows.append(through(How.DISTINCT, *columns))
        return Facts(columns, merge(*rows, through(How.ORDER, *columns) if args.get("order") else {}))

    # Rows

    def _rows(self, scope: Scope) -> Dependence:
        select = scope.expression
        distinct, order = select.args.get("distinct"), select.args.get("order")
        keys = distinct.args.get("on") if distinct else None
        # `order by all`, `order by 2`: sqlglot leaves the number where the output is a constant or makes rows.
        by_place = order and any(isinstance(key.this, exp.Literal | exp.Var) for key in order.expressions)
        outputs = [self._of_output(output, scope) for output in select.expressions if by_place or distinct]
        unnested = [inner for output in select.expressions for inner in output.find_all(*GENERATORS)]
        clauses = {
            "having": How.FILTER,
            "qualify": How.FILTER,
            "order": How.ORDER,
            "limit": How.LIMIT,
            "offset": How.LIMIT,
        }
        return merge(
            self._rows_met(scope),
            *self._of_clauses(scope, **clauses),
            through(How.ROWS, self._of_all(unnested, scope)),
            through(How.DISTINCT, *(outputs if distinct and not keys else [self._of(keys, scope)] if keys else [])),
            through(How.ORDER, *(outputs if by_place else ())),
        )

    def _of_clauses(self, scope: Scope, **clauses: How) -> list[Dependence]:
        args = scope.expression.args
        return [through(how, self._of(args[name], scope)) for name, how in clauses.items() if args.get(name)]

    def _rows_met(self, scope: Scope) -> Dependence:
        """The rows that aggregates and windows of a SELECT see: what meets in FROM and passes WHERE, by group."""
        sources = self._statement.find_sources(scope)
        conditions = [source.join.args["on"] for source in sources if source.join and source.join.args.get("on")]
        return merge(
            *(through(How.ROWS, self._rows_of_source(source, scope)) for source in sources),
            through(How.JOIN, self._of_all(conditions, scope)),
            *self._of_clauses(scope, where=How.FILTER),
            through(How.GROUP, self._of_all(find_keys(scope.expression), scope)),
        )

    def _rows_of_source(self, source: Source, scope: Scope) -> Dependence:
        if source.table:
            return {(source.table, ROWS): How.VALUE}
        return self._of(source.generator, scope) if source.generator else self.of_scope(source.relation).rows

    # Columns

    def _of_output(self, output: exp.Expression, scope: Scope) -> Dependence:
        if id(output) not in self._outputs:
            # A word that may mean the output itself (`date_trunc('day', at) as day`) adds nothing to it.
            self._outputs[id(output)] = {}
            self._outputs[id(output)] = self._of(output.unalias(), scope)
        return self._outputs[id(output)]

    def _of_column(self, source: Source, name: str, scope: Scope) -> Dependence:
        """`scope` is the one that has the source in FROM."""
        if source.generator:
            return self._of(source.generator, scope)
        positions = source.find(name)
        if source.table:
            own = self._statement.name_columns(source.relation)
            return {(source.table, own[position]): How.VALUE for position in positions}
        columns = self.of_scope(source.relation).columns
        return merge(*(columns[position] for position in positions))

    def _find_named(self, name: str, node: exp.Expression, scope: Scope) -> list[Dependence]:
        """Everything that a name may mean: a column of anything in FROM, or an output before its own."""
        above = {id(node)}
        while (node := node.parent) is not None:
            above.add(id(node))
        outputs = takewhile(lambda output: id(output) not in above, scope.expression.selects)
        return [
            *(self._of_column(source, name, outer) for source, outer in self._statement.find_named(name, scope, above)),
            *(self._of_output(output, scope) for output in outputs if output.alias_or_name == name),
        ]

    # Expressions

    def _of_all(self, parts: Iterable[exp.Expression], scope: Scope) -> Dependence:
        return merge(*(self._of(part, scope) for part in parts))

    def _of(self, part: exp.Expression, scope: Scope) -> Dependence:
        """Of an expression in `scope`, whose rows are what `count(*)` counts."""
        if isinstance(part, exp.Query):
            facts = self.of_scope(self._statement.find_scope(part))
            columns = () if isinstance(part.parent, exp.Exists) else facts.columns
            return merge(*columns, through(How.ROWS, facts.rows))
        if isinstance(part, exp.Column | exp.TableColumn):
            return self._of_reference(part, scope)
        if isinstance(part, exp.Identifier | exp.Star):
            return self._of_word(part, scope)
        found = []
        for child in part.iter_expressions():
            how = decides(child)
            found.append(self._of(child, scope) if how is None else through(how, self._of(child, scope)))
        if isinstance(part, exp.AggFunc | exp.Window):
            found.append(self._rows_met(scope))
        if isinstance(part, exp.Var) or part.arg_key == "unit":
            # What the parser takes for a word, as in date_trunc(a, b), may be a column.
            found += self._find_named(part.name.lower(), part, scope)
        return found[0] if len(found) == 1 else merge(*found)

    def _of_reference(self, part: exp.Column | exp.TableColumn, scope: Scope) -> Dependence:
        if isinstance(part, exp.Pseudocolumn):
            rows = (self._rows_of_source(source, scope) for source in self._statement.find_sources(scope))
            return merge(*rows, *self._find_named(part.name, part, scope))
        if isinstance(part, exp.TableColumn):
            # A whole row.
            source, outer = self._statement.find_source(part.name, scope)
            values = (self._of_column(source, column, outer) for column in source.columns)
            return merge(*values, self._rows_of_source(source, outer))
        if part.table:
            source, outer = self._statement.find_source(part.table, scope)
            return self._of_column(source, part.name, outer)
        found = self._find_named(part.name, part, scope)
        # What a set operation is ordered by are its own columns, which count anyway.
        if not found and not isinstance(scope.expression, exp.SetOperation):
            raise NotProvable(f"names {part.name}, which no table in FROM has")
        return merge(*found)

    def _of_word(self, part: exp.Identifier | exp.Star, scope: Scope) -> Dependence:
        """Of a word that is no column: a name that is given, a parameter, the star of count(*)."""
        if isinstance(part.parent, NAMING if isinstance(part, exp.Identifier) else exp.Count):
            return {}
        if isinstance(part, exp.Identifier) and part.find_ancestor(exp.Lambda, exp.Comprehension):
            # The parameter of a lambda; but `coalesce(a -> 'b', c)` is read as one, too, where `a` is a column.
            return merge(*self._find_named(part.name, part, scope))
        raise NotProvable(f"is not understood: {shorten(part.parent, self._statement.dialect)}")


def decides(child: exp.Expression) -> How | None:
    """How a part of an expression matters that is not the value itself."""
    if isinstance(child, exp.Where):
        return How.FILTER
    parent, is_value = child.parent, child.arg_key == "this"
    if isinstance(parent, exp.If | exp.Case):
        return How.CASE if is_value else None
    if isinstance(parent, exp.Window) and not is_value:
        return How.ORDER if isinstance(child, exp.Order) else How.WINDOW
    return How.ORDER if isinstance(parent, exp.Order | exp.ArgMax | exp.ArgMin) and not is_value else None
