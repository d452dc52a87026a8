"""Everything that Dagster loads, for the programme that PROGRAMME names.

The only module that reads the environment, the plan or the manifest at import.
"""

from dagster import Definitions, in_process_executor

from orchestration.defs.assets.dbt import build_dbt_assets
from orchestration.defs.assets.programme import build_programme_assets
from orchestration.defs.assets.published import build_published_asset
from orchestration.defs.assets.pulled import build_pulled_assets
from orchestration.defs.assets.raw import build_raw_assets, find_unused_formats
from orchestration.defs.assets.targets import build_targets_asset
from orchestration.defs.checks.control_totals import build_delivered_totals, build_revenue_totals
from orchestration.defs.checks.marts import build_mart_checks
from orchestration.defs.checks.match_rates import build_match_rates
from orchestration.defs.checks.raw import build_raw_checks
from orchestration.defs.checks.separation import build_separation_checks
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.jobs import NIGHTLY, REBUILD, build_schedule
from orchestration.defs.resources import ProgrammeResource
from orchestration.defs.sensors.failures import build_failure_sensor
from orchestration.defs.sensors.killed_runs import build_killed_runs_sensor
from orchestration.defs.sensors.landing import build_landing_sensor
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.unvalidated_extracts import read_sources
from orchestration.runtime.environment import find_folder


def build_definitions(folder: ProgrammeFolder) -> Definitions:
    unused_formats = find_unused_formats(folder)
    graph = DbtGraph(folder, unused_formats)
    sources = read_sources(folder)
    assets = [
        build_programme_assets(folder),
        *build_pulled_assets(sources),
        build_raw_assets(folder, sources, unused_formats),
        build_dbt_assets(graph),
    ]
    checks = [
        build_raw_checks(),
        build_delivered_totals(),
        build_mart_checks(),
        build_match_rates(),
        build_separation_checks(graph),
        build_revenue_totals(graph),
    ]
    critical = [spec.key for checked in (*assets, *checks) for spec in checked.check_specs if spec.blocking]
    return Definitions(
        assets=[*assets, build_published_asset(folder, graph, critical), build_targets_asset(folder)],
        asset_checks=checks,
        jobs=[NIGHTLY, REBUILD],
        schedules=[build_schedule(folder)],
        sensors=[build_landing_sensor(folder), build_killed_runs_sensor(folder), build_failure_sensor(folder)],
        resources={"programme": ProgrammeResource(path=str(folder.path))},
        # One process per run, also for a selection of assets: a process per step takes seconds to start, and the lock
        # would be released between steps.
        executor=in_process_executor,
    )


defs = build_definitions(find_folder())
