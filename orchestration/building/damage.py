"""A warehouse that cannot be read is thrown away: everything in it is built from raw, so the same night makes it anew.

DuckDB keeps a checksum of each block and looks at it when it reads the block, so every table is read once a night
before anything relies on it; that takes a small part of what publishing the marts takes.
"""

import re

import duckdb

from orchestration.connections import connect
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.warehouse import drop_warehouse, warehouse_file

# The file may be as it should be, and only be out of reach for now.
OUT_OF_REACH = re.compile(
    r"set lock|permission denied|no space left|read-only file system|too many open|input/output error", re.IGNORECASE
)


def drop_damaged(folder: ProgrammeFolder) -> None:
    """Drop the warehouse if a part of it cannot be read, and say so. Raises duckdb.Error where the disk, the rights or
    another process are to blame."""
    if not warehouse_file(folder).exists():
        return
    try:
        read_all(folder)
    except duckdb.Error as error:
        if OUT_OF_REACH.search(str(error)):
            raise
        log.warning(
            "%s cannot be read, so it is built anew from raw (%s)", warehouse_file(folder), str(error).splitlines()[0]
        )
        drop_warehouse(folder)


def read_all(folder: ProgrammeFolder) -> None:
    with connect(database=warehouse_file(folder), read_only=True) as warehouse:
        for (table,) in warehouse.execute(
            'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_tables()'
        ).fetchall():
            warehouse.execute(f"select bit_xor(hash(t)) from {table} as t").fetchall()
