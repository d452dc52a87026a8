"""The programme folder: its files validated, and the plan as Parquet tables for dbt."""

import shutil
from collections.abc import Iterator

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Config,
    MaterializeResult,
    multi_asset,
)

from orchestration.defs import OWNERS, POOL
from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.migration import migrate
from orchestration.programme.plan_tables import TABLES, write_plan_tables
from orchestration.programme.unvalidated_plan import read_owners
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import drop_warehouse
from orchestration.warehouse.fingerprint import remove_fingerprint

PROGRAMME = AssetKey(["landing", "programme"])


class ProgrammeConfig(Config):
    rebuild: bool = False
    """Remove raw, ledger and warehouse first, so that everything is loaded from landing again."""


def build_programme_assets(folder: ProgrammeFolder) -> AssetsDefinition:
    @multi_asset(name="programme", pool=POOL, specs=describe_assets(folder))
    def programme_assets(
        context: AssetExecutionContext, config: ProgrammeConfig, programme: ProgrammeResource
    ) -> Iterator[MaterializeResult]:
        folder = programme.folder
        for message in migrate(folder):
            log.info(message)
        checked = programme.read()
        if config.rebuild:
            context.log.info("removing raw, ledger and warehouse: everything is loaded from landing again")
            remove_fingerprint(folder)
            shutil.rmtree(folder.raw, ignore_errors=True)
            folder.ledger_file.unlink(missing_ok=True)
            drop_warehouse(folder)
        yield MaterializeResult(
            asset_key=PROGRAMME,
            metadata={
                "folder": str(folder.path),
                "programme": checked.plan.programme,
                "timezone": checked.plan.timezone,
                "currency": checked.plan.currency,
                "entries": len(checked.entries),
                "goals": sum(len(objective.goals) for objective in checked.plan.objectives),
            },
        )
        for table, rows in write_plan_tables(checked, programme.as_of).items():
            yield MaterializeResult(asset_key=["plan", table], metadata={"dagster/row_count": rows})

    return programme_assets


def describe_assets(folder: ProgrammeFolder) -> list[AssetSpec]:
    return [
        AssetSpec(
            PROGRAMME,
            group_name="landing",
            kinds={"yaml"},
            owners=(*OWNERS, *read_owners(folder)),
            metadata={"dagster/uri": str(folder.path)},
            description="plan.yml, extracts.yml and settings.yml, validated: every mistake is reported with its line.",
        ),
        *(
            AssetSpec(
                ["plan", table],
                deps=[PROGRAMME],
                group_name="raw",
                kinds={"parquet"},
                owners=OWNERS,
                metadata={"dagster/uri": str(folder.raw / "plan" / f"{table}.parquet")},
                description=f"The {table.replace('_', ' ')} of plan.yml as a table.",
            )
            for table in TABLES
        ),
    ]
