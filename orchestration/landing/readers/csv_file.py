"""CSV and TSV, plain or gzipped: read strictly by DuckDB, after the header is checked here.

DuckDB loads a reordered header silently by position and guesses quotes and delimiters; so the header is read here, and
every option is given.
"""

import csv
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TextIO

import duckdb

from orchestration.landing.content import check_column_count, is_gzipped, open_content
from orchestration.landing.readers.lines import Layout, find_layout
from orchestration.landing.readers.records import NO_RECORDS, Records, Reject, Selection, Staged
from orchestration.landing.readers.text import find_encoding, open_text, refuse_encoding
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry
from orchestration.programme.sql import quote_literal, quote_path
from orchestration.runtime.redaction import redact_values

_OTHER_DELIMITERS = {";": "';'", "\t": "'\\t'", "|": "'|'", ",": "','"}

_REMEDIES = {
    "MISSING COLUMNS": "add the cells that are missing, or export it again",
    "TOO MANY COLUMNS": "put quotes around a cell that contains the delimiter, or declare delimiter: in extracts.yml",
    "UNQUOTED VALUE": "close the quote, and double a quote inside a quoted cell",
    "LINE SIZE OVER MAXIMUM": "look for a quote that is never closed, or shorten the cell",
    "INVALID ENCODING": "declare encoding: in extracts.yml, often windows-1252",
}


def open_csv(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one CSV or TSV file. Raises FileRefused for another delimiter or encoding than the entry declares.

    Temporary copies go to `workspace`.
    """
    delimiter = entry.delimiter or ("\t" if ".tsv" in (suffix.lower() for suffix in path.suffixes[-2:]) else ",")
    encoding = find_encoding(path, entry.encoding)
    try:
        with open_text(path, encoding) as text:
            lines_before, first = _find_header(text, entry.skip_rows, entry.comment)
            if first is None:
                return NO_RECORDS
            body = chain([first], text)
            source = path
            if encoding != "utf-8" or lines_before:
                source = workspace / f"{uuid.uuid4().hex}.csv"
                _write_lines(source, body)
    except UnicodeError as error:
        raise refuse_encoding(encoding, error) from error
    try:
        with open_text(source, "utf-8") as text:
            headers = tuple(cell.strip() for cell in next(csv.reader(text, delimiter=delimiter)))
    except csv.Error as error:
        raise FileRefused(
            f"has a header that cannot be read: {error}", "Look for a quote that is not closed"
        ) from error
    check_column_count(len(headers))
    _check_delimiter(headers, delimiter)
    return CsvRecords(headers, source, delimiter, lines_before, workspace)


def _find_header(text: TextIO, skip_rows: int, comment: str | None) -> tuple[int, str | None]:
    """The number of lines before the header, and the header's first line."""
    lines_before = 0
    for line in text:
        is_header = line.strip("\r\n") and not (comment and line.startswith(comment))
        if lines_before >= skip_rows and is_header:
            return lines_before, line
        lines_before += 1
    return lines_before, None


def _write_lines(target: Path, lines: Iterator[str]) -> None:
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy:
        copy.writelines(lines)


def _check_delimiter(headers: tuple[str, ...], delimiter: str) -> None:
    if len(headers) > 1:
        return
    for other, shown in _OTHER_DELIMITERS.items():
        if other != delimiter and other in headers[0]:
            message = f"has a header without {_OTHER_DELIMITERS.get(delimiter, delimiter)} but with {shown}"
            raise FileRefused(message, f"Declare delimiter: {shown} in its entry of extracts.yml")


@dataclass(frozen=True)
class CsvRecords:
    """`source` is UTF-8 text that starts with the header; the delivered file has `lines_before` lines before it."""

    headers: tuple[str, ...]
    source: Path
    delimiter: str
    lines_before: int
    workspace: Path
    has_one_line_end: bool = False
    numbers: frozenset[int] = frozenset()

    def stage(self, connection: duckdb.DuckDBPyConnection, selection: Selection, target: Path) -> Staged:
        suffix = uuid.uuid4().hex
        tables = {"rejects_table": f"rejects_{suffix}", "rejects_scan": f"scans_{suffix}"}
        selected = selection.express({position: f"c{position}" for position in range(len(self.headers))})
        try:
            query = f"select {selected} from {self._describe_scan(tables)}"
            [(rows,)] = connection.execute(f"copy ({query}) to {quote_literal(target)} (format parquet)").fetchall()
        except duckdb.InvalidInputException as error:
            if self.has_one_line_end:
                raise FileRefused(
                    f"cannot be read as CSV: {redact_values(str(error)).splitlines()[0]}",
                    "Export it again as CSV in UTF-8",
                ) from error
            # In strict mode DuckDB does not read a file with mixed line ends, such as two files that were joined.
            return self._unify_line_ends().stage(connection, selection, target)
        found = connection.execute(
            "select line_byte_position, any_value(csv_line), any_value(error_type), any_value(error_message) "
            f"from {tables['rejects_table']} group by all order by 1"
        ).fetchall()
        for table in tables.values():
            connection.execute(f"drop table {table}")
        return self._describe_staged(rows, found)

    def _describe_scan(self, tables: dict[str, str]) -> str:
        columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(self.headers)))
        options = {
            "columns": f"{{{columns}}}",
            "auto_detect": "false",
            "header": "true",
            "delim": quote_literal(self.delimiter),
            "quote": "'\"'",
            "escape": "'\"'",
            "compression": "'gzip'" if is_gzipped(self.source) else "'none'",
            "strict_mode": "true",
            "store_rejects": "true",
            "rejects_limit": "0",
            **{name: quote_literal(table) for name, table in tables.items()},
        }
        return f"read_csv({quote_path(self.source)}, {', '.join(map(' = '.join, options.items()))})"

    def _unify_line_ends(self) -> "CsvRecords":
        copy = self.workspace / f"{uuid.uuid4().hex}.csv"
        with open_text(self.source, "utf-8") as text:
            _write_lines(copy, (line.rstrip("\r\n") + "\n" for line in text))
        return replace(self, source=copy, has_one_line_end=True)

    def _describe_staged(self, rows: int, found: list[tuple[int, str, str, str]]) -> Staged:
        by_offset = {}
        for position, text, kind, message in found:
            # DuckDB counts bytes from 1, and includes blank lines before a reject.
            blank = len(text) - len(text.lstrip("\r\n"))
            by_offset[position - 1 + blank] = (text.lstrip("\r\n"), kind, message)

        @cache
        def read_layout() -> Layout:
            return self._find_layout({offset: text for offset, (text, _, _) in by_offset.items()})

        rejects = tuple(
            Reject(
                record=read_layout().rejected.get(offset),
                line=read_layout().find_line(offset) + self.lines_before,
                value=text,
                reason=f"cannot be read: {message}",
                remedy=_REMEDIES.get(kind, "export it again as CSV in UTF-8"),
            )
            for offset, (text, kind, message) in by_offset.items()
        )

        def find_lines(positions: Sequence[int]) -> list[int | None]:
            kept = read_layout().kept
            if len(kept) != rows:
                # Where the two parsers disagree about the records, no line is better than a wrong one.
                return [None] * len(positions)
            return [kept[position] + self.lines_before for position in positions]

        return Staged(rows, rejects, find_lines, self._lacks_final_newline())

    def _lacks_final_newline(self) -> bool:
        """Whether the file may have been cut. A gzip cannot: it is complete or refused."""
        if is_gzipped(self.source):
            return False
        with self.source.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) not in b"\r\n"

    def _find_layout(self, rejects: dict[int, str]) -> Layout:
        with open_content(self.source) as file:
            mark = 3 if file.read(3) == b"\xef\xbb\xbf" else 0
        with open_text(self.source, "utf-8") as text:
            return find_layout(text, self.delimiter, len(self.headers), rejects, mark)
