"""The proof that reach and results are separate: no column of a mart derives from the other side."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from orchestration.lineage.families import REACH, Families, find_families
from orchestration.lineage.graph import Graph, Ways
from orchestration.lineage.project import Table

RESULT = frozenset({"result"})
FORBIDDEN = {"reach": RESULT, "results": REACH, "goals": REACH, "relationships": REACH}
"""By schema: the families from which nothing in it may derive (the contract of the published marts)."""


@dataclass(frozen=True)
class Leak:
    """A column of a mart that derives from the other side, with a shortest way there."""

    family: str
    path: str


@dataclass(frozen=True)
class Separation:
    """`leaks` by the label of each mart, () where there are none; `errors` are why nothing is proved at all."""

    leaks: Mapping[str, tuple[Leak, ...]]
    errors: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.errors and not any(self.leaks.values())

    def describe(self) -> Iterator[str]:
        """A line for each error and each leak."""
        yield from self.errors
        for mart, leaks in self.leaks.items():
            for leak in leaks:
                yield f"{mart} derives from {leak.family}: {leak.path}"


def prove_separation(graph: Graph, errors: Iterable[str]) -> Separation:
    """`errors` are those of reading the models: what could not be read is not proved."""
    families = find_families(graph)
    ways = {sides: graph.find_ways(families.find(sides)) for sides in (REACH, RESULT)}
    leaks = {
        mart.label: tuple(find_leaks(mart, graph, families, ways[FORBIDDEN[mart.schema]]))
        for mart in graph.project.in_schema(*FORBIDDEN)
    }
    return Separation(leaks, (*errors, *families.errors))


def find_leaks(mart: Table, graph: Graph, families: Families, ways: Ways) -> Iterator[Leak]:
    for column in graph.columns(mart.id):
        path = ways.find_path(column)
        if path:
            end, _ = path[-1]
            yield Leak(families.of[end], graph.describe(path))
