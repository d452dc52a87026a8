"""The unit of every expression of one model, and each place in it where one figure is made of several units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from orchestration.lineage import functions, units
from orchestration.lineage.parsing import shorten
from orchestration.lineage.scopes import Source, Statement, find_branches, find_keys
from orchestration.lineage.tags import choose, find_choice, find_tags, name_column, rename_tags
from orchestration.lineage.units import (
    CONSTANT,
    MARK,
    Blend,
    Blending,
    ByRow,
    Figure,
    Label,
    Moment,
    Quantity,
    Unit,
    Unknown,
)

ZERO_OR_ONE = ("0", "1", "0.0", "1.0")


@dataclass(frozen=True)
class Blended:
    """A place where units are blended: the model, the expression and the units."""

    table: str
    expression: str
    problem: str


class Analysis:
    """Of one model's statement. `known` are the units of the columns of what it reads, `things` what a row of each table
    is one of. What blends is gathered in `blended`."""

    def __init__(
        self, table: str, statement: Statement, known: Mapping[tuple[str, str], Unit], things: Mapping[str, str]
    ):
        self._table = table
        self._statement = statement
        self._known = known
        self._things = things
        self.blended: list[Blended] = []
        self._queries: dict[int, tuple[Unit, ...]] = {}
        self._outputs: dict[int, Unit] = {}

    def blame(self, expression: str, problem: str) -> Blend:
        found = Blended(self._table, expression, problem)
        if found not in self.blended:
            self.blended.append(found)
        return Blend()

    def look_at_the_rest(self) -> None:
        """What decides is not in any column: a filter, an order or a group by a blend of units is one, too."""
        for scope in self._statement.root.traverse():
            if isinstance(scope.expression, exp.Select):
                self.of_scope(scope)
                args = scope.expression.args
                clauses = [args.get(part) for part in ("where", "group", "having", "qualify", "order", "limit")]
                for clause in (args.get("distinct"), *clauses, *(join.args.get("on") for join in args.get("joins") or ())):
                    for part in clause.iter_expressions() if clause is not None else ():
                        self.of(part, scope)

    # Queries

    def of_scope(self, scope: Scope) -> tuple[Unit, ...]:
        """The units of its columns; a recursive query is what it starts as."""
        scope = self._statement.find_scope(scope.expression)
        if id(scope) not in self._queries:
            self._queries[id(scope)] = tuple(self._of_query(scope))
        return self._queries[id(scope)]

    def _of_query(self, scope: Scope) -> Iterable[Unit]:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return self._of_set_operation(scope)
        if isinstance(query, exp.Values):
            return [self._unify(column, scope) for column in zip(*(row.expressions for row in query.expressions), strict=True)]
        if isinstance(query, exp.Lateral):
            return self.of_scope(self._statement.find_scope(query.this))
        return [self._of_output(output, scope) for output in query.expressions]

    def _of_set_operation(self, scope: Scope) -> Iterable[Unit]:
        names = self._statement.name_columns(scope)
        told = find_tags(find_branches(scope), names)
        for name, column in zip(names, self._statement.trace_columns(scope), strict=True):
            try:
                yield units.unify([self.of_scope(branch)[at] for branch, at in column])
            except Blending as blending:
                # A column that says which branch a row is of tells the units apart.
                yield ByRow(told) if told else self.blame(f"{name} of a union", str(blending))

    def name_thing(self, scope: Scope) -> str:
        """What a row of the result is one of, as far as names tell: `orders`, `orders × clicks`, `partner_id`."""
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return " or ".join(sorted({self.name_thing(branch) for branch in find_branches(scope)}))
        if not isinstance(query, exp.Select):
            return "values"
        if query.args.get("group") or query.args.get("distinct"):
            names = [self._name_key(key, query) for key in find_keys(query) or query.expressions]
            return ", ".join(sorted(name for name in names if name)) or "all"
        return self._name_met(scope)

    def _name_met(self, scope: Scope) -> str:
        sources = [
            source
            for nth, source in enumerate(self._statement.find_sources(scope))
            if not source.is_filter and (nth == 0 or not source.keeps_grain)
        ]
        return " × ".join(map(self._name_thing_of, sources)) or "one"

    def _name_thing_of(self, source: Source) -> str:
        if source.table:
            return self._things[source.table]
        if source.generator:
            return "values"
        return self.name_thing(self._statement.find_scope(source.relation.expression))

    @staticmethod
    def _name_key(key: exp.Expression, select: exp.Select) -> str:
        """The column that a key is, or under which the SELECT gives the same expression; "" if there is none."""
        if isinstance(key, exp.Alias):
            return key.alias
        same = [output.alias for output in select.expressions if output.unalias() == key]
        return name_column(key) or (same[0] if same else "")

    # Columns

    def _of_output(self, output: exp.Expression, scope: Scope) -> Unit:
        if id(output) not in self._outputs:
            self._outputs[id(output)] = rename_tags(self.of(output.unalias(), scope), scope.expression)
        return self._outputs[id(output)]

    def _of_column(self, column: exp.Column, scope: Scope) -> Unit:
        if not column.table:
            # ORDER BY an output.
            same = [output for output in scope.expression.selects if output.alias_or_name == column.name]
            return self._of_output(same[0], scope) if same else Unknown("a row")
        source, outer = self._statement.find_source(column.table, scope)
        if source.generator:
            return self._unify(find_arguments(source.generator), outer)
        position = source.columns.index(column.name)
        if source.table:
            name = self._statement.name_columns(source.relation)[position]
            return self._known.get((source.table, name), Unknown(f"{name} is not declared"))
        return self.of_scope(source.relation)[position]

    def of(self, part: exp.Expression, scope: Scope) -> Unit:
        """The unit of an expression that stands in `scope`; blames what blends."""
        try:
            return self._of_expression(part, scope)
        except Blending as blending:
            return self.blame(shorten(part, self._statement.dialect), str(blending))

    def _unify(self, parts: Iterable[exp.Expression], scope: Scope) -> Unit:
        return units.unify([self.of(part, scope) for part in parts])

    def _of_expression(self, part: exp.Expression, scope: Scope) -> Unit:
        of = self.of
        if isinstance(part, exp.Query):
            found = self.of_scope(self._statement.find_scope(part))
            return found[0] if len(found) == 1 else Unknown("a row")
        match part:
            case exp.Literal() | exp.Null():
                return MARK if isinstance(part, exp.Null) or part.name in ZERO_OR_ONE else CONSTANT
            case exp.Pseudocolumn():
                return Label()
            case exp.Column():
                return self._of_column(part, scope)
            case exp.Add():
                return units.shift(of(part.left, scope), of(part.right, scope))
            case exp.Sub():
                return units.subtract(of(part.left, scope), of(part.right, scope))
            case exp.Mul() if isinstance(part.left, exp.Interval) or isinstance(part.right, exp.Interval):
                return units.TIME
            case exp.Mul():
                return units.multiply(of(part.left, scope), of(part.right, scope))
            case exp.Div() | exp.IntDiv():
                return units.divide(of(part.left, scope), of(part.right, scope))
            case exp.Pow() | exp.Sqrt():
                return self._of_power(part, scope)
            case exp.Case() | exp.If():
                return self._of_case(part, scope)
            case exp.Cast() | exp.TryCast():
                return cast(of(part.this, scope), part.to)
            case exp.Window():
                return self._of_window(part, scope)
            case exp.Is():
                # Whether something is known says nothing of how much it is.
                return Label() if isinstance(part.expression, exp.Null) else self._compare(part, scope)
            case exp.Predicate() | exp.Connector() | exp.Not():
                return self._compare(part, scope)
        return self._of_function(part, scope)

    def _compare(self, part: exp.Expression, scope: Scope) -> Unit:
        return units.compare(self.of(child, scope) for child in part.iter_expressions())

    def _of_function(self, part: exp.Expression, scope: Scope) -> Unit:
        if isinstance(part, functions.COUNTS):
            return self._of_count(part, scope)
        if isinstance(part, functions.SUMMARISES + functions.SQUARES):
            return self._summarise(part, [], scope)
        arguments = [self.of(child, scope) for child in part.iter_expressions() if not isinstance(child, exp.Lambda)]
        if isinstance(part, functions.KEEPS + functions.PICKS):
            return self.of(part.this, scope)
        if isinstance(part, functions.UNIFIES):
            return units.unify(arguments)
        if isinstance(part, functions.BENDS):
            return units.bend(arguments[0])
        if isinstance(part, functions.SIZES):
            return Figure()
        if isinstance(part, functions.TIMES):
            return units.TIME
        name = part.name.lower() if isinstance(part, exp.Anonymous) else ""
        if isinstance(part, functions.MOMENTS) or name in functions.BY_NAME["moment"]:
            return Moment()
        if isinstance(part, functions.LABELS) or name in functions.BY_NAME["label"]:
            return Label(frozenset().union(*map(units.find_bases, arguments)))
        return Unknown(f"what {name or part.key} gives")

    def _of_power(self, part: exp.Expression, scope: Scope) -> Unit:
        base = self.of(part.this, scope)
        exponent = part.args.get("expression")
        if exponent is None:
            return units.raise_to(base, Fraction(1, 2))
        if isinstance(exponent, exp.Literal):
            return units.raise_to(base, Fraction(exponent.name))
        return units.bend(units.multiply(units.bend(base), units.bend(self.of(exponent, scope))))

    def _of_case(self, part: exp.Case | exp.If, scope: Scope) -> Unit:
        branches = part.args.get("ifs") or [part]
        values = [branch.args["true"] for branch in branches]
        values += [value for value in (part.args.get("default"), part.args.get("false")) if value is not None]
        conditions = [branch.this for branch in branches]
        if isinstance(part, exp.Case) and part.this is not None:
            conditions.append(part.this)
        decided = units.compare(self.of(condition, scope) for condition in conditions)
        if decided == Blend():
            return Blend()
        if all(isinstance(value, exp.Literal | exp.Null | exp.Neg) for value in values):
            return grade(values, decided.of)
        of_each = [self.of(value, scope) for value in values]
        try:
            return choose(units.unify(of_each), conditions)
        except Blending:
            named = find_choice(part)
            if named is None:
                raise
            return ByRow(frozenset({named}))

    # Rows

    def _of_count(self, part: exp.Expression, scope: Scope) -> Unit:
        counted = part.this
        if isinstance(counted, exp.Distinct):
            [first, *_] = counted.expressions
            return units.count_of(self._name_key(first, scope.expression) or shorten(first, self._statement.dialect))
        if counted is not None and not isinstance(counted, exp.Star):
            self.of(counted, scope)
        return self._count_rows(scope)

    def _count_rows(self, scope: Scope) -> Quantity:
        return units.count_of(self._name_met(scope))

    def _summarise(self, part: exp.Expression, keys: Sequence[exp.Expression], scope: Scope) -> Unit:
        """Of one figure of several rows; `keys` are what a window is partitioned by."""
        inner = part.this.expressions[0] if isinstance(part.this, exp.Distinct) else part.this
        unit = self.of(inner, scope)
        if isinstance(unit, ByRow):
            names = {self._name_key(key, scope.expression) for key in keys or find_keys(scope.expression)}
            if not (names & unit.tags or unit.is_chosen):
                raise Blending(f"rows of different units, which only {unit} tells apart")
            return ByRow(frozenset(names - {""}))
        if isinstance(part, functions.SQUARES):
            return units.multiply(unit, unit)
        unit = units.as_number(unit) if isinstance(part, exp.Sum | exp.Avg) else unit
        if isinstance(unit, Figure) and (unit.is_mark or unit.is_constant):
            # Ones added up are a count, their mean is the share of rows that have one.
            count = self._count_rows(scope)
            return count if isinstance(part, exp.Sum) else units.divide(count, count)
        return unit

    def _of_window(self, window: exp.Window, scope: Scope) -> Unit:
        keys = window.args.get("partition_by") or []
        order = window.args.get("order")
        for key in keys:
            self.of(key, scope)
        by = [self.of(key.this, scope) for key in order.expressions] if order else []
        function = window.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        if isinstance(function, functions.RANKS):
            return Blend() if Blend() in by else Figure(frozenset().union(*map(units.find_bases, by)))
        if isinstance(function, functions.SUMMARISES + functions.SQUARES):
            return self._summarise(function, keys or [exp.Null()], scope)
        return self.of(window.this, scope)


def grade(values: Sequence[exp.Expression], of: frozenset[str]) -> Unit:
    """Of a CASE that gives constants: texts, marks (0 or 1) or grades. Raises Blending for a grade of several units."""
    if any(isinstance(value, exp.Literal) and value.is_string for value in values):
        return Label(of)
    if len(of) > 1:
        raise Blending(f"a number that is given for {units.name_all(of)} together")
    return Figure(of, is_mark=all(isinstance(value, exp.Null) or value.sql() in ZERO_OR_ONE for value in values))


def cast(unit: Unit, to: exp.DataType) -> Unit:
    """A number that is still a text keeps its unit; what is read from a text or a yes-or-no is a figure."""
    if to.this in functions.MOMENT_TYPES:
        return Moment()
    if isinstance(unit, Label) and to.this in functions.NUMBERS:
        return units.as_number(unit)
    if isinstance(unit, Quantity) and to.this is exp.DataType.Type.BOOLEAN:
        return Label(units.find_bases(unit))
    return unit


def find_arguments(generator: exp.Expression) -> list[exp.Expression]:
    return [part for part in generator.iter_expressions() if not isinstance(part, exp.TableAlias)]
