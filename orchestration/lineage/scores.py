"""No scores: no figure of a mart blends quantities of different units, and no column is called like a score."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestration.lineage.graph import Graph, Ways
from orchestration.lineage.measures import Blended, Measures
from orchestration.lineage.project import Table
from orchestration.lineage.units import Unit, Unknown, is_plain
from orchestration.publishing.marts import SCHEMAS

SCORE_WORDS = {
    *("score", "scores", "scoring", "index", "influence", "grade", "rating", "rank", "ranking", "points"),
    *("klout", "potency", "quality"),
}
NUMERIC = re.compile(r"^(tiny|small|big|huge|u)*int|^(decimal|numeric|double|float|real|number)", re.IGNORECASE)


@dataclass(frozen=True)
class Examined:
    """A mart. `problems` are what blends; `unexamined` the figures whose unit is unknown, with the reason; `units`
    those of all figures."""

    problems: tuple[str, ...]
    unexamined: tuple[str, ...]
    units: Mapping[str, Unit]


def find_scores(graph: Graph, measures: Measures) -> Mapping[str, Examined]:
    """By the label of each mart."""
    ways = {id: graph.find_ways(graph.columns(id)) for id in {blend.table for blend in measures.blended}}
    return {mart.label: examine(mart, graph, measures, ways) for mart in graph.project.in_schema(*SCHEMAS)}


def examine(mart: Table, graph: Graph, measures: Measures, ways: Mapping[str, Ways]) -> Examined:
    columns = [column for _, column in graph.columns(mart.id) if (mart.id, column) in measures.units]
    figures = {column: measures.units[mart.id, column] for column in columns if is_figure(mart, column)}
    problems = [
        *find_names(mart, columns),
        *(f"{mart}.{column} is a product: {unit}" for column, unit in figures.items() if not is_plain(unit)),
        *(line for blend in measures.blended for line in describe_blend(blend, mart, graph, ways[blend.table])),
    ]
    unexamined = tuple(f"{mart}.{column}: {unit}" for column, unit in figures.items() if isinstance(unit, Unknown))
    return Examined(tuple(problems), unexamined, figures)


def is_figure(mart: Table, column: str) -> bool:
    data_type = mart.columns[column].data_type if column in mart.columns else None
    return data_type is None or NUMERIC.search(data_type) is not None


def find_names(mart: Table, columns: list[str]) -> Iterator[str]:
    for name in (mart.name, *columns):
        words = SCORE_WORDS.intersection(name.split("_"))
        if words:
            yield f"{mart}{'' if name == mart.name else '.' + name} is called a score ({', '.join(sorted(words))})"


def describe_blend(blend: Blended, mart: Table, graph: Graph, ways: Ways) -> Iterator[str]:
    """If the blend is in the mart, or in something that it is made from: what blends, and the way there."""
    problem = f"`{blend.expression}` blends {blend.problem}"
    if blend.table == mart.id:
        yield f"{mart}: {problem}"
    else:
        paths = [path for path in map(ways.find_path, graph.columns(mart.id)) if path]
        if paths:
            yield f"{graph.describe(min(paths, key=len))}: {problem}"
