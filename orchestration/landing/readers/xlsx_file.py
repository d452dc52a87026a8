"""XLSX: one sheet, cells as a spreadsheet program would export them; read in a separate process with limited memory."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.landing.content import read_limit
from orchestration.landing.readers.records import NO_RECORDS, Records, TableRecords
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry
from orchestration.programme.repository import REPOSITORY


def open_xlsx(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one sheet of a workbook, the first unless the entry names another. Raises FileRefused if there is none."""
    if path.stat().st_size == 0:
        return NO_RECORDS
    target = workspace / f"{uuid.uuid4().hex}.parquet"
    answer = _ask_reader(
        path=os.fspath(path),
        sheet=entry.sheet,
        skip_rows=entry.skip_rows,
        decimal=entry.decimal,
        target=os.fspath(target),
    )
    if not answer["headers"]:
        return NO_RECORDS
    table = pq.read_table(target)
    return TableRecords(
        tuple(answer["headers"]),
        table.drop_columns("line"),
        table.column("line").to_pylist(),
        numbers=frozenset(answer["numbers"]),
    )


def read_first_rows(path: Path, count: int) -> dict[str, list[tuple[int, list[str]]]]:
    """By sheet, the number and the cells of each of the first `count` rows that is not empty.

    Raises FileRefused if the workbook cannot be read.
    """
    sheets = _ask_reader(path=os.fspath(path), first_rows=count)["sheets"]
    return {name: [(number, cells) for number, cells in rows] for name, rows in sheets.items()}


def _ask_reader(**request: Any) -> dict[str, Any]:
    """The answer of the process that reads workbooks. Raises FileRefused if it refuses or fails."""
    memory = read_limit("MAX_WORKBOOK_BYTES")
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.landing.readers.sheet"],
        cwd=REPOSITORY,
        input=json.dumps({**request, "memory": memory}),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise explain_failure(done, memory)
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise FileRefused(*answer["refused"])
    return answer


def explain_failure(done: subprocess.CompletedProcess[str], memory: int) -> FileRefused:
    """Why the process that read the workbook failed."""
    last = (done.stderr.strip().splitlines() or [""])[-1]
    remedy = "Save the sheet as CSV, or without empty rows and columns"
    if done.returncode == -signal.SIGXCPU:
        return FileRefused("takes too long to read", remedy)
    if done.returncode < 0 or "MemoryError" in last or "bad_alloc" in last or "ArrowMemory" in last:
        more = ", or set MAX_WORKBOOK_BYTES in the environment"
        return FileRefused(f"needs more memory than {memory:,} bytes", remedy + more)
    return FileRefused(f"is not a readable workbook: {last}", "Save it again as .xlsx, without a password")
