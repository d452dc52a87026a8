"""Where each record of a CSV file starts, as an editor counts lines.

DuckDB counts records and says where its rejects start in bytes. A cell may hold line ends and blank lines are no
records, so the file is walked once more, and only when something in it has to be shown to a person.
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
    """`kept` are the lines of the records that were read, in order; `rejected` from byte offset to record.

    Lines count from 1 in the walked text, records from 1 after the header; `starts` are byte offsets of the lines.
    """

    kept: Sequence[int]
    rejected: Mapping[int, int]
    starts: Sequence[int]

    def find_line(self, offset: int) -> int:
        """The line that holds a byte."""
        return bisect_right(self.starts, offset)


def find_layout(text: TextIO, delimiter: str, columns: int, rejects: Mapping[int, str], offset: int) -> Layout:
    """Walk a CSV text from its header; `rejects` are the raw texts that DuckDB refused, by byte offset.

    `offset` is the length of the byte order mark that `text` does not show.
    """
    walk = _Walk(text, offset)
    records = csv.reader(walk, delimiter=delimiter, strict=False, skipinitialspace=True)
    kept = array("q")
    rejected: dict[int, int] = {}
    with _any_field_size():
        next(records, None)
        while True:
            line, start = walk.line + 1, walk.offset
            if start in rejects:
                walk.skip(max(1, len(rejects[start].encode("utf-8", "surrogateescape"))))
                rejected[start] = len(kept) + len(rejected) + 1
                continue
            row = next(records, None)
            if row is None:
                return Layout(kept, rejected, walk.starts)
            # A blank line is a record only where a record is a single cell.
            if row or columns == 1:
                kept.append(line)


class _Walk(Iterator[str]):
    """Lines of a text, with how many lines and bytes were given so far, and where each line started."""

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
        """Pass over the lines that hold the next `size` bytes."""
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
