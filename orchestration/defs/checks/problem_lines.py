"""Results of checks that find problems as lines of text: control totals and separation. The results of expectations are
in `expectations`."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagster import AssetCheckResult, AssetCheckSeverity, AssetKey, MetadataValue

from orchestration.runtime.messages import shorten_list

SHOWN = 10


def report_problems(
    asset: AssetKey, name: str, problems: Sequence[str], metadata: Mapping[str, Any], remedy: str = ""
) -> AssetCheckResult:
    """A check that passes if there are no problems; the description has the first ones, then the remedy."""
    lines = [*shorten_list(problems, SHOWN), *([remedy] if remedy else [])]
    return AssetCheckResult(
        asset_key=asset,
        check_name=name,
        passed=not problems,
        severity=AssetCheckSeverity.ERROR,
        description="\n".join(lines) if problems else None,
        metadata={**metadata, "problems": MetadataValue.json(list(problems))},
    )
