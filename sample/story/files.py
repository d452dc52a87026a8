"""Writes an export in each format, byte-identical on every run."""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def write_csv(path: Path, rows: Iterable[dict], delimiter: str = ",", encoding: str = "utf-8") -> None:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue(), encoding)


def write_json(path: Path, rows: Iterable[dict]) -> None:
    write_text(path, json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n")


def write_json_lines(path: Path, rows: Iterable[dict]) -> None:
    """Compressed if the name ends in .gz: without file name and time in the gzip header."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix != ".gz":
        return write_text(path, text)
    zipped = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, zipped, mtime=0) as file:
        file.write(text.encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped.getvalue())


def write_parquet(path: Path, rows: Iterable[dict], schema: pa.Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path, compression="zstd")


def write_xlsx(path: Path, sheets: dict[str, list[list]]) -> None:
    """Rewritten without times and compression, which would differ between runs or machines."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?", b"2026-07-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, datetime(2026, 7, 1).timetuple()[:6]), content)


def find_line(path: Path, text: str) -> int:
    """The physical line (the header is 1) of the only occurrence of `text` in the file."""
    before, found, after = path.read_text(encoding="utf-8").partition(text)
    assert found and text not in after, f"{text!r} must occur exactly once in {path}"
    return before.count("\n") + 1
