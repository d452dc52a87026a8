"""From SQL to a query whose names are bound. What is not understood is refused: nothing is passed over in silence."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from orchestration.lineage.project import NotProvable
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
    Source,
    Target,
    name_columns,
)
from orchestration.lineage.scopes import Scope
from orchestration.lineage.syntax import (
    NAMING,
    NOT_UNDERSTOOD,
    find_first_branch,
    find_local_names,
    has_ends,
    is_cross,
    name_output,
    read_alias,
    refuse_unknown_parts,
    shorten,
)

FindTable = Callable[[str, str], Base]
"""From schema and name to the table; raises NotProvable if the project has none."""

GENERATORS = (exp.Unnest, exp.GenerateSeries, exp.Explode)


def bind(sql: str, find_table: FindTable) -> Bound:
    """The one statement of `sql`. Raises NotProvable, with what could not be read, resolved or understood."""
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement]
    except SqlglotError as error:
        raise NotProvable(f"cannot be parsed: {str(error).splitlines()[0]}") from error
    if len(statements) != 1:
        raise NotProvable(f"holds {len(statements)} statements, not one")
    [tree] = statements
    binder = Binder(find_table)
    query = binder.bind_query(tree, Scope({}))
    return Bound(tree, query, binder.targets, binder.queries, binder.windows)


class Binder:
    """Walks one statement and notes what its names refer to."""

    def __init__(self, find_table: FindTable):
        self._find_table = find_table
        self.targets: dict[int, tuple[Target, ...]] = {}
        self.queries: dict[int, Query] = {}
        self.windows: dict[int, exp.Expression] = {}

    # Queries

    def bind_query(self, node: exp.Expression, scope: Scope) -> Query:
        """`scope` is what the query may see around it."""
        refuse_unknown_parts(node)
        ctes = self._bind_ctes(node.args.get("with_"), scope)
        inner = Scope(ctes, scope)
        if isinstance(node, exp.Subquery):
            query = self.bind_query(node.this, inner)
            return self._bind_ends(node, query, inner) if has_ends(node) else query
        if isinstance(node, exp.SetOperation):
            return self._bind_set_operation(node, inner)
        if isinstance(node, exp.Values):
            return select_all(self._bind_values(node, inner))
        if isinstance(node, exp.Select):
            return self._bind_select(node, inner)
        raise NotProvable(f"is not understood: {shorten(node)}")

    def _bind_ctes(self, node: exp.With | None, scope: Scope) -> Mapping[str, Relation]:
        ctes = dict(scope.ctes)
        if node is None:
            return ctes
        refuse_unknown_parts(node)
        for cte in node.expressions:
            refuse_unknown_parts(cte)
            name, aliases = read_alias(cte)
            inner = Scope(ctes, scope)
            reads_itself = any(table.name.lower() == name and not table.db for table in cte.this.find_all(exp.Table))
            if node.recursive and reads_itself and isinstance(cte.this, exp.SetOperation):
                start = self.bind_query(find_first_branch(cte.this), inner)
                relation = Derived(name_columns(start.columns, aliases), None, recursive=True)
                relation.query = self.bind_query(cte.this, Scope({**ctes, name: relation}, scope))
            else:
                query = self.bind_query(cte.this, inner)
                relation = Derived(name_columns(query.columns, aliases), query)
            ctes[name] = relation
        return ctes

    def _bind_set_operation(self, node: exp.SetOperation, scope: Scope) -> Query:
        left, right = self.bind_query(node.left, scope), self.bind_query(node.right, scope)
        if node.args.get("by_name"):
            columns = tuple(dict.fromkeys([*left.columns, *right.columns]))
            pairs = tuple((find_position(left, name), find_position(right, name)) for name in columns)
        elif len(left.columns) == len(right.columns):
            columns = left.columns
            pairs = tuple((position, position) for position in range(len(columns)))
        else:
            raise NotProvable(f"joins {len(left.columns)} and {len(right.columns)} columns in one {node.key}")
        query = SetOperation(left, right, node.key, bool(node.args.get("distinct")), columns, pairs)
        return self._bind_ends(node, query, scope) if has_ends(node) else query

    def _bind_ends(self, node: exp.Expression, query: Query, scope: Scope) -> Select:
        """ORDER BY and LIMIT of a set operation or of a query in brackets speak of its columns."""
        outer = select_all(Derived(query.columns, query))
        self._bind_order(node, outer, Scope(scope.ctes, scope, outer))
        return outer

    def _bind_select(self, node: exp.Select, scope: Scope) -> Select:
        select = Select()
        inner = Scope(scope.ctes, scope, select)
        if node.args.get("from_"):
            self._bind_source(node.args["from_"].this, inner, None)
        for join in node.args.get("joins") or ():
            self._bind_join(join, inner)
        for projection in node.expressions:
            self._bind_projection(projection, inner)
        self._bind_windows(node, inner)
        for part, into in (("where", select.where), ("having", select.having), ("qualify", select.qualify)):
            if node.args.get(part):
                into.append(self._bind_expression(node.args[part].this, inner, select.outputs))
        self._bind_group(node.args.get("group"), inner)
        self._bind_distinct(node.args.get("distinct"), inner)
        self._bind_order(node, select, inner)
        return select

    # FROM

    def _bind_join(self, node: exp.Join, scope: Scope) -> None:
        refuse_unknown_parts(node)
        self._bind_source(node.this, scope, node)

    def _bind_source(self, node: exp.Expression, scope: Scope, join: exp.Join | None) -> None:
        relation, alias = self._bind_relation(node, scope)
        source = Source(alias, relation, keeps_grain=join is None or join.side == "LEFT" or is_cross(join))
        before = [*scope.visible]
        scope.select.sources.append(source)
        if join is not None:
            source.conditions = tuple(self._bind_conditions(join, before, source, scope))
            source.hidden = join.kind in ("SEMI", "ANTI")
        for further in node.args.get("joins") or ():
            self._bind_join(further, scope)

    def _bind_conditions(
        self, join: exp.Join, before: Sequence[Source], source: Source, scope: Scope
    ) -> Iterator[exp.Expression | Reference]:
        if join.args.get("on"):
            yield self._bind_expression(join.args["on"], scope)
        shared = [name.name.lower() for name in join.args.get("using") or ()]
        if join.method == "NATURAL":
            if any(one.relation.columns is None for one in [*before, source]):
                raise NotProvable("has a NATURAL JOIN with a table whose columns are not declared")
            shared = [name for name in source.relation.columns if any(name in one.relation.columns for one in before)]
        for name in shared:
            for one in [*before, source]:
                if one.relation.columns is None or name in one.relation.columns:
                    yield Reference(one.relation, name)

    def _bind_relation(self, node: exp.Expression, scope: Scope) -> tuple[Relation, str]:
        refuse_unknown_parts(node)
        name, aliases = read_alias(node)
        if isinstance(node, exp.Lateral):
            inner, _ = self._bind_relation(node.this, scope)
            return rename(inner, aliases), name
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            relation = self._find_relation(node, scope)
            return rename(relation, aliases), name or node.name.lower()
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            raise NotProvable(f"has a join in brackets: {shorten(node)}")
        if isinstance(node, exp.Values):
            return rename(self._bind_values(node, scope), aliases), name
        if isinstance(node, exp.Query):
            query = self.bind_query(node, scope)
            return Derived(name_columns(query.columns, aliases), query), name
        function = node.this if isinstance(node, exp.Table) else node
        if isinstance(function, GENERATORS):
            made_of = [part for part in function.iter_expressions() if not isinstance(part, exp.TableAlias)]
            arguments = tuple(self._bind_expression(part, scope) for part in made_of)
            default = "unnest" if isinstance(function, exp.Unnest) else "generate_series"
            columns = name_columns([name or default], aliases)
            offset = ["ordinality"] if function.args.get("offset") else []
            return Generated((*columns, *offset), arguments), name
        raise NotProvable(f"reads from what is no table of the project: {shorten(node)}")

    def _find_relation(self, node: exp.Table, scope: Scope) -> Relation:
        name = node.name.lower()
        if not node.db and name in scope.ctes:
            return scope.ctes[name]
        return self._find_table(node.db.lower(), name)

    def _bind_values(self, node: exp.Values, scope: Scope) -> Listed:
        rows = tuple(
            tuple(self._bind_expression(value, scope) for value in row.expressions) for row in node.expressions
        )
        return Listed(tuple(f"col{position}" for position in range(len(rows[0]))), rows)

    # The parts of a SELECT

    def _bind_projection(self, node: exp.Expression, scope: Scope) -> None:
        star = node.this if isinstance(node, exp.Column) and isinstance(node.this, exp.Star) else node
        if isinstance(star, exp.Star):
            table = node.table.lower() if isinstance(node, exp.Column) else ""
            scope.select.outputs += self._expand_star(star, table, scope)
            return
        expression = node.this if isinstance(node, exp.Alias) else node
        self._bind_expression(expression, scope, scope.select.outputs)
        scope.select.outputs.append(Output(name_output(node), expression))

    def _expand_star(self, star: exp.Star, table: str, scope: Scope) -> list[Output]:
        sources = [source for source in scope.visible if table in ("", source.alias)]
        if not sources:
            raise NotProvable(f"has a star of {table or 'nothing'}, which is not in FROM")
        left_out = {name.name.lower() for name in star.args.get("except_") or ()}
        replaced = {alias.alias.lower(): alias.this for alias in star.args.get("replace") or ()}
        renamed = {alias.this.name.lower(): alias.alias.lower() for alias in star.args.get("rename") or ()}
        outputs = []
        for source in sources:
            if source.relation.columns is None:
                raise NotProvable(f"has a star of {source.alias}, whose columns are not declared in its .yml")
            for column in source.relation.columns:
                if column in replaced:
                    outputs.append(Output(column, self._bind_expression(replaced[column], scope)))
                elif column not in left_out:
                    outputs.append(Output(renamed.get(column, column), Reference(source.relation, column)))
        return outputs

    def _bind_windows(self, node: exp.Select, scope: Scope) -> None:
        """A window may stand on a named one: `over w`, `over (w order by …)`. Those of a subquery are bound before."""
        named = {window.name.lower(): window for window in node.args.get("windows") or ()}
        for window in named.values():
            self._bind_parts(window, scope)
        for window in node.find_all(exp.Window):
            base = window.args.get("alias")
            if base and id(window) not in self.windows:
                if base.name.lower() not in named:
                    raise NotProvable(f"names a window that is not there: {shorten(window)}")
                self.windows[id(window)] = named[base.name.lower()]

    def _bind_group(self, node: exp.Group | None, scope: Scope) -> None:
        select = scope.select
        if node is None:
            return
        select.is_grouped = True
        if node.args.get("all"):
            select.group += [output for output in select.outputs if not is_aggregate(output)]
        for part in node.iter_expressions():
            pieces = [part] if part.arg_key == "expressions" else []
            if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets):
                pieces = part.expressions
            select.group += [self._bind_key(piece, scope) for piece in pieces]

    def _bind_distinct(self, node: exp.Distinct | None, scope: Scope) -> None:
        if node is None:
            return
        on = node.args.get("on")
        scope.select.distinct = on is None
        if on is not None:
            keys = on.expressions if isinstance(on, exp.Tuple) else [on]
            scope.select.distinct_on = [self._bind_key(key, scope) for key in keys]

    def _bind_order(self, node: exp.Expression, select: Select, scope: Scope) -> None:
        order = node.args.get("order")
        for ordered in order.expressions if order else ():
            by = ordered.this
            if isinstance(by, exp.Var) and by.name.upper() == "ALL":
                select.order += select.outputs
            else:
                named = [output for output in select.outputs if isinstance(by, exp.Column) and is_named(by, output)]
                select.order += named or [self._bind_key(by, scope)]
        for part in ("limit", "offset"):
            if node.args.get(part):
                select.limit.append(self._bind_expression(node.args[part].expression, scope))

    def _bind_key(self, node: exp.Expression, scope: Scope) -> exp.Expression | Output:
        """A key of GROUP BY, ORDER BY or DISTINCT ON: an expression, or the number of an output."""
        outputs = scope.select.outputs
        if isinstance(node, exp.Literal) and not node.is_string:
            position = int(node.name)
            if not 1 <= position <= len(outputs):
                raise NotProvable(f"names output {position} of {len(outputs)}")
            return outputs[position - 1]
        return self._bind_expression(node, scope, outputs)

    # Expressions

    def _bind_expression(
        self, node: exp.Expression, scope: Scope, outputs: Sequence[Output] = (), local: frozenset[str] = frozenset()
    ) -> exp.Expression:
        """Note what every column, star and subquery in `node` refers to; `outputs` are those that can be named by their
        alias here, `local` the parameters of lambdas and comprehensions around it."""
        if isinstance(node, NOT_UNDERSTOOD):
            raise NotProvable(f"is not understood: {shorten(node)}")
        if isinstance(node, exp.Query):
            self.queries[id(node)] = self.bind_query(node, scope)
        elif isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            self.targets[id(node)] = self._find_targets(node, scope, outputs, local)
        elif isinstance(node, exp.Star | exp.Column):
            if not isinstance(node.parent, exp.Count):
                self.targets[id(node)] = tuple(
                    Reference(source.relation, column)
                    for source in scope.visible
                    for column in (*self._know_columns(source), None)
                )
        elif isinstance(node, exp.Identifier | exp.Var):
            self._bind_word(node, scope, outputs, local)
        else:
            local |= find_local_names(node)
            self._bind_parts(node, scope, outputs, local)
        return node

    def _bind_word(
        self, node: exp.Identifier | exp.Var, scope: Scope, outputs: Sequence[Output], local: frozenset[str]
    ) -> None:
        """A word that the parser took for no column may be one all the same: `coalesce(a -> b, c)` is read as a lambda,
        `date_trunc(a, b)` as a unit. Where there is a column of that name, it counts."""
        name = node.name.lower()
        if isinstance(node, exp.Var) or (isinstance(node.parent, exp.Lambda) and node.arg_key == "expressions"):
            self.targets[id(node)] = scope.find([name], outputs)
        elif not isinstance(node.parent, NAMING) and name not in local:
            raise NotProvable(f"is not understood: {name} in {shorten(node.parent)}")

    def _bind_parts(self, node: exp.Expression, *arguments) -> None:
        for part in node.iter_expressions():
            self._bind_expression(part, *arguments)

    def _find_targets(
        self, node: exp.Column, scope: Scope, outputs: Sequence[Output], local: frozenset[str]
    ) -> tuple[Target, ...]:
        parts = [part.name.lower() for part in node.parts]
        if parts[0] in local:
            return ()
        found = scope.find(parts, outputs)
        if not found:
            raise NotProvable(f"names {'.'.join(parts)}, which no table in FROM has")
        return found

    @staticmethod
    def _know_columns(source: Source) -> tuple[str, ...]:
        if source.relation.columns is None:
            raise NotProvable(f"has a star of {source.alias}, whose columns are not declared in its .yml")
        return source.relation.columns


def select_all(relation: Relation) -> Select:
    outputs = [Output(column, Reference(relation, column)) for column in relation.columns]
    return Select(outputs, [Source("", relation, keeps_grain=True)])


def rename(relation: Relation, aliases: Sequence[str]) -> Relation:
    """The same with other names for its columns, if there are any."""
    if not aliases:
        return relation
    if relation.columns is None:
        raise NotProvable(f"renames columns that are not declared ({', '.join(aliases)})")
    return Derived(name_columns(relation.columns, aliases), select_all(relation))


def find_position(query: Query, name: str) -> int | None:
    return query.columns.index(name) if name in query.columns else None


def is_named(column: exp.Column, output: Output) -> bool:
    return not column.table and column.name.lower() == output.name


def is_aggregate(output: Output) -> bool:
    return not isinstance(output.expression, Reference) and output.expression.find(exp.AggFunc) is not None
