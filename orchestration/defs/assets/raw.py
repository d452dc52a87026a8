"""Landing to raw: every new delivery becomes one immutable Parquet file."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    CodeReferencesMetadataValue,
    LocalFileCodeReference,
    MaterializeResult,
    TableColumn,
    TableColumnConstraints,
    TableSchema,
    multi_asset,
)

from orchestration.defs import OWNERS, POOL
from orchestration.defs.assets.programme import PROGRAMME
from orchestration.defs.assets.pulled import pulled_key
from orchestration.defs.check_events import Recorded, record_check
from orchestration.defs.checks.deliveries import check_deliveries, specify_deliveries
from orchestration.defs.resources import ProgrammeResource
from orchestration.landing.delivery import Delivery
from orchestration.landing.effects import Effect, Kind, sum_rows
from orchestration.landing.erasure import is_erasure_pending
from orchestration.landing.housekeeping import has_damaged
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.landing.load import Landing, land
from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.landing.raw_files import list_deliveries
from orchestration.programme.contract import RAW_MODELS, Extract, read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme
from orchestration.programme.repository import REPOSITORY
from orchestration.programme.unvalidated_extracts import Source, read_table_names
from orchestration.runtime.connections import connect
from orchestration.runtime.metadata_tables import show_rows
from orchestration.runtime.redaction import redact_values
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import drop_warehouse
from orchestration.warehouse.fingerprint import is_unchanged

LEDGER = ("deliveries", "quarantine")


class LandingFailed(Exception):
    """The engine failed on input that the readers had accepted; the message is the engine's, redacted."""


def raw_key(extract: str) -> AssetKey:
    return AssetKey(["raw", extract])


def describe_extracts(
    folder: ProgrammeFolder, tables: Mapping[str, Extract], sources: Sequence[Source]
) -> list[AssetSpec]:
    return [
        AssetSpec(
            raw_key(extract.name),
            deps=[PROGRAMME, *(pulled_key(source) for source in sources if source.table_name == extract.name)],
            group_name="raw",
            kinds={"parquet"},
            owners=OWNERS,
            description=extract.description,
            metadata={
                "key": ", ".join(extract.key),
                "dagster/uri": str(folder.raw / extract.name),
                "dagster/column_schema": describe_columns(extract),
                "dagster/code_references": link_declarations(extract),
            },
        )
        for extract in tables.values()
    ]


def link_declarations(extract: Extract) -> CodeReferencesMetadataValue:
    """Links to the files that declare its columns, and the expectations on them."""
    declared = RAW_MODELS / ("formats" if extract.format else "") / f"{extract.name}.yml"
    expected = REPOSITORY / "expectations" / "raw" / declared.name
    links = {"its columns": declared, "its expectations": expected}
    return CodeReferencesMetadataValue(
        code_references=[
            LocalFileCodeReference(file_path=str(file), label=text) for text, file in links.items() if file.exists()
        ]
    )


def describe_columns(extract: Extract) -> TableSchema:
    """The declared types, to which staging casts; raw itself is text."""
    return TableSchema(
        [
            TableColumn(one.name, one.data_type, one.description, TableColumnConstraints(nullable=not one.required))
            for one in extract.columns
        ]
    )


def describe_ledger(folder: ProgrammeFolder, tables: Mapping[str, Extract]) -> list[AssetSpec]:
    about = {
        "deliveries": "Every delivery in raw, with rows read, kept and quarantined, and what each rule did.",
        "quarantine": "Every value that could not be read, with file, line, column and remedy.",
    }
    deps = [raw_key(extract) for extract in tables]
    return [
        AssetSpec(
            ["ledger", table],
            deps=deps,
            group_name="raw",
            kinds={"parquet"},
            owners=OWNERS,
            description=about[table],
            metadata={"dagster/uri": str(folder.raw / "ledger" / f"{table}.parquet")},
        )
        for table in LEDGER
    ]


def find_unused_formats(folder: ProgrammeFolder) -> set[str]:
    """The formats that no entry of extracts.yml names and of which raw has no delivery; Dagster does not show them.

    Looks at files only: opening the ledger may repair it, which is for a run that holds the lock."""
    unnamed = set(read_formats()) - read_table_names(folder)
    return {name for name in unnamed if not list_deliveries(folder.raw / name)}


def build_raw_assets(
    folder: ProgrammeFolder, sources: Sequence[Source] = (), unused_formats: Collection[str] = ()
) -> AssetsDefinition:
    all_tables = {**read_contract(), **read_formats()}
    tables = {name: table for name, table in all_tables.items() if name not in unused_formats}

    @multi_asset(
        name="raw",
        pool=POOL,
        can_subset=True,
        specs=[*describe_extracts(folder, tables, sources), *describe_ledger(folder, tables)],
        check_specs=[specify_deliveries(raw_key(name)) for name in tables],
    )
    def raw(context: AssetExecutionContext, programme: ProgrammeResource) -> Iterator[MaterializeResult | Recorded]:
        folder = programme.folder
        selected = {key.path[-1] for key in context.selected_asset_keys if key.path[0] == "raw"}
        read = programme.read()
        if new_formats := {entry.table_name for entry in read.entries}.intersection(unused_formats):
            raise LandingFailed(
                f"extracts.yml names {', '.join(sorted(new_formats))} since Dagster loaded this programme. What to do:"
                " reload the definitions (Deployment in the UI), or start make ui again"
            )
        # The raw files of formats that Dagster does not show are written too, without rows.
        extracts = set(all_tables) if selected == set(tables) else selected
        drop_unaccepted(folder, extracts)
        try:
            landing = land_new_and_damaged(read, extracts)
        except duckdb.Error as error:
            # `from None`: Dagster stores the whole chain, and the engine quotes values.
            raise LandingFailed(redact_values(str(error))) from None
        with Ledger(folder.ledger_file) as ledger:
            held = list(ledger.read_deliveries().values())
            effects = ledger.read_effects()
        with connect(folder.raw) as connection:
            quarantined = count_quarantined(connection, folder)
        for extract in sorted(selected):
            key = raw_key(extract)
            new = [delivery for delivery in landing.deliveries if delivery.extract == extract]
            all_of_extract = [delivery for delivery in held if delivery.extract == extract]
            if new:
                log.info(summarise(extract, new))
            yield MaterializeResult(asset_key=key, metadata=describe_deliveries(new, all_of_extract, effects))
            result = check_deliveries(
                key,
                tables[extract],
                [one for one in landing.refusals if one.extract == extract],
                {file: count for (name, file), count in quarantined.items() if name == extract},
                all_of_extract,
                effects,
                new,
                landing.quarantined_examples,
            )
            yield from record_check(raw, result)
        for table in LEDGER:
            if AssetKey(["ledger", table]) in context.selected_asset_keys:
                yield MaterializeResult(asset_key=["ledger", table])

    return raw


def land_new_and_damaged(programme: Programme, extracts: Collection[str]) -> Landing:
    """Load new deliveries and, if dbt will read raw, reload deliveries whose raw files are damaged."""
    folder = programme.folder
    make_pseudonym_key(folder.pseudonym_key_file)
    if is_erasure_pending(folder):
        # The file contains the pseudonyms to be erased, also in free pages.
        drop_warehouse(folder)
    try:
        landing = land(programme, extracts)
    except duckdb.Error:
        # Landing compares new files with raw files of earlier deliveries, and one of these may be damaged.
        if not has_damaged(folder, extracts):
            raise
        return land(programme, extracts, verify=extracts)
    if is_unchanged(folder) or not has_damaged(folder, extracts):
        return landing
    again = land(programme, extracts, verify=extracts)
    return replace(again, deliveries=(*landing.deliveries, *again.deliveries), retired=landing.retired)


def drop_unaccepted(folder: ProgrammeFolder, extracts: Collection[str]) -> None:
    """Drop deliveries that failed a critical expectation or were never checked (the run was killed), so that they are
    loaded again: their files may have been corrected or removed since."""
    with Ledger(folder.ledger_file) as ledger:
        waiting = ledger.read_unaccepted()
        ledger.delete_deliveries([row.delivery_id for extract in extracts for row in waiting.get(extract, ())])


def summarise(extract: str, new: Sequence[Delivery]) -> str:
    quarantined = sum(delivery.rows_quarantined for delivery in new)
    return f"{extract} ← {len(new)} file{'s' if len(new) > 1 else ''}: {sum(d.rows_read for d in new):,} rows" + (
        f", {quarantined:,} quarantined" if quarantined else ""
    )


def describe_deliveries(
    new: Sequence[Delivery], held: Sequence[LedgerRow], effects: Mapping[str, Sequence[Effect]]
) -> dict[str, Any]:
    of_new = [effect for delivery in new for effect in effects.get(delivery.delivery_id, ())]
    by_rule = [
        {"file": delivery.file, "what": effect.kind.value, "rule": effect.rule, "rows or values": effect.rows}
        for delivery in new
        for effect in effects.get(delivery.delivery_id, ())
    ]
    return {
        "dagster/row_count": sum(delivery.rows_kept for delivery in held),
        "new_deliveries": len(new),
        "new_rows_read": sum(delivery.rows_read for delivery in new),
        "new_rows_kept": sum(delivery.rows_kept for delivery in new),
        "new_rows_quarantined": sum(delivery.rows_quarantined for delivery in new),
        "new_rows_dropped": sum(delivery.rows_dropped for delivery in new),
        "new_rows_duplicate": sum_rows(of_new, Kind.DUPLICATE),
        "new_rows_replaced": sum_rows(of_new, Kind.REPLACED),
        "new_rows_replaced_in_earlier_files": sum_rows(of_new, Kind.REPLACES),
        "new_values_changed": sum_rows(of_new, Kind.CHANGED),
        **({"files": show_rows([describe_delivery(delivery) for delivery in new])} if new else {}),
        **({"by_rule": show_rows(by_rule)} if by_rule else {}),
    }


def describe_delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "entry": delivery.entry,
        "file": delivery.file,
        "read": delivery.rows_read,
        "kept": delivery.rows_kept,
        "quarantined": delivery.rows_quarantined,
        "dropped": delivery.rows_dropped,
        "columns ignored": ", ".join(delivery.ignored_columns),
    }
