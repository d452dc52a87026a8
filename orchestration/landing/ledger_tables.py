"""The ledger as Parquet tables that dbt reads."""

import duckdb
import pyarrow as pa

from orchestration.landing.ledger import Ledger, LedgerRow
from orchestration.landing.quarantine import COLUMNS, find_quarantined_file
from orchestration.landing.sql import quote_literal, quote_path
from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder

_NUMBERS = ("rows_read", "rows_kept", "rows_quarantined", "rows_dropped")


def write_ledger_tables(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder, ledger: Ledger) -> None:
    """Write raw/ledger/deliveries.parquet and quarantine.parquet whole, also when they are empty."""
    deliveries = list(ledger.read_deliveries().values())
    names = list(LedgerRow.__dataclass_fields__)
    connection.register(
        "ledger",
        pa.table(
            {
                name: pa.array(
                    [getattr(delivery, name) for delivery in deliveries],
                    pa.int64() if name in _NUMBERS else pa.string(),
                )
                for name in names
            }
        ),
    )
    _write(connection, folder, "deliveries", "select * replace (loaded_at::timestamp as loaded_at) from ledger")
    connection.unregister("ledger")

    files = [
        quote_path(find_quarantined_file(folder, delivery.extract, delivery.delivery_id))
        for delivery in deliveries
        if delivery.rows_quarantined
    ]
    empty = ", ".join(f'null::{data_type} as "{name}"' for name, data_type in COLUMNS.items())
    query = f"select {empty} where false"
    if files:
        query += f" union all by name select * from read_parquet([{', '.join(files)}])"
    _write(connection, folder, "quarantine", query)


def _write(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder, name: str, query: str) -> None:
    with replace_whole(folder.raw / "ledger" / f"{name}.parquet") as temporary:
        connection.execute(f"copy ({query}) to {quote_literal(temporary)} (format parquet)")
