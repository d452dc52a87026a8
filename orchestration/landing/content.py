"""The bytes of a delivered file, unpacked."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from orchestration.landing.refusals import FileRefused

# A gzip of 2 MB can hold half a billion rows; nothing that a marketing team exports comes near these.
MAX_UNPACKED_BYTES = int(os.environ.get("MAX_UNPACKED_BYTES", 50 * 2**30))
MAX_UNPACKED_LINES = int(os.environ.get("MAX_UNPACKED_LINES", 10**9))
# Of text that is read by line; a line is held in the memory. A JSON array is held whole.
MAX_LINE_BYTES = int(os.environ.get("MAX_LINE_BYTES", 16 * 2**20))
MAX_JSON_BYTES = int(os.environ.get("MAX_JSON_BYTES", 2**29))
MAX_COLUMNS = int(os.environ.get("MAX_COLUMNS", 20_000))
_BY_LINE = (".csv", ".tsv", ".jsonl", ".ndjson")
_CHUNK = 2**20


def is_gzipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def open_content(path: Path) -> BinaryIO:
    """The file as bytes, unpacked if its name ends in .gz."""
    return gzip.open(path, "rb") if is_gzipped(path) else path.open("rb")


def iterate_content(path: Path) -> Iterator[bytes]:
    """The unpacked bytes in pieces; raises FileRefused for a broken or a monstrous gzip."""
    unpacked = lines = line = 0
    name = path.name.lower().removesuffix(".gz")
    most_bytes = MAX_JSON_BYTES if name.endswith(".json") else MAX_UNPACKED_BYTES
    limit = "MAX_JSON_BYTES" if name.endswith(".json") else "MAX_UNPACKED_BYTES"
    try:
        with open_content(path) as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                lines += chunk.count(b"\n") if is_gzipped(path) else 0
                if name.endswith(_BY_LINE):
                    line = measure_line(chunk, line)
                for found, most, what, variable in (
                    (unpacked, most_bytes, "bytes", limit),
                    (lines, MAX_UNPACKED_LINES, "lines", "MAX_UNPACKED_LINES"),
                ):
                    if found > most:
                        remedy = f"Split it into smaller files, or set {variable} in the environment"
                        raise FileRefused(f"holds more than {most:,} {what}", remedy)
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused(f"is not a whole gzip file: {error}", "Copy or export it again") from error


def measure_line(chunk: bytes, before: int) -> int:
    """Length of the line that a chunk leaves open, `before` of which came earlier. Raises FileRefused for one that is
    too long."""
    first, last = find_line_end(chunk, bytes.find), find_line_end(chunk, bytes.rfind)
    # No line within a chunk can be too long: a chunk is smaller than the limit.
    length = before + (len(chunk) if first < 0 else first)
    if length > MAX_LINE_BYTES:
        raise FileRefused(
            f"has a line of more than {MAX_LINE_BYTES:,} bytes",
            "Look for a quote that is never closed, or set MAX_LINE_BYTES in the environment",
        )
    return length if last < 0 else len(chunk) - last - 1


def find_line_end(chunk: bytes, find: Callable[[bytes, bytes], int]) -> int:
    found = [place for end in (b"\n", b"\r") if (place := find(chunk, end)) >= 0]
    return -1 if not found else min(found) if find is bytes.find else max(found)


def check_columns(count: int) -> None:
    """Raises FileRefused for more than any table has."""
    if count > MAX_COLUMNS:
        raise FileRefused(
            f"has more than {MAX_COLUMNS:,} columns",
            "Export fewer, or set MAX_COLUMNS in the environment",
        )


def hash_file(path: Path) -> str:
    """SHA-256 of a file as it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_content(path: Path) -> str:
    """SHA-256 of the unpacked bytes: a file zipped again is still the same content."""
    digest = hashlib.sha256()
    for chunk in iterate_content(path):
        digest.update(chunk)
    return digest.hexdigest()
