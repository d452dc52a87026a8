"""The first rows of a table as a file, for `make onboard FROM=… TABLE=…`."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.landing.pulling.databases import iterate_rows
from orchestration.landing.pulling.tables import ParquetSink
from orchestration.programme.connections import FilledConnection
from orchestration.programme.extracts import Entry

ROWS = 20_000
# What tables call the time of their last change, best first.
_CURSORS = (
    *("updated_at", "modified_at", "last_modified_at", "last_updated_at", "updated", "last_modified", "modified"),
    *("date_modified", "last_modified_date", "_fivetran_synced", "_airbyte_extracted_at", "_sdc_extracted_at"),
)


def sample_table(connection: FilledConnection, table: str, folder: Path) -> tuple[Path, str | None]:
    """Write up to ROWS rows of a table to a file in `folder`; returns it, and the column that looks like a cursor.

    Raises PullFailed.
    """
    entry = Entry.model_construct(source=connection.name, table=table, time_limit=5, name=table)
    workspace = folder / "parts"
    workspace.mkdir()
    sink = ParquetSink(workspace)
    for rows in iterate_rows(connection, entry, None):
        sink.write(rows)
        if sink.rows >= ROWS:
            break
    file = folder / f"{table.rpartition('.')[2]}.parquet"
    sink.finish(file)
    return file, find_cursor(pq.read_schema(file))


def find_cursor(schema: pa.Schema) -> str | None:
    """The time column that is called like the time of the last change; None if there is none."""
    times = {field.name.lower(): field.name for field in schema if pa.types.is_timestamp(field.type)}
    return next((times[name] for name in _CURSORS if name in times), None)
