"""The bytes of a delivered file, unpacked."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from orchestration.landing.refusals import FileRefused

# A gzip of 2 MB can hold half a billion rows; nothing that a marketing team exports comes near this.
MAX_UNPACKED_BYTES = 50 * 2**30
_CHUNK = 2**20


def is_gzipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def open_content(path: Path) -> BinaryIO:
    """The file as bytes, unpacked if its name ends in .gz."""
    return gzip.open(path, "rb") if is_gzipped(path) else path.open("rb")


def iterate_content(path: Path) -> Iterator[bytes]:
    """The unpacked bytes in pieces; raises FileRefused for a broken or a monstrous gzip."""
    unpacked = 0
    try:
        with open_content(path) as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED_BYTES:
                    message = f"unpacks to more than {MAX_UNPACKED_BYTES // 2**30} GB"
                    raise FileRefused(message, "Split it into smaller files")
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused(f"is not a whole gzip file: {error}", "Copy or export it again") from error


def hash_content(path: Path) -> str:
    """SHA-256 of the unpacked bytes: a file zipped again is still the same content."""
    digest = hashlib.sha256()
    for chunk in iterate_content(path):
        digest.update(chunk)
    return digest.hexdigest()
