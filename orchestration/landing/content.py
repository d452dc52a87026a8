"""The bytes of a delivered file, unpacked."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from orchestration.landing.refusals import FileRefused

# A gzip of 2 MB can hold half a billion rows; nothing that a marketing team exports comes near these.
MAX_UNPACKED_BYTES = int(os.environ.get("MAX_UNPACKED_BYTES", 50 * 2**30))
MAX_UNPACKED_LINES = int(os.environ.get("MAX_UNPACKED_LINES", 10**9))
_CHUNK = 2**20


def is_gzipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def open_content(path: Path) -> BinaryIO:
    """The file as bytes, unpacked if its name ends in .gz."""
    return gzip.open(path, "rb") if is_gzipped(path) else path.open("rb")


def iterate_content(path: Path) -> Iterator[bytes]:
    """The unpacked bytes in pieces; raises FileRefused for a broken or a monstrous gzip."""
    unpacked = lines = 0
    try:
        with open_content(path) as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                lines += chunk.count(b"\n") if is_gzipped(path) else 0
                for found, most, unit in (
                    (unpacked, MAX_UNPACKED_BYTES, "bytes"),
                    (lines, MAX_UNPACKED_LINES, "lines"),
                ):
                    if found > most:
                        remedy = f"Split it into smaller files, or set MAX_UNPACKED_{unit.upper()} in the environment"
                        raise FileRefused(f"holds more than {most:,} {unit}", remedy)
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused(f"is not a whole gzip file: {error}", "Copy or export it again") from error


def hash_content(path: Path) -> str:
    """SHA-256 of the unpacked bytes: a file zipped again is still the same content."""
    digest = hashlib.sha256()
    for chunk in iterate_content(path):
        digest.update(chunk)
    return digest.hexdigest()
