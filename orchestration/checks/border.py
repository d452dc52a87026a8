"""Does reach stay apart from results, and is no figure a score? Proved from the SQL that built the marts tonight.

What cannot be proved fails on every mart: a proof with a hole proves nothing.
"""

from collections.abc import Iterator, Sequence

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    MetadataValue,
    multi_asset_check,
)

from orchestration.assets.dbt_graph import PROJECT
from orchestration.environment import find_folder
from orchestration.lineage.separation import FORBIDDEN
from orchestration.lineage.proof import Proof, prove
from orchestration.lineage.scores import Examined
from orchestration.progress import log
from orchestration.publishing.marts import Mart, read_marts
from orchestration.resources import ALONE

APART = "reach_stays_apart"
NO_SCORE = "no_figure_is_a_score"
SHOWN = 10

MARTS = read_marts(PROJECT.manifest_path)


def mart_key(mart: Mart) -> AssetKey:
    return AssetKey([mart.schema, mart.name])


def specify(mart: Mart) -> Iterator[AssetCheckSpec]:
    other_side = " or ".join(sorted(FORBIDDEN[mart.schema]))
    yield AssetCheckSpec(
        APART,
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


@multi_asset_check(
    name="border",
    specs=[spec for mart in MARTS for spec in specify(mart)],
    can_subset=True,
    pool="warehouse",
    required_resource_keys=ALONE,
)
def border(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
    proof = prove(find_folder().warehouse / "dbt")
    problems = 0
    for mart in MARTS:
        for result in (report_border(mart, proof), report_scores(mart, proof)):
            if AssetCheckKey(mart_key(mart), result.check_name) in context.selected_asset_check_keys:
                problems += not result.passed
                yield result
    log.info("border: %s columns of %s marts, %s not apart", len(proof.graph.edges), len(MARTS), problems)


def find_gaps(mart: Mart, proof: Proof) -> list[str]:
    missing = [] if mart.table in proof.examined else [f"{mart.table} is not in what dbt built"]
    return [*proof.separation.errors, *missing]


def report_border(mart: Mart, proof: Proof) -> AssetCheckResult:
    leaks = [f"derives from {leak.family}: {leak.path}" for leak in proof.separation.leaks.get(mart.table, ())]
    problems = [*find_gaps(mart, proof), *leaks]
    return report(mart, APART, problems, {"columns_of_all_tables": len(proof.graph.edges)})


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
