"""Which relation, output or row a name means, from where it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.lineage.queries import Output, Reference, Relation, Select, Source, Target


@dataclass(eq=False)
class Scope:
    """What can be named at one place: CTEs, the sources of the SELECT around it, and everything further out."""

    ctes: Mapping[str, Relation]
    outer: "Scope | None" = None
    select: Select = field(default_factory=Select)

    @property
    def visible(self) -> list[Source]:
        return [source for source in self.select.sources if not source.hidden]

    def find(self, parts: Sequence[str], outputs: Sequence[Output] = ()) -> tuple[Target, ...]:
        """What `parts` (from `column` to `catalog.schema.table.column`) mean here or further out; () if nothing.

        `a.b` is column b of a, or field b of a column a; `a.b.c` also column c of a table b in a schema a.
        """
        for length in range(len(parts), 1, -1):
            *_, alias, column = parts[:length]
            for scope in self._outwards():
                for source in scope.visible:
                    if source.alias == alias and has_column(source.relation, column):
                        return (refer(source.relation, column),)
        return self._find_column(parts[0], outputs)

    def _find_column(self, name: str, outputs: Sequence[Output]) -> tuple[Target, ...]:
        """A column of a source counts before an output of that name, as engines have it everywhere but in ORDER BY.
        Where several sources have it (USING), or one may have any column, it may be any of them."""
        closed = [source for source in self.visible if source.relation.columns is not None]
        found = [refer(source.relation, name) for source in closed if has_column(source.relation, name)]
        if found:
            return tuple(found)
        perhaps = [refer(source.relation, name) for source in self.visible if source.relation.columns is None]
        named = [output for output in outputs if output.name == name]
        further = () if named or not self.outer else self.outer._find_column(name, ())
        return (*perhaps, *named, *self._find_row(name), *further)

    def _find_row(self, name: str) -> Iterator[Reference]:
        """A table's name as a value is its whole row."""
        for source in self.visible:
            if source.alias == name:
                yield from (refer(source.relation, column) for column in (*(source.relation.columns or ()), None))

    def _outwards(self) -> Iterator["Scope"]:
        scope: Scope | None = self
        while scope:
            yield scope
            scope = scope.outer


def has_column(relation: Relation, column: str) -> bool:
    return relation.columns is None or column in relation.columns or column == "rowid"


def refer(relation: Relation, column: str | None) -> Reference:
    known = relation.columns is None or column in relation.columns
    return Reference(relation, column if known else None)
