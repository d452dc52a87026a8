"""Published version to targets: the asset that brings PostgreSQL and object stores up to date."""

from dagster import AssetExecutionContext, AssetKey, AssetsDefinition, MaterializeResult, asset

from orchestration.defs import OWNERS, POOL
from orchestration.defs.assets.programme import PROGRAMME
from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.targets.targets import list_problems, publish_to_targets, summarise
from orchestration.publishing.targets.version import TargetFailed

TARGETS = AssetKey(["published", "targets"])


def build_targets_asset(folder: ProgrammeFolder) -> AssetsDefinition:
    """The asset depends on the programme only, and the priority makes its step the last one: so a target that failed is
    brought up to date by the next run, also by one that finds nothing new or fails before it publishes."""

    @asset(
        key=TARGETS,
        deps=[PROGRAMME],
        group_name="published",
        kinds={"postgres", "parquet"},
        metadata={"dagster/uri": str(folder.settings_file)},
        owners=OWNERS,
        pool=POOL,
        op_tags={"dagster/priority": "-1"},
        description="The newest version in each target that settings.yml names. A target that fails keeps its version.",
    )
    def targets(context: AssetExecutionContext, programme: ProgrammeResource) -> MaterializeResult:
        outcomes = publish_to_targets(programme.folder, programme.read().settings)
        if problems := list(list_problems(outcomes)):
            raise TargetFailed("\n".join(problems))
        return MaterializeResult(metadata={"targets": len(outcomes), **summarise(outcomes)})

    return targets
