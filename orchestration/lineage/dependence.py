"""On what each column of a query depends, and on what its rows do: as a value, or through anything that decides.

Over-approximates: what may matter is taken to matter. Rows are a column of their own (ROWS): a filter, a join or a
LIMIT decides which rows there are, and whoever reads a column of a table reads its rows, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from sqlglot import exp

from orchestration.lineage.queries import (
    Base,
    Bound,
    Derived,
    Generated,
    Output,
    Query,
    Reference,
    Relation,
    Select,
    SetOperation,
    Target,
)

ROWS = "*rows*"


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
    """Of a query or relation: what each column, by position, and its rows depend on."""

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


def find_dependence(bound: Bound) -> Facts:
    return Analysis(bound).of_query(bound.query)


class Analysis:
    """Of one bound statement. Remembers what it has found of each query, relation and output."""

    def __init__(self, bound: Bound):
        self._bound = bound
        self._known: dict[int, Facts] = {}
        self._outputs: dict[int, Dependence] = {}

    def of_query(self, query: Query) -> Facts:
        if id(query) not in self._known:
            of = self._of_select if isinstance(query, Select) else self._of_set_operation
            self._known[id(query)] = of(query)
        return self._known[id(query)]

    def _of_relation(self, relation: Relation) -> Facts:
        if isinstance(relation, Derived) and relation.recursive:
            return self._of_recursive(relation)
        if isinstance(relation, Derived):
            return self.of_query(relation.query)
        if isinstance(relation, Generated):
            made_of = merge(*(self._of(argument, Select()) for argument in relation.arguments))
            return Facts((made_of,) * len(relation.columns), through(How.ROWS, made_of))
        columns = zip(*relation.rows, strict=True)
        return Facts(tuple(merge(*(self._of(value, Select()) for value in column)) for column in columns), {})

    def _of_recursive(self, relation: Derived) -> Facts:
        """What a recursive query depends on grows with each turn, until nothing is added."""
        if id(relation) in self._known:
            return self._known[id(relation)]
        before = Facts(({},) * len(relation.columns), {})
        known, outputs = dict(self._known), dict(self._outputs)
        while True:
            self._known, self._outputs = {**known, id(relation): before}, dict(outputs)
            after = self.of_query(relation.query)
            after = Facts(
                tuple(merge(*pair) for pair in zip(before.columns, after.columns, strict=True)),
                merge(before.rows, after.rows),
            )
            if after == before:
                self._known, self._outputs = {**known, id(relation): after}, outputs
                return after
            before = after

    def _of_select(self, select: Select) -> Facts:
        return Facts(tuple(self._of_output(output, select) for output in select.outputs), self._rows_of_select(select))

    def _of_set_operation(self, query: SetOperation) -> Facts:
        left, right = self.of_query(query.left), self.of_query(query.right)
        columns = tuple(
            merge(
                left.columns[mine] if mine is not None else {},
                right.columns[theirs] if theirs is not None else {},
            )
            for mine, theirs in query.pairs
        )
        rows = merge(left.rows, right.rows)
        if query.distinct or query.kind != "union":
            rows = merge(rows, through(How.DISTINCT, *left.columns, *right.columns))
        return Facts(columns, rows)

    # Rows

    def _rows_of_select(self, select: Select) -> Dependence:
        unnested = [
            inner
            for output in select.outputs
            if not isinstance(output.expression, Reference)
            for inner in output.expression.find_all(exp.Explode, exp.Unnest)
        ]
        outputs = [self._of_output(output, select) for output in select.outputs] if select.distinct else []
        return merge(
            self._rows_met(select),
            through(How.FILTER, *self._of_all([*select.having, *select.qualify], select)),
            through(How.ROWS, *self._of_all(unnested, select)),
            through(How.DISTINCT, *outputs, *self._of_all(select.distinct_on, select)),
            through(How.ORDER, *self._of_all(select.order, select)),
            through(How.LIMIT, *self._of_all(select.limit, select)),
        )

    def _rows_met(self, select: Select) -> Dependence:
        """The rows that aggregates and windows of a SELECT see: what meets in FROM and passes WHERE, by group."""
        sources = select.sources
        return merge(
            *(through(How.ROWS, self._of_reference(Reference(source.relation, None))) for source in sources),
            *(through(How.JOIN, *self._of_all(source.conditions, select)) for source in sources),
            through(How.FILTER, *self._of_all(select.where, select)),
            through(How.GROUP, *self._of_all(select.group, select)),
        )

    # Columns

    def _of_all(self, parts: Iterable[exp.Expression | Target], select: Select) -> list[Dependence]:
        return [self._of(part, select) for part in parts]

    def _of_output(self, output: Output, select: Select) -> Dependence:
        if id(output) not in self._outputs:
            self._outputs[id(output)] = self._of(output.expression, select)
        return self._outputs[id(output)]

    def _of_reference(self, reference: Reference) -> Dependence:
        relation, column = reference.relation, reference.column
        if isinstance(relation, Base):
            return {(relation.table, column or ROWS): How.VALUE}
        facts = self._of_relation(relation)
        if column is None:
            return facts.rows
        same_name = [position for position, name in enumerate(relation.columns) if name == column]
        return merge(*(facts.columns[position] for position in same_name))

    def _of(self, part: exp.Expression | Target, select: Select) -> Dependence:
        """`select` is where the expression stands: its rows are what `count(*)` counts."""
        if isinstance(part, Reference):
            return self._of_reference(part)
        if isinstance(part, Output):
            return self._of_output(part, select)
        if id(part) in self._bound.queries:
            facts = self.of_query(self._bound.queries[id(part)])
            columns = () if isinstance(part.parent, exp.Exists) else facts.columns
            return merge(*columns, through(How.ROWS, facts.rows))
        if isinstance(part, exp.Column | exp.Star | exp.Identifier | exp.Var):
            return merge(*(self._of(target, select) for target in self._bound.targets.get(id(part), ())))
        if isinstance(part, exp.Window):
            return self._of_window(part, select)
        inner = [(child, self._of(child, select)) for child in part.iter_expressions()]
        found = merge(*(through(how, found) if (how := decides(child)) else found for child, found in inner))
        if isinstance(part, exp.AggFunc):
            found = merge(found, self._rows_met(select))
        return found

    def _of_window(self, window: exp.Window, select: Select) -> Dependence:
        value = self._of(window.this, select) if not isinstance(window.this, exp.Identifier) else {}
        around = []
        for child in window.iter_expressions():
            if child is not window.this and not isinstance(child, exp.Identifier):
                how = How.ORDER if isinstance(child, exp.Order) else How.WINDOW
                around.append(through(how, self._of(child, select)))
        if id(window) in self._bound.windows:
            around.append(self._of_window(self._bound.windows[id(window)], select))
        return merge(value, *around, self._rows_met(select))


def decides(child: exp.Expression) -> How | None:
    """How a part of an expression matters that is not the value itself."""
    parent, is_value = child.parent, child.arg_key == "this"
    if isinstance(parent, exp.If | exp.Case) and is_value:
        return How.CASE
    if isinstance(child, exp.Where):
        return How.FILTER
    if isinstance(parent, exp.Order | exp.ArgMax | exp.ArgMin) and not is_value:
        return How.ORDER
    return None
