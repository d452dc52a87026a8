"""The ledger as Parquet tables that dbt reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

import duckdb
import pyarrow as pa

from orchestration.landing.effects import Effect, Kind, sum_rows
from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import COLUMNS, find_quarantined_file, join_key
from orchestration.programme.atomic import replace_whole
from orchestration.programme.contract import read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import escape_pattern, quote_literal, quote_name, quote_path

# Columns of deliveries.parquet that add up effects.
_SUMS = {
    "rows_duplicate": Kind.DUPLICATE,
    "rows_replaced": Kind.REPLACED,
    "rows_replaced_in_earlier_files": Kind.REPLACES,
    "values_changed": Kind.CHANGED,
}
_NUMBERS = ("rows_read", "rows_kept", "rows_quarantined", "rows_dropped", "rows_forgotten")


def count_quarantined(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder) -> dict[tuple[str, str], int]:
    """Quarantined rows that are not corrected yet, by extract and file."""
    file = quote_path(folder.raw / "ledger" / "quarantine.parquet")
    rows = f"select distinct extract, file, delivery_id, line, row_key from read_parquet({file})"
    found = connection.execute(f"select extract, file, count(*) from ({rows}) group by all order by all").fetchall()
    return {(extract, file): count for extract, file, count in found}


def write_ledger_tables(
    connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder, ledger: Ledger, labels: Mapping[str, str]
) -> None:
    """Write raw/ledger/deliveries.parquet and quarantine.parquet, also if they are empty. `labels` are what entries are
    called, by entry_id."""
    deliveries = list(ledger.read_deliveries().values())
    connection.register("ledger", _tabulate_deliveries(deliveries, ledger.read_effects(), labels))
    _write(connection, folder, "deliveries", "select * replace (loaded_at::timestamp as loaded_at) from ledger")
    connection.unregister("ledger")

    _tabulate_quarantine(connection, folder, deliveries, _find_corrected(ledger, deliveries))
    _write(connection, folder, "quarantine", f"select {', '.join(map(quote_name, COLUMNS))} from quarantine")


def _tabulate_deliveries(
    deliveries: Sequence[LedgerRow], effects: Mapping[str, Sequence[Effect]], labels: Mapping[str, str]
) -> pa.Table:
    """One row per delivery: its row of the ledger, what its entry is called, sums of its effects, and the list of them
    (kind, rule, rows)."""
    schema = pa.schema(
        [
            *((name, pa.int64() if name in _NUMBERS else pa.string()) for name in LedgerRow.__dataclass_fields__),
            ("entry", pa.string()),
            *((name, pa.int64()) for name in _SUMS),
            ("effects", pa.list_(pa.struct([("kind", pa.string()), ("rule", pa.string()), ("rows", pa.int64())]))),
        ]
    )
    rows = []
    for delivery in deliveries:
        own = effects[delivery.delivery_id]
        sums = {name: sum_rows(own, kind) for name, kind in _SUMS.items()}
        # A run for some extracts leaves deliveries of entries that are gone in the others.
        entry = labels.get(delivery.entry_id, delivery.extract)
        rows.append({**asdict(delivery), "entry": entry, **sums, "effects": [asdict(effect) for effect in own]})
    return pa.Table.from_pylist(rows, schema)


def _find_corrected(ledger: Ledger, deliveries: Sequence[LedgerRow]) -> set[str]:
    """Deliveries whose file has another content now, which was loaded too."""
    now = {file.path: file.sha256 for file in ledger.read_files().values()}
    return {row.delivery_id for row in deliveries if now.get(row.file, row.sha256) != row.sha256}


def _tabulate_quarantine(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    deliveries: Sequence[LedgerRow],
    corrected: Collection[str],
) -> None:
    """Create the table `quarantine`: values that are not corrected yet.

    A row is corrected when another content was delivered under the same path, or a later delivery has a row with its
    key.
    """
    columns = ", ".join(f"{quote_name(name)} {data_type}" for name, data_type in COLUMNS.items())
    connection.execute(f"create or replace temp table quarantine ({columns}, delivery_order varchar)")
    tables = {**read_contract(), **read_formats()}
    for delivery in deliveries:
        if not delivery.rows_quarantined or delivery.delivery_id in corrected:
            continue
        file = quote_path(find_quarantined_file(folder, delivery.extract, delivery.delivery_id))
        order = quote_literal(delivery.delivery_order)
        connection.execute(
            f"insert into quarantine by name select *, {order} as delivery_order from read_parquet({file})"
        )
    for (name,) in connection.execute("select distinct extract from quarantine where row_key is not null").fetchall():
        raw = f"read_parquet({quote_literal(f'{escape_pattern(folder.raw / name)}/*.parquet')})"
        key = join_key(f"raw.{quote_name(column)}" for column in tables[name].key)
        connection.execute(
            f"delete from quarantine using {raw} as raw where extract = {quote_literal(name)}"
            f" and row_key = {key} and raw._delivery_order > quarantine.delivery_order"
        )


def _write(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder, name: str, query: str) -> None:
    with replace_whole(folder.raw / "ledger" / f"{name}.parquet") as temporary:
        connection.execute(f"copy ({query}) to {quote_literal(temporary)} (format parquet)")
