"""The unit of every expression of one model, and each place in it where one figure is made of several units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from orchestration.lineage import units
from orchestration.lineage.functions import find_rule
from orchestration.lineage.parsing import shorten
from orchestration.lineage.scopes import Source, Statement, find_branches, find_keys
from orchestration.lineage.tags import choose, find_choice, find_tags, name_column, rename_tags
from orchestration.lineage.units import BLEND, MOMENT, Blending, ByRow, Figure, Label, Quantity, Unit, Unknown

ZERO_OR_ONE = ("0", "1", "0.0", "1.0")
CLAUSES = ("where", "group", "having", "qualify", "distinct", "order", "limit")


@dataclass(frozen=True)
class Blended:
    """A place where units are blended: the model, the expression and the units."""

    table: str
    expression: str
    problem: str


class Analysis:
    """Of one model's statement. `known` are the units of the columns of what it reads, `things` what a row of each
    table is one of. What blends is collected in `blended`."""

    def __init__(
        self, table: str, statement: Statement, known: Mapping[tuple[str, str], Unit], things: Mapping[str, str]
    ):
        self._table = table
        self._statement = statement
        self._known = known
        self._things = things
        self.blended: list[Blended] = []
        self._queries: dict[int, tuple[Unit, ...]] = {}
        self._units: dict[int, Unit] = {}

    def report(self, expression: str, problem: str) -> Unit:
        found = Blended(self._table, expression, problem)
        if found not in self.blended:
            self.blended.append(found)
        return BLEND

    def examine_clauses(self) -> None:
        """A filter, a join, a group or an order by a blend of units is one too, although it is in no column."""
        for scope in self._statement.root.traverse():
            if isinstance(scope.expression, exp.Select):
                self.of_scope(scope)
                args = scope.expression.args
                conditions = [join.args["on"] for join in args.get("joins") or () if join.args.get("on")]
                parts = [part for name in CLAUSES if args.get(name) for part in args[name].iter_expressions()]
                for part in (*conditions, *parts):
                    self.of(part, scope)

    # Queries

    def of_scope(self, scope: Scope) -> tuple[Unit, ...]:
        """The units of its columns; a recursive query is, where it reads itself, what it starts as."""
        scope = self._statement.find_scope(scope.expression)
        if id(scope) not in self._queries:
            self._queries[id(scope)] = tuple(self._of_query(scope))
        return self._queries[id(scope)]

    def _of_query(self, scope: Scope) -> Iterable[Unit]:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return self._of_set_operation(scope)
        if isinstance(query, exp.Values):
            columns = zip(*(row.expressions for row in query.expressions), strict=True)
            return [self._unify(column, scope) for column in columns]
        return [rename_tags(self.of(output.unalias(), scope), query) for output in query.expressions]

    def _of_set_operation(self, scope: Scope) -> Iterable[Unit]:
        names = self._statement.name_columns(scope)
        tags = find_tags(find_branches(scope), names)
        sides = [self.of_scope(side) for side in scope.set_operation_scopes]
        for name, pair in zip(names, self._statement.pair_columns(scope), strict=True):
            try:
                yield units.unify(side[at] for side, at in zip(sides, pair, strict=True) if at is not None)
            except Blending as blending:
                # Where a column names the branch that a row is of, each row has its own unit.
                yield ByRow(tags) if tags else self.report(f"{name} of a union", str(blending))

    def name_thing(self, scope: Scope) -> str:
        """What a row of the result is one of, as far as names show: `orders`, `orders × clicks`, `partner_id`."""
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return " or ".join(sorted({self.name_thing(branch) for branch in find_branches(scope)}))
        if not isinstance(query, exp.Select):
            return "values"
        if query.args.get("group") or query.args.get("distinct"):
            names = {name_key(key, query) for key in find_keys(query) or query.expressions}
            return ", ".join(sorted(names - {""})) or "all"
        return self._name_met(scope)

    def _name_met(self, scope: Scope) -> str:
        """What meets in FROM."""
        first, *others = [source for source in self._statement.find_sources(scope) if not source.is_filter] or [None]
        sources = [first, *(source for source in others if not source.keeps_grain)]
        return " × ".join(self._name_thing_of(source) for source in sources if source) or "one"

    def _name_thing_of(self, source: Source) -> str:
        if source.table or source.generator:
            return self._things[source.table] if source.table else "values"
        return self.name_thing(self._statement.find_scope(source.relation.expression))

    # Columns

    def _of_column(self, column: exp.Column, scope: Scope) -> Unit:
        if not column.table:
            # ORDER BY an output.
            same = [output for output in scope.expression.selects if output.alias_or_name == column.name]
            return self.of(same[0].unalias(), scope) if same else Unknown("a row")
        source, outer = self._statement.find_source(column.table, scope)
        if source.generator:
            parts = source.generator.iter_expressions()
            return self._unify((part for part in parts if not isinstance(part, exp.TableAlias)), outer)
        position = source.find(column.name)[0]
        if source.table:
            name = self._statement.name_columns(source.relation)[position]
            return self._known.get((source.table, name), Unknown(f"{name} is not declared"))
        return self.of_scope(source.relation)[position]

    # Expressions

    def of(self, part: exp.Expression, scope: Scope) -> Unit:
        """The unit of an expression in `scope`; what blends is reported in `blended`."""
        if id(part) not in self._units:
            try:
                self._units[id(part)] = self._of_expression(part, scope)
            except Blending as blending:
                self._units[id(part)] = self.report(shorten(part, self._statement.dialect), str(blending))
        return self._units[id(part)]

    def _unify(self, parts: Iterable[exp.Expression], scope: Scope) -> Unit:
        return units.unify(self.of(part, scope) for part in parts)

    def _of_expression(self, part: exp.Expression, scope: Scope) -> Unit:
        match part:
            case exp.Query():
                found = self.of_scope(self._statement.find_scope(part))
                return found[0] if len(found) == 1 else Unknown("a row")
            case exp.Literal() | exp.Null():
                return units.MARK if isinstance(part, exp.Null) or part.name in ZERO_OR_ONE else units.CONSTANT
            case exp.Pseudocolumn():
                return Label()
            case exp.Column():
                return self._of_column(part, scope)
            case exp.Mul() if isinstance(part.left, exp.Interval) or isinstance(part.right, exp.Interval):
                return units.TIME
            case exp.Add() | exp.Sub() | exp.Mul() | exp.Div() | exp.IntDiv():
                return OPERATIONS[type(part)](self.of(part.left, scope), self.of(part.right, scope))
            case exp.Pow() | exp.Sqrt():
                return self._of_power(part, scope)
            case exp.Case() | exp.If():
                return self._of_case(part, scope)
            case exp.Cast() | exp.TryCast():
                return units.cast(self.of(part.this, scope), part.to)
            case exp.Window():
                return self._of_window(part, scope)
            case exp.Is() if isinstance(part.expression, exp.Null):
                # Whether a value is there is no amount.
                return Label()
            case exp.Predicate() | exp.Connector() | exp.Not():
                return units.compare(self.of(child, scope) for child in part.iter_expressions())
        return self._of_function(part, scope)

    def _of_function(self, part: exp.Expression, scope: Scope) -> Unit:
        rule = find_rule(part)
        if rule in ("summarise", "square"):
            return self._summarise(part, [], scope)
        if rule == "count":
            return self._count(part.this, scope)
        arguments = [self.of(child, scope) for child in part.iter_expressions() if not isinstance(child, exp.Lambda)]
        match rule:
            case "keep":
                return self.of(part.this, scope)
            case "unify":
                return units.unify(arguments)
            case "bend":
                return units.bend(arguments[0])
            case "size":
                return Figure()
            case "time":
                return units.TIME
            case "moment":
                return MOMENT
            case "label":
                return Label(frozenset().union(*map(units.find_bases, arguments)))
        return Unknown(f"what {part.name.lower() if isinstance(part, exp.Anonymous) else part.key} gives")

    def _of_power(self, part: exp.Expression, scope: Scope) -> Unit:
        base, exponent = self.of(part.this, scope), part.args.get("expression")
        if exponent is None or isinstance(exponent, exp.Literal):
            return units.raise_to(base, Fraction(exponent.name) if exponent else Fraction(1, 2))
        return units.bend(units.multiply(units.bend(base), units.bend(self.of(exponent, scope))))

    def _of_case(self, part: exp.Case | exp.If, scope: Scope) -> Unit:
        branches = part.args.get("ifs") or [part]
        others = [part.args[name] for name in ("default", "false") if part.args.get(name)]
        values = [*(branch.args["true"] for branch in branches), *others]
        conditions = [branch.this for branch in branches]
        if isinstance(part, exp.Case) and part.this is not None:
            conditions.append(part.this)
        decided = units.compare(self.of(condition, scope) for condition in conditions)
        if decided == BLEND:
            return BLEND
        if all(isinstance(value, exp.Literal | exp.Null | exp.Neg) for value in values):
            return grade(values, decided.of)
        try:
            return choose(self._unify(values, scope), conditions)
        except Blending:
            named = find_choice(part)
            if named is None:
                raise
            return ByRow(frozenset({named}))

    # Rows

    def _count(self, counted: exp.Expression | None, scope: Scope) -> Quantity:
        distinct = counted.expressions if isinstance(counted, exp.Distinct) else []
        for part in distinct or ([] if counted is None else [counted]):
            self.of(part, scope)
        if distinct:
            return units.count_of(
                name_key(distinct[0], scope.expression) or shorten(distinct[0], self._statement.dialect)
            )
        return units.count_of(self._name_met(scope))

    def _summarise(self, part: exp.Expression, keys: Sequence[exp.Expression], scope: Scope) -> Unit:
        """Of one figure of several rows; `keys` are what a window is partitioned by."""
        unit = self.of(part.this.expressions[0] if isinstance(part.this, exp.Distinct) else part.this, scope)
        if isinstance(unit, ByRow):
            names = {name_key(key, scope.expression) for key in keys or find_keys(scope.expression)}
            if not (names & unit.tags or unit.is_chosen):
                raise Blending(f"rows of different units, which only a column tells: {unit}")
            return ByRow(frozenset(names - {""}))
        if find_rule(part) == "square":
            return units.multiply(unit, unit)
        unit = units.as_number(unit) if isinstance(part, exp.Sum | exp.Avg) else unit
        if isinstance(unit, Figure) and (unit.is_mark or unit.is_constant):
            # Ones added up are a count, their mean is the share of rows that have one.
            count = self._count(None, scope)
            return count if isinstance(part, exp.Sum) else units.divide(count, count)
        return unit

    def _of_window(self, window: exp.Window, scope: Scope) -> Unit:
        keys, order = window.args.get("partition_by") or [], window.args.get("order")
        for key in keys:
            self.of(key, scope)
        by = [self.of(key.this, scope) for key in order.expressions] if order else []
        function = window.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        match find_rule(function):
            case "rank":
                return BLEND if BLEND in by else Figure(frozenset().union(*map(units.find_bases, by)))
            case "summarise" | "square":
                return self._summarise(function, keys or [exp.Null()], scope)
        return self.of(window.this, scope)


OPERATIONS = {
    **{exp.Add: units.add, exp.Sub: units.subtract, exp.Mul: units.multiply},
    **dict.fromkeys((exp.Div, exp.IntDiv), units.divide),
}


def name_key(key: exp.Expression, select: exp.Select) -> str:
    """The column that a key is, or under which the SELECT gives the same expression; "" if there is none."""
    if isinstance(key, exp.Alias):
        return key.alias
    same = [output.alias for output in select.expressions if output.unalias() == key]
    return name_column(key) or (same[0] if same else "")


def grade(values: Sequence[exp.Expression], of: frozenset[str]) -> Unit:
    """Of a CASE that gives constants: texts, marks (0 or 1) or grades. Raises Blending for a grade of several units."""
    if any(isinstance(value, exp.Literal) and value.is_string for value in values):
        return Label(of)
    if len(of) > 1:
        raise Blending(f"a number that is given for {units.name_all(of)} together")
    return Figure(of, is_mark=all(isinstance(value, exp.Null) or value.sql() in ZERO_OR_ONE for value in values))
