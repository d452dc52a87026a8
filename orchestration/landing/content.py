"""The unpacked bytes of a delivered file: reading, hashing, and limits on their size."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from orchestration.landing.refusals import FileRefused

# Defaults; an environment variable of the same name replaces each.
LIMITS = {
    # A gzip of 2 MB can hold half a billion rows; no marketing export comes near these two.
    "MAX_UNPACKED_BYTES": 50 * 2**30,
    "MAX_UNPACKED_LINES": 10**9,
    # One line of a text file, and a whole JSON array, are held in memory.
    "MAX_LINE_BYTES": 16 * 2**20,
    "MAX_JSON_BYTES": 2**29,
    "MAX_COLUMNS": 20_000,
    # Memory for reading a workbook. A sheet of a million rows and ten columns takes about half of it.
    "MAX_WORKBOOK_BYTES": 4 * 2**30,
}
_READ_BY_LINE = (".csv", ".tsv", ".jsonl", ".ndjson")
_CHUNK = 2**20


def read_limit(name: str) -> int:
    return int(os.environ.get(name, LIMITS[name]))


def check_limit(name: str, found: int, unit: str, remedy: str) -> None:
    """Raises FileRefused if `found` is above the limit `name`."""
    limit = read_limit(name)
    if found > limit:
        raise FileRefused(f"has more than {limit:,} {unit}", f"{remedy}, or set {name} in the environment")


def check_column_count(count: int) -> None:
    """Raises FileRefused for too many columns."""
    check_limit("MAX_COLUMNS", count, "columns", "Export fewer")


def check_row_count(count: int, unit: str = "rows") -> None:
    """Raises FileRefused for too many rows or lines."""
    check_limit("MAX_UNPACKED_LINES", count, unit, "Split it into smaller files")


def is_gzipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def open_content(path: Path) -> gzip.GzipFile | BufferedReader:
    """The file as bytes, unpacked if its name ends in .gz."""
    return gzip.open(path, "rb") if is_gzipped(path) else path.open("rb")


def iterate_content(path: Path) -> Iterator[bytes]:
    """The unpacked bytes in chunks. Raises FileRefused for an incomplete gzip and for a file above a limit."""
    size = lines = line = 0
    name = path.name.lower().removesuffix(".gz")
    limit = "MAX_JSON_BYTES" if name.endswith(".json") else "MAX_UNPACKED_BYTES"
    try:
        with open_content(path) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                check_limit(limit, size, "bytes", "Split it into smaller files")
                if is_gzipped(path):
                    lines += chunk.count(b"\n")
                    check_row_count(lines, "lines")
                if name.endswith(_READ_BY_LINE):
                    line = measure_line(chunk, line)
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise refuse_gzip(error) from error


def refuse_gzip(error: Exception) -> FileRefused:
    return FileRefused(f"is not a complete gzip file: {error}", "Copy or export it again")


def measure_line(chunk: bytes, before: int) -> int:
    """Length of the unfinished line at the end of a chunk, if `before` bytes of the chunk's first line came earlier.

    Raises FileRefused for a line that is too long.
    """
    ends = [position for end in (b"\n", b"\r") if (position := chunk.find(end)) >= 0]
    # A line inside a chunk cannot be too long: a chunk is smaller than the limit.
    length = before + min(ends, default=len(chunk))
    check_limit("MAX_LINE_BYTES", length, "bytes in one line", "Look for a quote that is never closed")
    last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    return length if last < 0 else len(chunk) - last - 1


def hash_file(path: Path) -> str:
    """SHA-256 of a file as it is on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_content(path: Path) -> str:
    """SHA-256 of the unpacked bytes: a file that is compressed again keeps its hash."""
    digest = hashlib.sha256()
    for chunk in iterate_content(path):
        digest.update(chunk)
    return digest.hexdigest()
