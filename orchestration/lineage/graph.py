"""All models together: from each column, and each table's rows, to what it depends on directly, and paths there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from orchestration.lineage.dependence import ROWS, Dependence, How, Origin
from orchestration.lineage.project import Project
from orchestration.lineage.reading import Reading

Path = tuple[tuple[Origin, How], ...]
"""From a column to one that it depends on: each step with how the step before depends on it."""


@dataclass(frozen=True)
class Graph:
    """`edges` has every column of every table, with ROWS as one of them."""

    project: Project
    edges: Mapping[Origin, Dependence]

    def name(self, origin: Origin) -> str:
        table, column = origin
        return f"{self.project.tables[table].label}.{column}"

    def describe(self, path: Iterable[tuple[Origin, How]]) -> str:
        """`results.x.y ← int_z.w ← (filter) stg_posts.impressions`; a plain arrow is a value."""
        return " ← ".join(("" if how is How.VALUE else f"({how.name.lower()}) ") + self.name(at) for at, how in path)

    def columns(self, table: str) -> list[Origin]:
        return [origin for origin in self.edges if origin[0] == table]

    def find_ways(self, ends: Collection[Origin]) -> "Ways":
        """The shortest ways to the nearest of `ends`: a search from all of them at once. Of two ways with as many steps
        the one with more plain values is taken."""
        readers: dict[Origin, list[tuple[Origin, How]]] = {}
        for reader, dependence in self.edges.items():
            for origin, how in dependence.items():
                readers.setdefault(origin, []).append((reader, how))
        next_steps: dict[Origin, tuple[Origin, How]] = {}
        costs: dict[Origin, tuple[int, int]] = {}
        waiting = sorted((0, 0, origin) for origin in ends)
        while waiting:
            steps, detours, origin = heappop(waiting)
            for reader, how in readers.get(origin, ()):
                cost = (steps + 1, detours + (how is not How.VALUE))
                if reader not in costs or cost < costs[reader]:
                    costs[reader] = cost
                    next_steps[reader] = (origin, how)
                    if reader not in ends:
                        heappush(waiting, (*cost, reader))
        return Ways(frozenset(ends), next_steps)

    def trace(self, start: Origin) -> Iterator[tuple[int, Origin, How]]:
        """Everything that `start` depends on, with its depth, each once, nearest first below what reads it."""
        seen = {start}

        def follow(origin: Origin, depth: int) -> Iterator[tuple[int, Origin, How]]:
            for further, how in sorted(self.edges.get(origin, {}).items(), key=lambda found: (found[1], found[0])):
                if further not in seen:
                    seen.add(further)
                    yield depth, further, how
                    yield from follow(further, depth + 1)

        yield from follow(start, 1)


@dataclass(frozen=True)
class Ways:
    """From each column that depends on one of `ends`: the next step of a shortest way there."""

    ends: frozenset[Origin]
    next_steps: Mapping[Origin, tuple[Origin, How]]

    def find_path(self, start: Origin) -> Path | None:
        """None if it depends on none of the ends. A start that is an end itself is passed through: what counts is what
        it depends on."""
        path: list[tuple[Origin, How]] = [(start, How.VALUE)]
        while (step := self.next_steps.get(path[-1][0])) is not None:
            path.append(step)
            if step[0] in self.ends:
                return tuple(path)
        return None


def build_graph(reading: Reading) -> Graph:
    edges: dict[Origin, Dependence] = {}
    project = reading.project
    for table in project.tables.values():
        columns = reading.columns.get(table.id) or tuple(table.columns)
        if table.id in reading.facts:
            facts = reading.facts[table.id]
            for column, dependence in zip(reading.statements[table.id].columns, facts.columns, strict=True):
                edges[table.id, column] = {**edges.get((table.id, column), {}), **dependence}
            edges[table.id, ROWS] = facts.rows
        else:
            read = {
                (parent, column): How.PYTHON
                for parent in (table.parents if table.python is not None else ())
                if parent in project.tables
                for column in (*(reading.columns.get(parent) or project.tables[parent].columns), ROWS)
            }
            edges |= {(table.id, column): read for column in (*columns, ROWS)}
    return Graph(project, edges)
