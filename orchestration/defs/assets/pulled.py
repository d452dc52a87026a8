"""Sources to landing: one asset per entry of extracts.yml that is pulled from a connection."""

from collections.abc import Sequence

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Backoff,
    Failure,
    MaterializeResult,
    RetryPolicy,
    RetryRequested,
    asset,
)

from orchestration.defs import OWNERS, POOL
from orchestration.defs.assets.programme import PROGRAMME
from orchestration.defs.resources import ProgrammeResource
from orchestration.landing.pulling.pull import pull
from orchestration.landing.pulling.results import Pulled, PullFailed
from orchestration.landing.pulling.retention import prune_pulls
from orchestration.programme.extracts import Entry
from orchestration.programme.programme import Programme
from orchestration.programme.unvalidated_extracts import Source
from orchestration.runtime.disk_space import describe_shortage_for
from orchestration.runtime.environment import find_since
from orchestration.runtime.run_log import log

GROUP = "pulled"
# A source that is restarted is back within a minute; what is wrong for longer is reported.
DELAY = 10
RETRIES = RetryPolicy(max_retries=2, delay=DELAY, backoff=Backoff.EXPONENTIAL)


def pulled_key(source: Source) -> AssetKey:
    return AssetKey(["pulled", source.connection, source.label])


def build_pulled_assets(sources: Sequence[Source]) -> list[AssetsDefinition]:
    return [build_pulled_asset(source, number) for number, source in enumerate(sources, start=1)]


def build_pulled_asset(source: Source, number: int) -> AssetsDefinition:
    @asset(
        key=pulled_key(source),
        deps=[PROGRAMME],
        group_name=GROUP,
        pool=POOL,
        owners=OWNERS,
        retry_policy=RETRIES,
        description=f"What is new at {source.connection} for {source.label}, as files in landing/pulled/.",
    )
    def pulled(context: AssetExecutionContext, programme: ProgrammeResource) -> MaterializeResult:
        checked = programme.read()
        entry = next(one for one in checked.entries if (one.source, one.label) == (source.connection, source.label))
        if shortage := describe_shortage_for(checked.folder, checked.folder.path / entry.pulled_folder):
            log.warning("%s ← %s: %s", entry.label, entry.source, shortage)
        try:
            result = pull(checked, entry, find_since())
        except PullFailed as error:
            return handle_failure(context, entry, error)
        for warning in result.warnings:
            log.warning("%s", warning)
        removed = prune_pulls(checked.folder, entry, checked.settings.keep_pulls)
        log.info(summarise(entry, result))
        return MaterializeResult(metadata=describe(checked, entry, result, removed))

    return pulled


def handle_failure(context: AssetExecutionContext, entry: Entry, error: PullFailed) -> MaterializeResult:
    """Try again if that may help; then stop, or go on with what was pulled before if the entry says so."""
    is_last = not error.is_transient or context.retry_number >= RETRIES.max_retries
    if not is_last:
        log.warning("%s. It is tried again", str(error).rstrip("."))
        raise RetryRequested(RETRIES.max_retries, DELAY * 2**context.retry_number) from None
    if entry.on_failure == "warn":
        log.warning("%s. The run goes on with what was pulled before (on_failure: warn)", str(error).rstrip("."))
        return MaterializeResult(metadata={"failed": str(error)})
    raise Failure(str(error), allow_retries=False) from None


def summarise(entry: Entry, result: Pulled) -> str:
    if not result.files:
        return f"{entry.label} ← {entry.source}: nothing new ({result.seconds:.0f} s)"
    what = f"{len(result.files):,} files" if result.rows is None else f"{result.rows:,} rows"
    reached = f", up to {result.cursor}" if result.cursor else ""
    return f"{entry.label} ← {entry.source}: {what}{reached} ({result.seconds:.0f} s)"


def describe(programme: Programme, entry: Entry, result: Pulled, removed: int) -> dict[str, object]:
    metadata: dict[str, object] = {
        "files": list(result.files),
        "bytes": result.bytes,
        "seconds": round(result.seconds, 2),
        "pulls_removed": removed,
        "dagster/uri": str(programme.folder.path / entry.pulled_folder),
    }
    if result.rows is not None:
        metadata["dagster/row_count"] = result.rows
    if result.rows_at_source is not None:
        metadata["rows_at_source"] = result.rows_at_source
    if result.start is not None:
        metadata["started_at_cursor"] = result.start
    if result.cursor is not None:
        metadata["cursor"] = result.cursor
    if result.warnings:
        metadata["warnings"] = list(result.warnings)
    return metadata
