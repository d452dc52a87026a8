"""A statement whose names are bound: sqlglot's scopes, with what each SELECT has in FROM and which columns that has."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from orchestration.lineage.parsing import GENERATORS, shorten
from orchestration.lineage.project import NotProvable

Relation = exp.Table | Scope
"""A table of the project (its name is the table's id) or a function that makes rows; or a query."""


@dataclass(frozen=True, eq=False)
class Source:
    """Something in FROM, with the JOIN that brings it (None for what comes first)."""

    alias: str
    node: exp.Expression
    relation: Relation
    join: exp.Join | None
    columns: tuple[str, ...]

    @cached_property
    def table(self) -> str | None:
        """The id of the table, None if it is something else."""
        is_table = isinstance(self.relation, exp.Table) and isinstance(self.relation.this, exp.Identifier)
        return self.relation.name if is_table else None

    @cached_property
    def generator(self) -> exp.Expression | None:
        """The function that makes its rows."""
        node = self.relation if isinstance(self.relation, exp.Table) else self.relation.expression
        inner = node.this if isinstance(node, exp.Table | exp.Lateral) else node
        return inner if isinstance(inner, GENERATORS) else None

    @property
    def is_filter(self) -> bool:
        """SEMI and ANTI: none of its columns can be named outside of the condition."""
        return self.join is not None and self.join.is_semi_or_anti_join

    @property
    def keeps_grain(self) -> bool:
        """One row of it is meant to meet each row before it (LEFT JOIN, CROSS JOIN with what holds for all)."""
        if self.join is None or self.join.side == "LEFT" or self.join.kind == "CROSS":
            return True
        return not (self.join.args.get("on") or self.join.method)

    def find(self, column: str) -> list[int]:
        """Its positions. Raises NotProvable if there is none."""
        positions = [position for position, name in enumerate(self.columns) if name == column]
        if not positions:
            raise NotProvable(f"names {self.alias}.{column}, which no table in FROM has")
        return positions


class Statement:
    """A bound query. `columns` are those of the tables that are read, by id."""

    def __init__(self, tree: exp.Expression, dialect: str, columns: Mapping[str, Sequence[str]]):
        self.dialect = dialect
        self.root = build_scope(tree)
        self._columns = columns
        self._scopes = {id(scope.expression): scope for scope in self.root.traverse()}
        self._sources: dict[int, list[Source]] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        return self.name_columns(self.root)

    def find_scope(self, query: exp.Expression) -> Scope:
        """The scope of a query in an expression. Raises NotProvable where sqlglot opens none."""
        scope = self._scopes.get(id(query.unnest()))
        if scope is None:
            raise NotProvable(f"is not understood: {shorten(query, self.dialect)}")
        return scope

    def find_whole(self, scope: Scope) -> Scope:
        """`scope`, or all of a recursive query: where that reads itself, sqlglot has a copy of its first scope."""
        if self._scopes.get(id(scope.expression)) is scope:
            return scope
        return self.find_scope(scope.expression.find_ancestor(exp.SetOperation))

    def find_sources(self, scope: Scope) -> list[Source]:
        """What a SELECT has in FROM, from left to right."""
        if id(scope) not in self._sources:
            args = scope.expression.args
            nodes = [(node.this, None) for node in (args.get("from_"),) if node]
            nodes += [(join.this, join) for join in args.get("joins") or ()]
            nodes += [(lateral, None) for lateral in args.get("laterals") or ()]
            self._sources[id(scope)] = [self._describe(node, join, scope) for node, join in nodes]
        return self._sources[id(scope)]

    def _describe(self, node: exp.Expression, join: exp.Join | None, scope: Scope) -> Source:
        relation = scope.sources[node.alias_or_name]
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
            relation = self.find_scope(node.this)
        own, aliases = self.name_columns(relation), node.alias_column_names
        # `t(a, b)` renames the first columns of t.
        return Source(node.alias_or_name, node, relation, join, (*aliases, *own[len(aliases) :]))

    def find_source(self, alias: str, scope: Scope) -> tuple[Source, Scope]:
        """What has this name in FROM, with the scope that has it: this one or one further out."""
        for outer in find_outwards(scope):
            for source in self.find_sources(outer):
                if source.alias == alias:
                    return source, outer
        raise NotProvable(f"names {alias}, which is not in FROM")

    def find_named(self, name: str, scope: Scope, above: Collection[int]) -> list[tuple[Source, Scope]]:
        """Everything in FROM, here or further out, that has a column of this name. `above` are the ids of the nodes
        above the name: it cannot mean what it is a part of."""
        return [
            (source, outer)
            for outer in find_outwards(scope)
            for source in self.find_sources(outer)
            if name in source.columns and id(source.node) not in above
        ]

    def name_columns(self, relation: Relation) -> tuple[str, ...]:
        if isinstance(relation, exp.Table):
            return tuple(self._columns.get(relation.name, ()))
        scope = self.find_scope(relation.expression)
        if isinstance(scope.expression, exp.SetOperation):
            left, right = map(self.name_columns, scope.set_operation_scopes)
            return tuple(dict.fromkeys((*left, *right))) if scope.expression.args.get("by_name") else left
        return tuple(scope.expression.named_selects)

    def pair_columns(self, scope: Scope) -> list[tuple[int | None, int | None]]:
        """The positions in left and right that make each column of a set operation; None where one side has none."""
        left, right = map(self.name_columns, scope.set_operation_scopes)
        if scope.expression.args.get("by_name"):
            return [
                tuple(side.index(name) if name in side else None for side in (left, right))
                for name in self.name_columns(scope)
            ]
        if len(left) != len(right):
            raise NotProvable(f"joins {len(left)} and {len(right)} columns in one {scope.expression.key}")
        return [(position, position) for position in range(len(left))]


def find_outwards(scope: Scope | None) -> Iterator[Scope]:
    """The scopes whose FROM can be named: only a subquery or LATERAL sees that of the query around it."""
    while scope is not None:
        yield scope
        while scope is not None and not (scope.is_subquery or scope.is_udtf):
            scope = scope.parent
        scope = scope.parent if scope is not None else None


def find_branches(scope: Scope) -> list[Scope]:
    """The SELECTs of a set operation, from left to right; of any other query, the query itself."""
    if not isinstance(scope.expression, exp.SetOperation):
        return [scope]
    return [branch for side in scope.set_operation_scopes for branch in find_branches(side)]


def find_keys(select: exp.Select) -> list[exp.Expression]:
    """What a SELECT is grouped by: expressions, also where it names outputs by number or all of them."""
    group, outputs = select.args.get("group"), [output.unalias() for output in select.expressions]
    keys = [output for output in outputs if group and group.args.get("all") and output.find(exp.AggFunc) is None]
    for part in group.iter_expressions() if group else ():
        is_set = isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets)
        for key in part.expressions if is_set else [part]:
            # sqlglot leaves the number where the output is a constant or makes rows.
            keys.append(outputs[int(key.name) - 1] if isinstance(key, exp.Literal) and key.is_int else key)
    return keys
