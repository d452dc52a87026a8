"""Landing to raw: every new delivery becomes one immutable Parquet file."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
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
from orchestration.defs.resources import ProgrammeResource
from orchestration.landing.delivery import Delivery
from orchestration.landing.effects import Effect, Kind, count_lost, is_key_no_key, sum_rows
from orchestration.landing.erasure import is_erasure_pending
from orchestration.landing.housekeeping import has_damaged
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.landing.load import Landing, land
from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.landing.quarantine import QuarantinedValue
from orchestration.landing.refusals import Refusal
from orchestration.landing.shared_keys import SharedKeys
from orchestration.programme.contract import RAW_MODELS, Extract, read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme
from orchestration.programme.repository import REPOSITORY
from orchestration.runtime.connections import connect
from orchestration.runtime.messages import shorten_list
from orchestration.runtime.metadata_tables import show_rows
from orchestration.runtime.redaction import redact_values
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import drop_warehouse
from orchestration.warehouse.fingerprint import is_unchanged

LEDGER = ("deliveries", "quarantine")
FILES_ARE_READ = "every_file_could_be_read"
ROWS_ARE_READ = "every_row_could_be_read"
KEYS_IDENTIFY_ROWS = "keys_identify_rows"
ROWS_ARE_KEPT = "no_row_replaces_another"
FILES_SHOWN = 5


class LandingFailed(Exception):
    """The engine failed on input that the readers had accepted; the message is the engine's, redacted."""


def raw_key(extract: str) -> AssetKey:
    return AssetKey(["raw", extract])


def describe_extracts(folder: ProgrammeFolder, tables: Mapping[str, Extract]) -> list[AssetSpec]:
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


def describe_checks(tables: Mapping[str, Extract]) -> list[AssetCheckSpec]:
    blocking = {
        FILES_ARE_READ: "A file that cannot be read, or of which no row can be read, stops the run, because its data"
        " would be missing from the marts.",
        KEYS_IDENTIFY_ROWS: "Of the rows of one file that share a key only the last one counts. A file that would lose"
        " a fifth of its rows or more stops the run.",
    }
    others = {
        ROWS_ARE_READ: "Rows that could not be read stay in quarantine until a corrected file is delivered.",
        ROWS_ARE_KEPT: "A row that a later row of its file replaces does not count. `duplicates: last` allows it.",
    }
    return [
        AssetCheckSpec(check, asset=raw_key(name), blocking=check in blocking, description=description)
        for check, description in {**blocking, **others}.items()
        for name in tables
    ]


def build_raw_assets(folder: ProgrammeFolder) -> AssetsDefinition:
    tables = {**read_contract(), **read_formats()}

    @multi_asset(
        name="raw",
        pool=POOL,
        can_subset=True,
        specs=[*describe_extracts(folder, tables), *describe_ledger(folder, tables)],
        check_specs=describe_checks(tables),
    )
    def raw(
        context: AssetExecutionContext, programme: ProgrammeResource
    ) -> Iterator[MaterializeResult | AssetCheckResult]:
        folder = programme.folder
        extracts = {key.path[-1] for key in context.selected_asset_keys if key.path[0] == "raw"}
        drop_unaccepted(folder, extracts)
        try:
            landing = land_new_and_damaged(programme.read(), extracts)
        except duckdb.Error as error:
            # `from None`: Dagster stores the whole chain, and the engine quotes values.
            raise LandingFailed(redact_values(str(error))) from None
        with Ledger(folder.ledger_file) as ledger:
            held = list(ledger.read_deliveries().values())
            effects = ledger.read_effects()
        with connect(folder.raw) as connection:
            quarantined = count_quarantined(connection, folder)
        for extract in sorted(extracts):
            key = raw_key(extract)
            new = [delivery for delivery in landing.deliveries if delivery.extract == extract]
            all_of_extract = [delivery for delivery in held if delivery.extract == extract]
            if new:
                log.info(summarise(extract, new))
            yield MaterializeResult(asset_key=key, metadata=describe_deliveries(new, all_of_extract, effects))
            examples = [one for one in landing.quarantined_examples if one.extract == extract]
            unreadable = [describe_unreadable(delivery, examples) for delivery in new if delivery.unreadable]
            yield check_files(key, [one for one in landing.refusals if one.extract == extract], unreadable)
            yield check_rows(key, {file: count for (name, file), count in quarantined.items() if name == extract})
            yield from check_keys(key, tables[extract], all_of_extract, effects, new)
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


def check_files(key: AssetKey, refusals: Sequence[Refusal], unreadable: Sequence[str] = ()) -> AssetCheckResult:
    """`unreadable` describe files of which no row could be read."""
    rows = [{"file": one.file, "problem": one.message, "remedy": one.remedy} for one in refusals]
    return AssetCheckResult(
        asset_key=key,
        check_name=FILES_ARE_READ,
        passed=not refusals and not unreadable,
        severity=AssetCheckSeverity.ERROR,
        description=" ".join([*map(str, refusals), *unreadable]) or None,
        metadata={"refused": show_rows(rows)} if rows else {},
    )


def check_rows(key: AssetKey, quarantined: Mapping[str, int]) -> AssetCheckResult:
    """`quarantined`: rows that are still to be corrected, by file."""
    by_file = [{"file": file, "rows in quarantine": rows} for file, rows in quarantined.items()]
    return AssetCheckResult(
        asset_key=key,
        check_name=ROWS_ARE_READ,
        passed=not quarantined,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "rows_in_quarantine": sum(quarantined.values()),
            **({"by_file": show_rows(by_file)} if by_file else {}),
        },
    )


def describe_unreadable(delivery: Delivery, examples: Iterable[QuarantinedValue]) -> str:
    """The file, why its first row could not be read, and what to do."""
    message = f"{delivery.file}: none of its {delivery.rows_quarantined:,} rows could be read"
    first = next((one for one in examples if one.file == delivery.file), None)
    if first is not None:
        message += f": {first.header or first.column or 'its first record'} {first.reason} ({first.what_to_do})"
    return (
        f"{message}. Correct its entry in extracts.yml or the file, or, if nothing in it is to be read, write"
        " allow_empty: true."
    )


def check_keys(
    key: AssetKey,
    extract: Extract,
    held: Sequence[LedgerRow],
    effects: Mapping[str, Sequence[Effect]],
    new: Sequence[Delivery],
) -> Iterator[AssetCheckResult]:
    """Two results on rows that a later row of the same file replaced, in all deliveries of an extract."""
    examples = {delivery.delivery_id: delivery.shared_keys for delivery in new}
    lost = {row: count for row in held if (count := count_lost(effects.get(row.delivery_id, ())))}
    described = {
        row: f"{row.file}: {examples.get(row.delivery_id, SharedKeys(count)).describe(extract, row.rows_kept)}."
        for row, count in lost.items()
    }
    stopping = [row for row, count in lost.items() if is_key_no_key(count, row.rows_kept)]
    rows = [{"file": row.file, "rows": row.rows_kept, "replaced": count} for row, count in lost.items()]
    for check, failing, severity in (
        (KEYS_IDENTIFY_ROWS, stopping, AssetCheckSeverity.ERROR),
        (ROWS_ARE_KEPT, list(lost), AssetCheckSeverity.WARN),
    ):
        yield AssetCheckResult(
            asset_key=key,
            check_name=check,
            passed=not failing,
            severity=severity,
            description=" ".join(shorten_list([described[row] for row in failing], FILES_SHOWN)) or None,
            metadata={"rows_replaced": sum(lost.values()), **({"by_file": show_rows(rows)} if rows else {})},
        )
