"""The line on which each record of a CSV file starts, as an editor counts lines.

DuckDB counts records, and gives the byte offset of its rejects. A cell can contain line ends, and blank lines are not
records, so the file is read once more, but only if a line number is shown to a person.
"""

import csv
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Layout:
    """`kept` are the lines of the accepted records, in order; `rejected` maps a byte offset to a record.

    Lines count from 1 in the text, records from 1 after the header; `starts` are the byte offsets of the lines.
    """

    kept: Sequence[int]
    rejected: Mapping[int, int]
    starts: Sequence[int]

    def find_line(self, offset: int) -> int:
        """The line of a byte offset."""
        return bisect_right(self.starts, offset)


def find_layout(text: TextIO, delimiter: str, columns: int, rejects: Mapping[int, str], offset: int) -> Layout:
    """Read a CSV text from its header on; `rejects` are the raw texts that DuckDB rejected, by byte offset.

    `offset` is the length of the byte order mark, which is not in `text`.
    """
    lines = _LineCounter(text, offset)
    records = csv.reader(lines, delimiter=delimiter, strict=False, skipinitialspace=True)
    kept = array("q")
    rejected: dict[int, int] = {}
    with _any_field_size():
        next(records, None)
        while True:
            line, start = lines.line + 1, lines.offset
            if start in rejects:
                lines.skip(max(1, len(rejects[start].encode("utf-8", "surrogateescape"))))
                rejected[start] = len(kept) + len(rejected) + 1
                continue
            row = next(records, None)
            if row is None:
                return Layout(kept, rejected, lines.starts)
            # A blank line is a record only in a file with one column.
            if row or columns == 1:
                kept.append(line)


class _LineCounter(Iterator[str]):
    """The lines of a text, with the number of lines and bytes so far and the byte offset of each line."""

    def __init__(self, text: TextIO, offset: int):
        self.text = text
        self.line = 0
        self.offset = offset
        self.starts = array("q")

    def __next__(self) -> str:
        line = next(self.text)
        self.line += 1
        self.starts.append(self.offset)
        self.offset += len(line.encode("utf-8", "surrogateescape"))
        return line

    def skip(self, size: int) -> None:
        """Skip the lines of the next `size` bytes."""
        end = self.offset + size
        while self.offset < end and next(self, None) is not None:
            pass


@contextmanager
def _any_field_size() -> Iterator[None]:
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
