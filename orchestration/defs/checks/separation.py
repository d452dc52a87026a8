"""Are reach and results separate, and is no figure a score? Proved from the SQL with which this run built the marts.

SQL that cannot be understood fails the checks of every mart: a proof with a hole proves nothing.
"""

from collections.abc import Iterator, Sequence

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    MetadataValue,
    multi_asset_check,
)

from orchestration.defs import POOL
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.resources import ProgrammeResource
from orchestration.lineage.proof import Proof, prove
from orchestration.lineage.scores import Examined
from orchestration.lineage.separation import FORBIDDEN
from orchestration.publishing.marts import Mart, read_marts
from orchestration.runtime.run_log import log

SEPARATE = "reach_and_results_are_separate"
NO_SCORE = "no_figure_is_a_score"
SHOWN = 10


def mart_key(mart: Mart) -> AssetKey:
    return AssetKey([mart.schema, mart.name])


def specify(mart: Mart) -> Iterator[AssetCheckSpec]:
    other_side = " or ".join(sorted(FORBIDDEN[mart.schema]))
    yield AssetCheckSpec(
        SEPARATE,
        asset=mart_key(mart),
        blocking=True,
        description=f"Nothing in it derives from {other_side}: not as a value, nor by filter, join or order.",
    )
    yield AssetCheckSpec(
        NO_SCORE,
        asset=mart_key(mart),
        blocking=True,
        description="No figure blends quantities of different units, here or in what it is made from.",
    )


def build_separation_checks(graph: DbtGraph) -> AssetChecksDefinition:
    marts = read_marts(graph.manifest_file)

    @multi_asset_check(
        name="separation",
        specs=[spec for mart in marts for spec in specify(mart)],
        can_subset=True,
        pool=POOL,
    )
    def separation(context: AssetCheckExecutionContext, programme: ProgrammeResource) -> Iterator[AssetCheckResult]:
        proof = prove(programme.folder.warehouse / "dbt")
        problems = 0
        for mart in marts:
            for result in (report_separation(mart, proof), report_scores(mart, proof)):
                if AssetCheckKey(mart_key(mart), result.check_name) in context.selected_asset_check_keys:
                    problems += not result.passed
                    yield result
        log.info("separation: %s columns of %s marts, %s problems", len(proof.graph.edges), len(marts), problems)

    return separation


def find_gaps(mart: Mart, proof: Proof) -> list[str]:
    missing = [] if mart.table in proof.examined else [f"{mart.table} is not in what dbt built"]
    return [*proof.separation.errors, *missing]


def report_separation(mart: Mart, proof: Proof) -> AssetCheckResult:
    leaks = [f"derives from {leak.family}: {leak.path}" for leak in proof.separation.leaks.get(mart.table, ())]
    problems = [*find_gaps(mart, proof), *leaks]
    return report(mart, SEPARATE, problems, {"columns_of_all_tables": len(proof.graph.edges)})


def report_scores(mart: Mart, proof: Proof) -> AssetCheckResult:
    examined = proof.examined.get(mart.table, Examined((), (), {}))
    return report(
        mart,
        NO_SCORE,
        [*find_gaps(mart, proof), *examined.problems],
        {
            "units": MetadataValue.json({column: str(unit) for column, unit in examined.units.items()}),
            "not_examined": MetadataValue.json(list(examined.unexamined)),
        },
    )


def report(mart: Mart, check: str, problems: Sequence[str], metadata: dict) -> AssetCheckResult:
    shown = "\n".join(problems[:SHOWN]) + (f"\n… and {len(problems) - SHOWN} more" if len(problems) > SHOWN else "")
    return AssetCheckResult(
        asset_key=mart_key(mart),
        check_name=check,
        passed=not problems,
        severity=AssetCheckSeverity.ERROR,
        description=shown or None,
        metadata={**metadata, "problems": MetadataValue.json(list(problems))},
    )
