"""`python -m orchestration.lineage [column…]`: proves the border on the project as it stands, or tells of what a column
is made: `results.orders.net_revenue`, `int_orders_sold.*rows*`. Exit status is not 0 if a proof fails."""

import sys
import time
from collections.abc import Iterator

from orchestration.lineage.compiling import compile_project
from orchestration.lineage.dependence import ROWS, How, Origin
from orchestration.lineage.graph import Graph
from orchestration.lineage.project import NotProvable
from orchestration.lineage.proof import Proof, prove
from orchestration.lineage.separation import FORBIDDEN
from orchestration.warehouse import DBT_PROJECT


def main(columns: list[str]) -> int:
    try:
        target = compile_project(DBT_PROJECT / "target" / "border")
        started = time.monotonic()
        proof = prove(target)
        for name in columns:
            print("\n".join(tell(find_origin(name, proof.graph), proof)))
    except NotProvable as error:
        print(error, file=sys.stderr)
        return 1
    if columns:
        return 0
    problems = list(find_problems(proof))
    print("\n".join([*problems, *summarise(proof, time.monotonic() - started)]))
    return 1 if problems else 0


def find_origin(name: str, graph: Graph) -> Origin:
    found = {graph.name(origin): origin for origin in graph.edges}
    if name not in found:
        table, _, _ = name.rpartition(".")
        known = sorted(other for other in found if other.startswith(f"{table}.")) or sorted(
            {other.rpartition(".")[0] for other in found}
        )
        raise NotProvable(f"There is no {name}. There are: {', '.join(known)}")
    return found[name]


def tell(start: Origin, proof: Proof) -> Iterator[str]:
    """The column with its unit, and below it, indented, everything that it depends on, and how."""
    yield f"{proof.graph.name(start)}{describe_unit(start, proof)}"
    for depth, origin, how in proof.graph.trace(start):
        yield f"{'  ' * depth}← {'' if how is How.VALUE else f'({how.name.lower()}) '}{proof.graph.name(origin)}"


def describe_unit(origin: Origin, proof: Proof) -> str:
    return f", unit: {proof.measures.units[origin]}" if origin[1] != ROWS else ""


def find_problems(proof: Proof) -> Iterator[str]:
    yield from proof.separation.describe()
    for examined in proof.examined.values():
        yield from examined.problems


def summarise(proof: Proof, seconds: float) -> Iterator[str]:
    marts = ", ".join(sorted(FORBIDDEN))
    figures = sum(len(examined.units) for examined in proof.examined.values())
    unexamined = [reason for examined in proof.examined.values() for reason in examined.unexamined]
    apart = "stays" if proof.separation.holds else "DOES NOT STAY"
    yield f"{len(proof.separation.leaks)} marts of {marts}: reach {apart} apart"
    yield f"{figures} figures, {len(unexamined)} of them not examined for blends of units"
    yield from (f"  {reason}" for reason in unexamined)
    yield f"{len(proof.graph.project.tables)} tables, {len(proof.graph.edges)} columns, {seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
