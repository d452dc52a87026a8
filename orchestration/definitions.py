"""Everything that Dagster shows, in one place."""

from dagster import Definitions

from orchestration.assets.dbt import DBT, dbt_models
from orchestration.assets.programme import programme
from orchestration.assets.published import build_published_asset
from orchestration.assets.raw import raw
from orchestration.checks.border import border
from orchestration.checks.marts import mart_promises
from orchestration.checks.raw import raw_promises
from orchestration.jobs import NIGHTLY, REBUILD, build_schedule

CHECKED = [raw, raw_promises, dbt_models, mart_promises, border]

defs = Definitions(
    assets=[
        programme,
        raw,
        dbt_models,
        build_published_asset([spec.key for checked in CHECKED for spec in checked.check_specs if spec.blocking]),
    ],
    asset_checks=[raw_promises, mart_promises, border],
    jobs=[NIGHTLY, REBUILD],
    schedules=[build_schedule()],
    resources={"dbt": DBT},
)
