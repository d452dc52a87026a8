"""Of what a column is made: for whoever asks about one column by its name."""

from collections.abc import Iterator

from orchestration.lineage.dependence import ROWS, Origin
from orchestration.lineage.graph import Graph
from orchestration.lineage.project import NotProvable
from orchestration.lineage.proof import Proof


def describe_derivation(name: str, proof: Proof) -> Iterator[str]:
    """The column `name` (`results.orders.net_revenue`, `int_orders_sold.*rows*`) with its unit, and below it, indented,
    everything from which it derives, and how. Raises NotProvable, listing what there is, if there is no such column."""
    start = find_column(name, proof.graph)
    yield name if start[1] == ROWS else f"{name}, unit: {proof.measures.units[start]}"
    for depth, origin, how in proof.graph.trace(start):
        yield f"{'  ' * depth}← {proof.graph.describe([(origin, how)])}"


def find_column(name: str, graph: Graph) -> Origin:
    found = {graph.name(origin): origin for origin in graph.edges}
    if name not in found:
        table, _, _ = name.rpartition(".")
        known = sorted(other for other in found if other.startswith(f"{table}.")) or sorted(
            {other.rpartition(".")[0] for other in found}
        )
        raise NotProvable(f"There is no {name}. There are: {', '.join(known)}")
    return found[name]
