"""A query whose names are bound: each column in it refers to a relation, each relation to a table or another query.

`Bound.targets` maps a node of sqlglot's tree (by identity) to what it refers to; nothing here says what that means for
dependence or for units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp


@dataclass(eq=False)
class Base:
    """A table of the project. `columns` is None where it may have any."""

    table: str
    columns: tuple[str, ...] | None


@dataclass(eq=False)
class Derived:
    """A subquery or CTE; its nth column is the nth output of `query`. A recursive one reads itself."""

    columns: tuple[str, ...]
    query: "Query | None"
    recursive: bool = False


@dataclass(eq=False)
class Listed:
    """VALUES."""

    columns: tuple[str, ...]
    rows: tuple[tuple[exp.Expression, ...], ...]


@dataclass(eq=False)
class Generated:
    """Rows that a function makes of its arguments: unnest, range, generate_series."""

    columns: tuple[str, ...]
    arguments: tuple[exp.Expression, ...]


Relation = Base | Derived | Listed | Generated


@dataclass(frozen=True)
class Reference:
    """A column of a relation; `column` None means the row itself: its existence or number."""

    relation: Relation
    column: str | None


@dataclass(eq=False)
class Output:
    """A column that a SELECT gives; `expression` is an expression whose columns are bound, or a column passed on."""

    name: str
    expression: exp.Expression | Reference


Target = Reference | Output


@dataclass(eq=False)
class Source:
    """A relation in FROM. `conditions` are what decides which of its rows meet which of the sources before it."""

    alias: str
    relation: Relation
    conditions: tuple[exp.Expression | Reference, ...] = ()
    keeps_grain: bool = False
    """One row of it is meant to meet each row before it (LEFT JOIN, CROSS JOIN with what holds for all), or it is the
    first."""
    hidden: bool = False
    """SEMI and ANTI: it filters, and none of its columns can be named."""


@dataclass(eq=False)
class Select:
    outputs: list[Output] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    where: list[exp.Expression] = field(default_factory=list)
    group: list[exp.Expression | Output] = field(default_factory=list)
    having: list[exp.Expression] = field(default_factory=list)
    qualify: list[exp.Expression] = field(default_factory=list)
    order: list[exp.Expression | Output] = field(default_factory=list)
    limit: list[exp.Expression] = field(default_factory=list)
    distinct: bool = False
    distinct_on: list[exp.Expression | Output] = field(default_factory=list)
    is_grouped: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(output.name for output in self.outputs)


@dataclass(eq=False)
class SetOperation:
    """`pairs` are the positions in left and right that make each column; None where one side has no such column."""

    left: "Query"
    right: "Query"
    kind: str
    distinct: bool
    columns: tuple[str, ...]
    pairs: tuple[tuple[int | None, int | None], ...]


Query = Select | SetOperation


@dataclass(eq=False)
class Bound:
    """A statement. `targets` and `queries` are keyed by id(node) of `tree`, which is kept so that ids stay unique;
    `windows` maps a window that names another (`over w`) to that one."""

    tree: exp.Expression
    query: Query
    targets: dict[int, tuple[Target, ...]]
    queries: dict[int, Query]
    windows: dict[int, exp.Expression]


def name_columns(columns: Sequence[str], aliases: Sequence[str]) -> tuple[str, ...]:
    """`t(a, b)` renames the first columns of t."""
    return (*aliases, *columns[len(aliases) :])
