"""Both proofs on what dbt compiled: reach and results are separate, and no mart holds a score."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.lineage.graph import Graph, build_graph
from orchestration.lineage.measures import Measures, measure
from orchestration.lineage.project import read_project
from orchestration.lineage.reading import read_models
from orchestration.lineage.scores import Examined, find_scores
from orchestration.lineage.separation import Separation, prove_separation


@dataclass(frozen=True)
class Proof:
    """`examined` are the marts by label."""

    graph: Graph
    separation: Separation
    measures: Measures
    examined: Mapping[str, Examined]


def prove(target: Path) -> Proof:
    """From what dbt compiled or built into `target`. Raises NotProvable if nothing is there."""
    reading = read_models(read_project(target))
    graph = build_graph(reading)
    measures = measure(reading)
    return Proof(graph, prove_separation(graph, reading.errors), measures, find_scores(graph, measures))
