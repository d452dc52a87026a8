"""The unit of every expression of one model, and each place in it where one figure is made of several units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp

from orchestration.lineage import functions, units
from orchestration.lineage.branches import find_branches, trace_columns
from orchestration.lineage.queries import (
    Base,
    Bound,
    Derived,
    Generated,
    Listed,
    Output,
    Query,
    Reference,
    Relation,
    Select,
    SetOperation,
    Target,
)
from orchestration.lineage.syntax import shorten
from orchestration.lineage.tags import choose, find_choice, find_tags, rename_tags
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
    """Of one model's bound statement. `known` are the units of the columns of what it reads, `things` what a row of
    each table is one of. What blends is gathered in `blended`."""

    def __init__(self, table: str, bound: Bound, known: Mapping[tuple[str, str], Unit], things: Mapping[str, str]):
        self._table = table
        self._bound = bound
        self._known = known
        self._things = things
        self.blended: list[Blended] = []
        self._queries: dict[int, tuple[Unit, ...]] = {}
        self._outputs: dict[int, Unit] = {}
        self._selects: list[Select] = []

    def blame(self, expression: str, problem: str) -> Blend:
        found = Blended(self._table, expression, problem)
        if found not in self.blended:
            self.blended.append(found)
        return Blend()

    def look_at_the_rest(self) -> None:
        """What decides is not in any column: a filter, an order or a group by a blend of units is one, too."""
        for query in [*self._bound.queries.values(), self._bound.query]:
            self.of_query(query)
        for select in self._selects:
            conditions = [condition for source in select.sources for condition in source.conditions]
            keys = [*select.group, *select.order, *select.distinct_on]
            for part in [*conditions, *select.where, *keys, *select.having, *select.qualify, *select.limit]:
                self.of(part, select)

    # Queries

    def of_query(self, query: Query) -> tuple[Unit, ...]:
        if id(query) not in self._queries:
            if isinstance(query, Select):
                self._selects.append(query)
                self._queries[id(query)] = tuple(self._of_output(output, query) for output in query.outputs)
            else:
                self._queries[id(query)] = self._of_set_operation(query)
        return self._queries[id(query)]

    def _of_set_operation(self, query: SetOperation) -> tuple[Unit, ...]:
        branches = find_branches(query)
        told = find_tags(branches, query.columns)
        return tuple(
            self._of_branches([self.of_query(branch)[at] for branch, at in column if at is not None], name, told)
            for name, column in zip(query.columns, trace_columns(query), strict=True)
        )

    def _of_branches(self, of_each: Sequence[Unit], name: str, told: frozenset[str]) -> Unit:
        """Where the branches have different units, a column that says which branch a row is of tells them apart."""
        try:
            return units.unify(of_each)
        except Blending as blending:
            return ByRow(told) if told else self.blame(f"{name} of a union", str(blending))

    def _of_relation(self, relation: Relation) -> tuple[Unit, ...]:
        if isinstance(relation, Derived):
            # A recursive query is what it starts as.
            return self.of_query(find_branches(relation.query)[0] if relation.recursive else relation.query)
        if isinstance(relation, Listed):
            return tuple(self._unify(column, Select()) for column in zip(*relation.rows, strict=True))
        assert isinstance(relation, Generated)
        return tuple(self._unify(relation.arguments, Select()) for _ in relation.columns)

    def name_thing(self, query: Query) -> str:
        """What a row of the result is one of, as far as names tell: `orders`, `orders × clicks`, `partner_id`."""
        if isinstance(query, SetOperation):
            return " or ".join(sorted({self.name_thing(branch) for branch in find_branches(query)}))
        if query.is_grouped or query.distinct:
            names = [self._name_key(key, query) for key in query.group or query.outputs]
            return ", ".join(sorted(name for name in names if name)) or "all"
        things = [
            self._name_thing_of(source.relation)
            for nth, source in enumerate(query.sources)
            if not source.hidden and (nth == 0 or not source.keeps_grain)
        ]
        return " × ".join(things) or "one"

    def _name_thing_of(self, relation: Relation) -> str:
        if isinstance(relation, Base):
            return self._things[relation.table]
        if isinstance(relation, Derived):
            return self.name_thing(find_branches(relation.query)[0] if relation.recursive else relation.query)
        return "values"

    @staticmethod
    def _name_key(key: exp.Expression | Target, select: Select) -> str:
        """The column that a key is, or under which the SELECT gives the same expression; "" if there is none."""
        if isinstance(key, Output):
            return key.name
        if isinstance(key, exp.Column):
            return key.name.lower()
        same = [output.name for output in select.outputs if output.expression == key]
        return same[0] if same else ""

    # Columns

    def _of_output(self, output: Output, select: Select) -> Unit:
        if id(output) not in self._outputs:
            self._outputs[id(output)] = rename_tags(self.of(output.expression, select), select)
        return self._outputs[id(output)]

    def _of_reference(self, reference: Reference) -> Unit:
        relation, column = reference.relation, reference.column
        if column is None:
            return Label()
        if isinstance(relation, Base):
            return self._known.get((relation.table, column), Unknown(f"{column} is not declared"))
        return self._of_relation(relation)[relation.columns.index(column)]

    def of(self, part: exp.Expression | Target, select: Select) -> Unit:
        """The unit of an expression that stands in `select`; blames what blends."""
        if isinstance(part, Reference):
            return self._of_reference(part)
        if isinstance(part, Output):
            return self._of_output(part, select)
        try:
            return self._of_expression(part, select)
        except Blending as blending:
            return self.blame(shorten(part), str(blending))

    def _unify(self, parts: Iterable[exp.Expression], select: Select) -> Unit:
        return units.unify([self.of(part, select) for part in parts])

    def _of_expression(self, part: exp.Expression, select: Select) -> Unit:
        of = self.of
        if id(part) in self._bound.queries:
            found = self.of_query(self._bound.queries[id(part)])
            return found[0] if len(found) == 1 else Unknown("a row")
        match part:
            case exp.Literal() | exp.Null():
                return MARK if isinstance(part, exp.Null) or part.name in ZERO_OR_ONE else CONSTANT
            case exp.Column():
                targets = self._bound.targets.get(id(part), ())
                return units.unify([of(target, select) for target in targets]) if targets else Unknown("a row")
            case exp.Add():
                return units.shift(of(part.left, select), of(part.right, select))
            case exp.Sub():
                return units.subtract(of(part.left, select), of(part.right, select))
            case exp.Mul() if isinstance(part.left, exp.Interval) or isinstance(part.right, exp.Interval):
                return units.TIME
            case exp.Mul():
                return units.multiply(of(part.left, select), of(part.right, select))
            case exp.Div() | exp.IntDiv():
                return units.divide(of(part.left, select), of(part.right, select))
            case exp.Pow() | exp.Sqrt():
                return self._of_power(part, select)
            case exp.Case() | exp.If():
                return self._of_case(part, select)
            case exp.Cast() | exp.TryCast():
                return cast(of(part.this, select), part.to)
            case exp.Window():
                return self._of_window(part, select)
            case exp.Is():
                # Whether something is known says nothing of how much it is.
                return Label() if isinstance(part.expression, exp.Null) else self._compare(part, select)
            case exp.Predicate() | exp.Connector() | exp.Not():
                return self._compare(part, select)
        return self._of_function(part, select)

    def _compare(self, part: exp.Expression, select: Select) -> Unit:
        return units.compare(self.of(child, select) for child in part.iter_expressions())

    def _of_function(self, part: exp.Expression, select: Select) -> Unit:
        if isinstance(part, functions.COUNTS):
            return self._of_count(part, select)
        if isinstance(part, functions.SUMMARISES + functions.SQUARES):
            return self._summarise(part, [], select)
        arguments = [self.of(child, select) for child in part.iter_expressions() if not isinstance(child, exp.Lambda)]
        if isinstance(part, functions.KEEPS + functions.PICKS):
            return self.of(part.this, select)
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

    def _of_power(self, part: exp.Expression, select: Select) -> Unit:
        base = self.of(part.this, select)
        exponent = part.args.get("expression")
        if exponent is None:
            return units.raise_to(base, Fraction(1, 2))
        if isinstance(exponent, exp.Literal):
            return units.raise_to(base, Fraction(exponent.name))
        return units.bend(units.multiply(units.bend(base), units.bend(self.of(exponent, select))))

    def _of_case(self, part: exp.Case | exp.If, select: Select) -> Unit:
        branches = part.args.get("ifs") or [part]
        values = [branch.args["true"] for branch in branches]
        values += [value for value in (part.args.get("default"), part.args.get("false")) if value is not None]
        conditions = [branch.this for branch in branches]
        if isinstance(part, exp.Case) and part.this is not None:
            conditions.append(part.this)
        decided = units.compare(self.of(condition, select) for condition in conditions)
        if decided == Blend():
            return Blend()
        if all(isinstance(value, exp.Literal | exp.Null | exp.Neg) for value in values):
            return grade(values, decided.of)
        of_each = [self.of(value, select) for value in values]
        try:
            return choose(units.unify(of_each), conditions)
        except Blending:
            named = find_choice(part)
            if named is None:
                raise
            return ByRow(frozenset({named}))

    # Rows

    def _of_count(self, part: exp.Expression, select: Select) -> Unit:
        counted = part.this
        if isinstance(counted, exp.Distinct):
            [first, *_] = counted.expressions
            return units.count_of(self._name_key(first, select) or shorten(first))
        if counted is not None and not isinstance(counted, exp.Star):
            self.of(counted, select)
        return self._count_rows(select)

    def _count_rows(self, select: Select) -> Quantity:
        return units.count_of(self.name_thing(Select(sources=select.sources)))

    def _summarise(self, part: exp.Expression, keys: Sequence[exp.Expression], select: Select) -> Unit:
        """Of one figure of several rows; `keys` are what a window is partitioned by."""
        inner = part.this.expressions[0] if isinstance(part.this, exp.Distinct) else part.this
        unit = self.of(inner, select)
        if isinstance(unit, ByRow):
            names = {self._name_key(key, select) for key in keys or select.group}
            if not (names & unit.tags or unit.is_chosen):
                raise Blending(f"rows of different units, which only {unit} tells apart")
            return ByRow(frozenset(names - {""}))
        if isinstance(part, functions.SQUARES):
            return units.multiply(unit, unit)
        unit = units.as_number(unit) if isinstance(part, exp.Sum | exp.Avg) else unit
        if isinstance(unit, Figure) and (unit.is_mark or unit.is_constant):
            # Ones added up are a count, their mean is the share of rows that have one.
            count = self._count_rows(select)
            return count if isinstance(part, exp.Sum) else units.divide(count, count)
        return unit

    def _of_window(self, window: exp.Window, select: Select) -> Unit:
        chain = [window]
        while id(chain[-1]) in self._bound.windows:
            chain.append(self._bound.windows[id(chain[-1])])
        keys = [key for one in chain for key in one.args.get("partition_by") or ()]
        order = [key.this for one in chain if one.args.get("order") for key in one.args["order"].expressions]
        by = [self.of(key, select) for key in [*keys, *order]][len(keys) :]
        function = window.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        if isinstance(function, functions.RANKS):
            return Blend() if Blend() in by else Figure(frozenset().union(*map(units.find_bases, by)))
        if isinstance(function, functions.SUMMARISES + functions.SQUARES):
            return self._summarise(function, keys or [exp.Null()], select)
        return self.of(window.this, select)


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
