"""XLSX: one sheet, cells as the text that a person would export; read in a process of its own, in bounded memory."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pyarrow.parquet as pq

from orchestration.landing.readers.records import NoRecords, Records, TableRecords
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry

REPOSITORY = Path(__file__).parents[3]
# A full sheet of a million rows and ten columns takes about half of it.
MAX_WORKBOOK_BYTES = 4 * 2**30


def open_xlsx(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one sheet of a workbook, the first unless the entry names another; raises FileRefused if there is none."""
    if path.stat().st_size == 0:
        return NoRecords()
    target = workspace / f"{uuid.uuid4().hex}.parquet"
    most = int(os.environ.get("MAX_WORKBOOK_BYTES", MAX_WORKBOOK_BYTES))
    asked = {
        "path": os.fspath(path),
        "sheet": entry.sheet,
        "skip_rows": entry.skip_rows,
        "decimal": entry.decimal,
        "target": os.fspath(target),
        "memory": most,
    }
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.landing.readers.sheet"],
        cwd=REPOSITORY,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise describe_end(done, most)
    said = json.loads(done.stdout)
    if "refused" in said:
        raise FileRefused(*said["refused"])
    if not said["headers"]:
        return NoRecords()
    table = pq.read_table(target)
    return TableRecords(tuple(said["headers"]), table.drop_columns("line"), table.column("line").to_pylist())


def describe_end(done: subprocess.CompletedProcess, most: int) -> FileRefused:
    """Why the process that read the workbook ended early."""
    last = (done.stderr.strip().splitlines() or [""])[-1]
    remedy = "Save the sheet as CSV, or without empty rows and columns"
    if done.returncode == -signal.SIGXCPU:
        return FileRefused("takes too long to read", remedy)
    if done.returncode < 0 or "MemoryError" in last or "bad_alloc" in last or "ArrowMemory" in last:
        more = ", or set MAX_WORKBOOK_BYTES in the environment"
        return FileRefused(f"needs more memory than {most:,} bytes", remedy + more)
    return FileRefused(f"is not a readable workbook: {last}", "Save it again as .xlsx, without a password")
