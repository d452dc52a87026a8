"""Are reach and results separate, and is no column a composite score? Proved from the SQL that built the marts.

SQL that the proof cannot understand fails the checks of every mart, because a proof with gaps proves nothing.
"""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    AssetKey,
    MetadataValue,
    multi_asset_check,
)

from orchestration.defs import POOL
from orchestration.defs.check_events import Recorded, record_check
from orchestration.defs.checks.problem_lines import report_problems
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.resources import ProgrammeResource
from orchestration.lineage.proof import Proof, prove
from orchestration.lineage.scores import Examined
from orchestration.lineage.separation import FORBIDDEN
from orchestration.publishing.marts import Mart, read_marts
from orchestration.runtime.run_log import log

PROVED = "separation_is_proved"


def mart_key(mart: Mart) -> AssetKey:
    return AssetKey([mart.schema, mart.name])


def specify(mart: Mart) -> AssetCheckSpec:
    other_side = " or ".join(sorted(FORBIDDEN[mart.schema]))
    return AssetCheckSpec(
        PROVED,
        asset=mart_key(mart),
        blocking=True,
        description=f"Nothing in it derives from {other_side}: no value, filter, join or order. No column combines"
        " quantities of different units, here or in the tables that it is computed from.",
    )


def build_separation_checks(graph: DbtGraph) -> AssetChecksDefinition:
    marts = read_marts(graph.manifest_file)

    @multi_asset_check(
        name="separation",
        specs=[specify(mart) for mart in marts],
        can_subset=True,
        pool=POOL,
    )
    def separation(context: AssetCheckExecutionContext, programme: ProgrammeResource) -> Iterator[Recorded]:
        proof = prove(programme.folder.warehouse / "dbt")
        problems = 0
        for mart in marts:
            if AssetCheckKey(mart_key(mart), PROVED) in context.selected_asset_check_keys:
                result = report_mart(mart, proof)
                problems += not result.passed
                yield from record_check(separation, result)
        traced = f"{len(proof.graph.edges):,}"
        log.info("separation: %s columns traced, %s marts, %s problems", traced, len(marts), problems)

    return separation


def find_gaps(mart: Mart, proof: Proof) -> list[str]:
    missing = [] if mart.table in proof.examined else [f"dbt did not build {mart.table}"]
    return [*proof.separation.errors, *missing]


def report_mart(mart: Mart, proof: Proof) -> AssetCheckResult:
    leaks = [f"derives from {leak.family}: {leak.path}" for leak in proof.separation.leaks.get(mart.table, ())]
    examined = proof.examined.get(mart.table, Examined((), (), {}))
    return report_problems(
        mart_key(mart),
        PROVED,
        [*find_gaps(mart, proof), *leaks, *examined.problems],
        {
            "columns_of_all_tables": len(proof.graph.edges),
            "units": MetadataValue.json({column: str(unit) for column, unit in examined.units.items()}),
            "not_examined": MetadataValue.json(list(examined.unexamined)),
        },
    )
