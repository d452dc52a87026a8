"""Whether what claims an order finds it: match rates of every source, and a warning where less than half do."""

from dataclasses import asdict

from dagster import (
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from orchestration.defs import POOL
from orchestration.defs.resources import ProgrammeResource
from orchestration.runtime.metadata_tables import show_rows
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import read_warehouse
from orchestration.warehouse.match_rates import read_match_rates

CLAIMS = AssetKey(["results", "claims"])
MATCHED = "claims_find_their_orders"


def build_match_rates() -> AssetChecksDefinition:
    spec = AssetCheckSpec(
        MATCHED,
        asset=CLAIMS,
        description="Warns where less than half of a source's sales, answers, visits or refunds find their order.",
    )

    @multi_asset_check(name="match_rates", specs=[spec], pool=POOL)
    def match_rates(programme: ProgrammeResource) -> AssetCheckResult:
        with read_warehouse(programme.folder) as warehouse:
            rates = read_match_rates(warehouse)
        problems = [rate.describe() for rate in rates if rate.is_low]
        for problem in problems:
            log.warning("%s", problem)
        return AssetCheckResult(
            asset_key=CLAIMS,
            check_name=MATCHED,
            passed=not problems,
            severity=AssetCheckSeverity.WARN,
            description="\n".join(problems) or None,
            metadata={"match rates": show_rows([asdict(rate) for rate in rates])} if rates else {},
        )

    return match_rates
