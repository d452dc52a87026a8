"""`python -m tests.nightly.check_and_publish`: what a data engineer may do in the UI: recount the net revenue of the
orders in the warehouse as it is, and publish. Prints what failed."""

import sys

from dagster import AssetCheckKey, AssetKey, AssetSelection, DagsterInstance, Definitions, define_asset_job

from orchestration.definitions import defs
from orchestration.defs.assets.published import PUBLISHED
from orchestration.defs.checks.control_totals import REVENUE
from orchestration.runtime.failures import describe_failures

SELECTED = AssetSelection.checks(AssetCheckKey(AssetKey(["results", "orders"]), REVENUE)) | AssetSelection.assets(
    PUBLISHED
)

if __name__ == "__main__":
    merged = Definitions.merge(defs, Definitions(jobs=[define_asset_job("check_and_publish", SELECTED)]))
    with DagsterInstance.get() as instance:
        job = merged.resolve_job_def("check_and_publish")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        print(*([] if result.success else describe_failures(result.all_events)), sep="\n")
    sys.exit(not result.success)
