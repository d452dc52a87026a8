"""How a new file is to be read: its delimiter, its sheet, and the row of its header."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from orchestration.landing.readers.text import find_encoding, open_text
from orchestration.landing.readers.xlsx_file import read_first_rows
from orchestration.landing.refusals import FileRefused

DELIMITERS = (",", ";", "\t", "|")
# Title rows are few, and the widths of these rows show which one is the header.
FIRST_ROWS = 50
# Title rows have few cells: a header has at least this share of the widest row's.
HEADER_WIDTH = 0.6

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Layout:
    """`options` are the entry's options that the file needs; `notes` are sentences that say what was found."""

    options: Mapping[str, str | int]
    notes: tuple[str, ...] = ()


def find_layout(file: Path, given: Mapping[str, str | int]) -> Layout:
    """The options for reading a file; `given` are those that a person chose. Raises FileRefused if it is unreadable."""
    name = file.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".tsv")):
        return _find_text_layout(file, given)
    if name.endswith((".xlsx", ".xls")) and file.stat().st_size:
        return _find_sheet_layout(file, given)
    return Layout(given)


def _find_text_layout(file: Path, given: Mapping[str, str | int]) -> Layout:
    declared = given.get("encoding")
    try:
        encoding = find_encoding(file, str(declared) if declared else None)
        with open_text(file, encoding) as text:
            lines = list(islice(text, FIRST_ROWS))
    except UnicodeError as error:
        raise FileRefused(f"is not {declared} text: {error}", "Give another ENCODING=") from error
    except FileRefused as refused:
        if "UTF-8" in refused.message:
            raise FileRefused(refused.message, "Give ENCODING=, often ENCODING=windows-1252") from refused
        raise
    default = "\t" if ".tsv" in file.name.lower() else ","
    choices = [str(given["delimiter"])] if "delimiter" in given else list(dict.fromkeys((default, *DELIMITERS)))
    skipped = int(given.get("skip_rows", 0))
    headers: dict[str, Row] = {}
    for delimiter in choices:
        rows = [row for row in _split_lines(lines, delimiter) if row[0] > skipped]
        if rows:
            headers[delimiter] = rows[0] if "skip_rows" in given else find_header(rows)
    if not headers:
        return Layout(given)
    delimiter = max(headers, key=lambda choice: count_cells(headers[choice]))
    options = dict(given)
    if delimiter != default:
        options["delimiter"] = delimiter
    first = next(number for number, _ in _split_lines(lines, delimiter))
    return _describe_header(options, given, first, headers[delimiter])


def _find_sheet_layout(file: Path, given: Mapping[str, str | int]) -> Layout:
    sheets = read_first_rows(file, FIRST_ROWS)
    names = list(sheets)
    tables = [name for name, rows in sheets.items() if len(rows) > 1 and count_cells(find_header(rows)) > 1]
    wanted = given.get("sheet", next(iter(tables), 1))
    name = names[wanted - 1] if isinstance(wanted, int) and 0 < wanted <= len(names) else str(wanted)
    if name not in sheets:
        shown = ", ".join(names)
        raise FileRefused(f"has no sheet {wanted!r}; its sheets are {shown}", "Give SHEET= with one of them")
    options = dict(given)
    notes: list[str] = []
    if len(names) > 1:
        notes.append(f"The workbook has the sheets {', '.join(names)}; this is {name}. For another one give SHEET=.")
        if name != names[0]:
            options.setdefault("sheet", name)
    rows = sheets[name]
    if not rows:
        return Layout(options, tuple(notes))
    found = _describe_header(options, given, rows[0][0], find_header(rows))
    return Layout(found.options, (*notes, *found.notes))


def _describe_header(options: dict[str, str | int], given: Mapping[str, str | int], first: int, header: Row) -> Layout:
    number, cells = header
    if "skip_rows" in given or number == first:
        return Layout(options)
    options["skip_rows"] = number - 1
    shown = ", ".join(cell.strip() for cell in cells[:4])
    rows = "row 1 is a title" if number == 2 else f"rows 1 to {number - 1} are not the table"
    return Layout(
        options, (f"{rows.capitalize()}: row {number} looks like the header: SKIP_ROWS={number - 1} ({shown}, …).",)
    )


def _split_lines(lines: Sequence[str], delimiter: str) -> list[Row]:
    """The rows that are not empty, each with the line on which it starts."""
    rows: list[Row] = []
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error:
        # A quote that is never closed; the reader of the file says where.
        return rows
    return rows


def find_header(rows: Sequence[Row]) -> Row:
    """The first row that is about as wide as the widest and holds names, not numbers; else the first row."""
    widest = max(map(count_cells, rows))
    for row in rows:
        if count_cells(row) >= max(2, HEADER_WIDTH * widest) and _holds_names(row[1]):
            return row
    return rows[0]


def count_cells(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row[1])


def _holds_names(cells: Sequence[str]) -> bool:
    names = [cell.strip() for cell in cells if cell.strip()]
    return len(set(names)) == len(names) and not any(
        name[0].isdigit() and not any(map(str.isalpha, name)) for name in names
    )
