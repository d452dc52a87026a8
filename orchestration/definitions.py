"""Everything that Dagster shows, in one place."""

from dagster import Definitions, in_process_executor

from orchestration.assets.dbt import dbt_models
from orchestration.assets.programme import programme
from orchestration.assets.published import build_published_asset
from orchestration.assets.raw import raw
from orchestration.checks.border import border
from orchestration.checks.control_totals import delivered_totals, revenue_totals
from orchestration.checks.marts import mart_promises
from orchestration.checks.raw import raw_promises
from orchestration.jobs import NIGHTLY, REBUILD, build_schedule
from orchestration.resources import alone
from orchestration.sensors.dead_runs import killed_runs
from orchestration.sensors.failures import build_failure_sensor
from orchestration.sensors.landing import files_landed

CHECKED = [raw, raw_promises, delivered_totals, dbt_models, mart_promises, border, revenue_totals]

defs = Definitions(
    assets=[
        programme,
        raw,
        dbt_models,
        build_published_asset([spec.key for checked in CHECKED for spec in checked.check_specs if spec.blocking]),
    ],
    asset_checks=[raw_promises, delivered_totals, mart_promises, border, revenue_totals],
    jobs=[NIGHTLY, REBUILD],
    schedules=[build_schedule()],
    sensors=[files_landed, killed_runs, build_failure_sensor()],
    resources={"alone": alone},
    # One process, also for a few assets that somebody chose: a step in a process of its own costs seconds of start-up,
    # and would let go of the lock before the next.
    executor=in_process_executor,
)
