"""The programme folder as Dagster sees it: its plan and extracts validated, the plan as tables for dbt."""

import shutil

from dagster import AssetExecutionContext, AssetKey, AssetSpec, Config, MaterializeResult, multi_asset

from orchestration.assets import OWNERS
from orchestration.environment import find_as_of, find_folder
from orchestration.programme.owners import read_owners
from orchestration.programme.plan_tables import TABLES, write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.resources import ALONE
from orchestration.warehouse import drop_warehouse

PROGRAMME = AssetKey(["landing", "programme"])


class ProgrammeConfig(Config):
    rebuild: bool = False
    """Forget raw, ledger and warehouse first, so that everything comes from landing again."""


@multi_asset(
    name="programme",
    pool="warehouse",
    required_resource_keys=ALONE,
    specs=[
        AssetSpec(
            PROGRAMME,
            group_name="landing",
            kinds={"yaml"},
            owners=(*OWNERS, *read_owners(find_folder())),
            metadata={"dagster/uri": str(find_folder().path)},
            description="plan.yml and extracts.yml, validated: every mistake is reported at once, with its line.",
        ),
        *(
            AssetSpec(
                ["plan", table],
                deps=[PROGRAMME],
                group_name="raw",
                kinds={"parquet"},
                owners=OWNERS,
                metadata={"dagster/uri": str(find_folder().raw / "plan" / f"{table}.parquet")},
                description=f"The {table.replace('_', ' ')} of plan.yml as a table.",
            )
            for table in TABLES
        ),
    ],
)
def programme(context: AssetExecutionContext, config: ProgrammeConfig):
    folder = find_folder()
    checked = read_programme(folder.path)
    if config.rebuild:
        context.log.info("forgetting raw, ledger and warehouse: everything comes from landing again")
        shutil.rmtree(folder.raw, ignore_errors=True)
        folder.ledger_file.unlink(missing_ok=True)
        drop_warehouse(folder)
    yield MaterializeResult(
        PROGRAMME,
        metadata={
            "folder": str(folder.path),
            "programme": checked.plan.programme,
            "timezone": checked.plan.timezone,
            "currency": checked.plan.currency,
            "entries": len(checked.entries),
            "goals": sum(len(objective.goals) for objective in checked.plan.objectives),
        },
    )
    for table, rows in write_plan_tables(checked, find_as_of()).items():
        yield MaterializeResult(["plan", table], metadata={"dagster/row_count": rows})
