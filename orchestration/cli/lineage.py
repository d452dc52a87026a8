"""`make lineage`: proves on the dbt project as it is, without data, that reach and results are separate and that no
figure is a score; or lists from what a column derives. The exit status is not 0 if a proof fails.

    python -m orchestration.cli.lineage
    python -m orchestration.cli.lineage results.orders.net_revenue 'int_orders_sold.*rows*'
"""

import sys
import time
from collections.abc import Iterator, Sequence

from orchestration.lineage.compiling import compile_project
from orchestration.lineage.derivation import describe_derivation
from orchestration.lineage.project import NotProvable
from orchestration.lineage.proof import Proof, prove
from orchestration.lineage.separation import FORBIDDEN
from orchestration.programme.repository import DBT_PROJECT


def main(arguments: Sequence[str]) -> int:
    """`arguments` are names of columns; without any, both proofs are made."""
    try:
        target = compile_project(DBT_PROJECT / "target" / "lineage")
        started = time.monotonic()
        proof = prove(target)
        for name in arguments:
            print("\n".join(describe_derivation(name, proof)))
    except NotProvable as error:
        print(error, file=sys.stderr)
        return 1
    if arguments:
        return 0
    problems = list(find_problems(proof))
    print("\n".join([*problems, *summarise(proof, time.monotonic() - started)]))
    return 1 if problems else 0


def find_problems(proof: Proof) -> Iterator[str]:
    yield from proof.separation.describe()
    for examined in proof.examined.values():
        yield from examined.problems


def summarise(proof: Proof, seconds: float) -> Iterator[str]:
    """What was proved, in one line for each proof; `seconds` is how long both took."""
    marts = ", ".join(sorted(FORBIDDEN))
    figures = sum(len(examined.units) for examined in proof.examined.values())
    unexamined = [reason for examined in proof.examined.values() for reason in examined.unexamined]
    separate = "are" if proof.separation.holds else "are NOT"
    yield f"{len(proof.separation.leaks)} marts of {marts}: reach and results {separate} separate"
    yield f"{figures} figures, {len(unexamined)} of them with an unknown unit"
    yield from (f"  {reason}" for reason in unexamined)
    yield f"{len(proof.graph.project.tables)} tables, {len(proof.graph.edges)} columns, {seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
