"""XLSX: one sheet, cells as the text that a person would export."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from orchestration.landing.readers.records import NoRecords, Records, TableRecords, write_number
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry


def open_xlsx(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one sheet of a workbook, the first unless the entry names another; raises FileRefused if there is none."""
    if path.stat().st_size == 0:
        return NoRecords()
    try:
        workbook = CalamineWorkbook.from_path(path)
        name = _find_sheet(workbook.sheet_names, entry.sheet)
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise FileRefused(
            f"is not a readable workbook: {error}", "Save it again as .xlsx, without a password"
        ) from error
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if number > entry.skip_rows and _has_any(row)]
    if not numbered:
        return NoRecords()
    (_, header), *records = numbered
    headers = [_write(cell, None) or "" for cell in header]
    width = max((position + 1 for position, name in enumerate(headers) if name.strip()), default=0)
    columns = [
        pa.array([_write(row[position], entry.decimal) for _, row in records], pa.string()) for position in range(width)
    ]
    table = pa.table(columns, names=[f"c{position}" for position in range(width)])
    return TableRecords(tuple(name.strip() for name in headers[:width]), table, [number for number, _ in records])


def _find_sheet(names: list[str], wanted: str | int | None) -> str:
    if wanted is None and names:
        return names[0]
    if isinstance(wanted, int) and wanted <= len(names):
        return names[wanted - 1]
    if wanted in names:
        return str(wanted)
    raise FileRefused(f"has no sheet {wanted!r}, but {', '.join(names) or 'none'}", "Correct sheet: in extracts.yml")


def _has_any(row: list[Any]) -> bool:
    return any(cell != "" and cell is not None for cell in row)


def _write(cell: Any, decimal: str | None) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        # Excel keeps 15 digits: a longer number is rounded already, and is shown as what it is.
        text = str(int(cell)) if cell.is_integer() and abs(cell) < 10**15 else repr(cell)
        return write_number(text, decimal)
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return str(cell)
