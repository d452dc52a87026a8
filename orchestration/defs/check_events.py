"""The events of a check's result, without Dagster's own conversion of `AssetCheckResult`.

That conversion looks up which materialization was checked, with seven connections to the history for each check. The
gate (publishing/gate.py) compares runs and times instead.
"""

from collections.abc import Iterator

from dagster import AssetCheckEvaluation, AssetCheckKey, AssetCheckResult, AssetsDefinition, Output

Recorded = AssetCheckEvaluation | Output[None]


def record_check(step: AssetsDefinition, result: AssetCheckResult) -> Iterator[Recorded]:
    """What a step yields for the result of one of its checks. The result must name its asset and check."""
    assert result.asset_key and result.check_name
    key = AssetCheckKey(result.asset_key, result.check_name)
    yield AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.passed,
        metadata=result.metadata,
        severity=result.severity,
        description=result.description,
        blocking=step.get_spec_for_check_key(key).blocking,
    )
    yield Output(None, output_name=step.get_output_name_for_asset_check_key(key))
