"""Whether every row that was delivered counts: one asset check per extract, whose result comes with loading it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey

from orchestration.landing.delivery import Delivery
from orchestration.landing.effects import Effect, count_lost, is_key_no_key
from orchestration.landing.ledger import LedgerRow
from orchestration.landing.quarantine import QuarantinedValue
from orchestration.landing.refusals import Refusal
from orchestration.landing.shared_keys import SharedKeys
from orchestration.programme.contract import Extract
from orchestration.runtime.messages import shorten_list
from orchestration.runtime.metadata_tables import show_rows

EVERY_ROW_COUNTS = "every_row_counts"
SHOWN = 5


def specify_deliveries(asset: AssetKey) -> AssetCheckSpec:
    return AssetCheckSpec(
        EVERY_ROW_COUNTS,
        asset=asset,
        blocking=True,
        description="Stops the run: a file that cannot be read, or of which no row can be read, because its data would"
        " be missing from the marts; a file of which a fifth of the rows or more would be replaced by later rows with"
        " the same key. Warns: rows in quarantine, until a corrected file is delivered; fewer replaced rows, unless"
        " `duplicates: last` allows them.",
    )


def check_deliveries(
    asset: AssetKey,
    extract: Extract,
    refusals: Sequence[Refusal],
    quarantined: Mapping[str, int],
    held: Sequence[LedgerRow],
    effects: Mapping[str, Sequence[Effect]],
    new: Sequence[Delivery],
    examples: Iterable[QuarantinedValue],
) -> AssetCheckResult:
    """`quarantined`: rows that are still to be corrected, by file; `held`: all deliveries of the extract, `new`: those
    of this run; `examples` of quarantined values."""
    lost = {row: count for row in held if (count := count_lost(effects.get(row.delivery_id, ())))}
    keys = {delivery.delivery_id: delivery.shared_keys for delivery in new}
    described = {
        row: f"{row.file}: {keys.get(row.delivery_id, SharedKeys(count)).describe(extract, row.rows_kept)}."
        for row, count in lost.items()
    }
    stopping = [row for row, count in lost.items() if is_key_no_key(count, row.rows_kept)]
    problems = [
        *map(str, refusals),
        *describe_unreadable(new, list(examples)),
        *shorten_list([described[row] for row in stopping], SHOWN),
    ]
    warnings = [
        *shorten_list([f"{file}: {rows:,} rows are in quarantine." for file, rows in quarantined.items()], SHOWN),
        *shorten_list(list(described.values()), SHOWN),
    ]
    tables = {
        "refused": [{"file": one.file, "problem": one.message, "remedy": one.remedy} for one in refusals],
        "quarantined": [{"file": file, "rows in quarantine": rows} for file, rows in quarantined.items()],
        "replaced": [{"file": row.file, "rows": row.rows_kept, "replaced": count} for row, count in lost.items()],
    }
    return AssetCheckResult(
        asset_key=asset,
        check_name=EVERY_ROW_COUNTS,
        passed=not problems and not warnings,
        severity=AssetCheckSeverity.ERROR if problems else AssetCheckSeverity.WARN,
        description="\n".join(problems or warnings) or None,
        metadata={
            "rows_in_quarantine": sum(quarantined.values()),
            "rows_replaced": sum(lost.values()),
            **{name: show_rows(rows) for name, rows in tables.items() if rows},
        },
    )


def describe_unreadable(new: Iterable[Delivery], examples: Sequence[QuarantinedValue]) -> Iterator[str]:
    """Each file of which no row could be read, why its first row could not, and what to do."""
    for delivery in new:
        if not delivery.unreadable:
            continue
        message = f"{delivery.file}: none of its {delivery.rows_quarantined:,} rows could be read"
        first = next((one for one in examples if one.file == delivery.file and one.extract == delivery.extract), None)
        if first is not None:
            message += f": {first.header or first.column or 'its first record'} {first.reason} ({first.what_to_do})"
        yield (
            f"{message}. Correct its entry in extracts.yml or the file, or, if nothing in it is to be read, write"
            " allow_empty: true."
        )
