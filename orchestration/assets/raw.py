"""Landing to raw: every new file becomes one immutable Parquet file a delivery."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import duckdb
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from orchestration.assets import OWNERS
from orchestration.assets.programme import PROGRAMME
from orchestration.environment import find_folder
from orchestration.landing.contract import read_contract, read_formats
from orchestration.landing.delivery import Delivery
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.landing.load import land
from orchestration.landing.refusals import Refusal
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import read_programme
from orchestration.progress import log

TABLES = {**read_contract(), **read_formats()}
LEDGER = ("deliveries", "quarantine")
FILES_ARE_READ = "every_file_could_be_read"
ROWS_ARE_READ = "every_row_could_be_read"


def raw_key(extract: str) -> AssetKey:
    return AssetKey(["raw", extract])


def describe_extracts() -> list[AssetSpec]:
    return [
        AssetSpec(
            raw_key(extract.name),
            deps=[PROGRAMME],
            group_name="raw",
            kinds={"parquet"},
            owners=OWNERS,
            description=extract.description,
            metadata={
                "key": ", ".join(extract.key),
                "required": ", ".join(column.name for column in extract.columns if column.required),
            },
        )
        for extract in TABLES.values()
    ]


def describe_ledger() -> list[AssetSpec]:
    about = {
        "deliveries": "Every delivery that raw holds, with rows read, kept and quarantined.",
        "quarantine": "Every value that could not be read, with file, line, column and what to do.",
    }
    deps = [raw_key(extract) for extract in TABLES]
    return [
        AssetSpec(
            ["ledger", table],
            deps=deps,
            group_name="raw",
            kinds={"parquet"},
            owners=OWNERS,
            description=about[table],
        )
        for table in LEDGER
    ]


@multi_asset(
    name="raw",
    pool="warehouse",
    can_subset=True,
    specs=[*describe_extracts(), *describe_ledger()],
    check_specs=[
        *(
            AssetCheckSpec(
                FILES_ARE_READ,
                asset=raw_key(extract),
                blocking=True,
                description="A file that cannot be read at all stops the night: its figures would be missing unseen.",
            )
            for extract in TABLES
        ),
        *(
            AssetCheckSpec(
                ROWS_ARE_READ,
                asset=raw_key(extract),
                description="Rows that could not be read are in quarantine until a corrected file comes.",
            )
            for extract in TABLES
        ),
    ],
)
def raw(context: AssetExecutionContext) -> Iterator[MaterializeResult | AssetCheckResult]:
    folder = find_folder()
    extracts = {key.path[-1] for key in context.selected_asset_keys if key.path[0] == "raw"}
    forget_unaccepted(folder, extracts)
    landing = land(read_programme(folder.path), extracts)
    with Ledger(folder.ledger_file) as ledger:
        held = list(ledger.read_deliveries().values())
    with duckdb.connect() as connection:
        quarantined = count_quarantined(connection, folder)
    for extract in sorted(extracts):
        key = raw_key(extract)
        new = [delivery for delivery in landing.deliveries if delivery.extract == extract]
        all_of_extract = [delivery for delivery in held if delivery.extract == extract]
        if new:
            log.info(summarise(extract, new))
        yield MaterializeResult(key, metadata=describe_deliveries(new, all_of_extract))
        yield check_files(key, [refusal for refusal in landing.refusals if refusal.extract == extract])
        yield check_rows(key, {file: count for (name, file), count in quarantined.items() if name == extract})
    for table in LEDGER:
        if AssetKey(["ledger", table]) in context.selected_asset_keys:
            yield MaterializeResult(["ledger", table])


def forget_unaccepted(folder: ProgrammeFolder, extracts: Collection[str]) -> None:
    """Deliveries that broke a critical promise (or whose night died before the promises) are read anew: their files may
    have been corrected or taken away since."""
    with Ledger(folder.ledger_file) as ledger:
        waiting = ledger.read_unaccepted()
        ledger.forget_deliveries([row.delivery_id for extract in extracts for row in waiting.get(extract, ())])


def summarise(extract: str, new: Sequence[Delivery]) -> str:
    quarantined = sum(delivery.rows_quarantined for delivery in new)
    return f"{extract} ← {len(new)} file{'s' if len(new) > 1 else ''}: {sum(d.rows_read for d in new):,} rows" + (
        f", {quarantined:,} quarantined" if quarantined else ""
    )


def describe_deliveries(new: Sequence[Delivery], held: Sequence[LedgerRow]) -> dict[str, Any]:
    return {
        "dagster/row_count": sum(delivery.rows_kept for delivery in held),
        "new_deliveries": len(new),
        "new_rows_read": sum(delivery.rows_read for delivery in new),
        "new_rows_kept": sum(delivery.rows_kept for delivery in new),
        "new_rows_quarantined": sum(delivery.rows_quarantined for delivery in new),
        "new_rows_dropped": sum(delivery.rows_dropped for delivery in new),
        "files": MetadataValue.json([delivery.file for delivery in new]),
        "ignored_columns": MetadataValue.json({delivery.file: list(delivery.ignored_columns) for delivery in new}),
        "empty_files": MetadataValue.json([delivery.file for delivery in new if delivery.empty]),
    }


def check_files(key: AssetKey, refusals: Sequence[Refusal]) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=key,
        check_name=FILES_ARE_READ,
        passed=not refusals,
        severity=AssetCheckSeverity.ERROR,
        description=" ".join(str(refusal) for refusal in refusals) or None,
        metadata={"refused": MetadataValue.json([str(refusal) for refusal in refusals])},
    )


def check_rows(key: AssetKey, quarantined: Mapping[str, int]) -> AssetCheckResult:
    """`quarantined`: rows that are still to be corrected, by file."""
    return AssetCheckResult(
        asset_key=key,
        check_name=ROWS_ARE_READ,
        passed=not quarantined,
        severity=AssetCheckSeverity.WARN,
        metadata={"rows_in_quarantine": sum(quarantined.values()), "by_file": MetadataValue.json(quarantined)},
    )
