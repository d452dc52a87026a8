"""A warehouse that cannot be read is thrown away: everything in it is built from raw, so the same night makes it anew.

DuckDB keeps a checksum of each block and looks at it when it reads the block. So every table is read once before
anything relies on it, unless the file is as the last whole run left it. (What a disk loses by itself is then met by
whoever reads the block; that run fails, everything is read, and the night begins again.)
"""

import re
from pathlib import Path

import duckdb

from orchestration.connections import connect
from orchestration.file_state import describe_state
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.warehouse import drop_warehouse, warehouse_file

# The file may be as it should be, and only be out of reach for now.
OUT_OF_REACH = re.compile(
    r"set lock|permission denied|no space left|read-only file system|too many open|input/output error", re.IGNORECASE
)


def drop_damaged(folder: ProgrammeFolder) -> bool:
    """Drop the warehouse if a part of it cannot be read, and say so; gives whether it did. Raises duckdb.Error where
    the disk, the rights or another process are to blame."""
    left = take_left(folder)
    if not warehouse_file(folder).exists() or left == describe_state(warehouse_file(folder)).encode():
        return False
    try:
        read_all(folder)
        return False
    except duckdb.Error as error:
        if OUT_OF_REACH.search(str(error)):
            raise
        log.warning(
            "%s cannot be read, so it is built anew from raw (%s)", warehouse_file(folder), str(error).splitlines()[0]
        )
        drop_warehouse(folder)
        return True


def remember_left(folder: ProgrammeFolder) -> None:
    """To be called when a run has come to its end and writes to the warehouse no more."""
    state_file(folder).write_text(describe_state(warehouse_file(folder)))


def take_left(folder: ProgrammeFolder) -> bytes | None:
    """What the last run remembered, if it came to its end; once, so that a run that breaks off leaves nothing. As
    bytes, because any other content only means that the warehouse has to be read."""
    file = state_file(folder)
    left = file.read_bytes() if file.exists() else None
    file.unlink(missing_ok=True)
    return left


def state_file(folder: ProgrammeFolder) -> Path:
    return warehouse_file(folder).with_suffix(".left")


def read_all(folder: ProgrammeFolder) -> None:
    with connect(database=warehouse_file(folder), read_only=True) as warehouse:
        for (table,) in warehouse.execute(
            'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_tables()'
        ).fetchall():
            warehouse.execute(f"select bit_xor(hash(t)) from {table} as t").fetchall()
