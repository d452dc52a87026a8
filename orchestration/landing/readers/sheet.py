"""Reads one sheet of a workbook in a separate process, because 1 KB of workbook can take any amount of memory.

    echo '{"path": …, "sheet": …, "skip_rows": …, "decimal": …, "target": …, "memory": …}' | python -m …readers.sheet

writes the sheet's records to the Parquet file `target`: texts c0, c1, …, and `line`, the row of the sheet. It prints
{"headers": […], "numbers": [positions of headers with number cells only]} or {"refused": [message, remedy]}. With
`first_rows` instead of a target it prints {"sheets": {name: [[row of the sheet, [cells]], …]}}.
"""

import json
import resource
import sys
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from orchestration.landing.readers.numbers import write_number
from orchestration.landing.reading.empty_words import EMPTY_WORDS
from orchestration.landing.refusals import FileRefused

MOST_SECONDS = 600


def main() -> None:
    request = json.load(sys.stdin)
    memory = request.pop("memory")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: dict[str, Any]
    try:
        if "first_rows" in request:
            answer = {"sheets": read_first_rows(**request)}
        else:
            headers, numbers = read_sheet(**request)
            answer = {"headers": headers, "numbers": numbers}
    except FileRefused as refused:
        answer = {"refused": [refused.message, refused.remedy]}
    json.dump(answer, sys.stdout)


def read_sheet(
    path: str, sheet: str | int | None, skip_rows: int, decimal: str | None, target: str
) -> tuple[list[str], list[int]]:
    """The headers of the sheet, none if it is empty, and the positions of those with number cells only.

    Raises FileRefused if the sheet cannot be read.
    """
    try:
        workbook = CalamineWorkbook.from_path(path)
        name = find_sheet(workbook.sheet_names, sheet)
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise refuse_workbook(error) from error
    numbered = [
        (number, row)
        for number, row in enumerate(rows, start=1)
        if number > skip_rows and any(cell not in ("", None) for cell in row)
    ]
    if not numbered:
        return [], []
    (_, header), *records = numbered
    headers = [write_cell(cell, None) or "" for cell in header]
    width = max((position + 1 for position, name in enumerate(headers) if name.strip()), default=0)
    columns = {
        f"c{position}": pa.array([write_cell(row[position], decimal) for _, row in records], pa.string())
        for position in range(width)
    }
    pq.write_table(pa.table({**columns, "line": pa.array([number for number, _ in records], pa.int64())}), target)
    texts = {position for _, row in records for position, cell in enumerate(row) if _is_text(cell)}
    return [name.strip() for name in headers[:width]], [place for place in range(width) if place not in texts]


def _is_text(cell: Any) -> bool:
    """Whether a cell holds something that is no number."""
    return isinstance(cell, bool) or (not isinstance(cell, int | float) and cell not in ("", None, *EMPTY_WORDS))


def read_first_rows(path: str, first_rows: int) -> dict[str, list[tuple[int, list[str]]]]:
    """By sheet, the numbers and cells of the first rows that are not empty. Raises FileRefused if it cannot be read."""
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=first_rows)
            for name in workbook.sheet_names
        }
    except CalamineError as error:
        raise refuse_workbook(error) from error
    return {
        name: [
            (number, [write_cell(cell, None) or "" for cell in row])
            for number, row in enumerate(rows, start=1)
            if any(cell not in ("", None) for cell in row)
        ]
        for name, rows in sheets.items()
    }


def refuse_workbook(error: Exception) -> FileRefused:
    return FileRefused(f"is not a readable workbook: {error}", "Save it again as .xlsx, without a password")


def find_sheet(names: list[str], wanted: str | int | None) -> str:
    if wanted is None and names:
        return names[0]
    if isinstance(wanted, int) and wanted <= len(names):
        return names[wanted - 1]
    if wanted in names:
        return str(wanted)
    raise FileRefused(f"has no sheet {wanted!r}, but {', '.join(names) or 'none'}", "Correct sheet: in extracts.yml")


def write_cell(cell: Any, decimal: str | None) -> str | None:
    """A cell as a spreadsheet program would export it."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        # Excel keeps 15 digits: a longer number is rounded already, and is written so that it is no id.
        text = str(int(cell)) if cell.is_integer() and abs(cell) < 10**15 else repr(cell)
        text = f"{cell:.14e}" if abs(cell) >= 10**15 else text
        return write_number(text, decimal)
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    main()
