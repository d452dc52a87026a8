"""Text files: their encoding, and reading them as text."""

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import TextIO

from orchestration.landing.content import iterate_content, open_content, refuse_gzip
from orchestration.landing.refusals import FileRefused

_UTF8 = ("utf-8", "utf-8-sig", "ascii")


def find_encoding(path: Path, declared: str | None) -> str:
    """Python's name of the encoding: from the byte order mark, else as declared, else UTF-8.

    Raises FileRefused for a file that is not UTF-8 and has neither a mark nor a declared encoding.
    """
    with open_content(path) as file:
        try:
            start = file.read(4)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise refuse_gzip(error) from error
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if declared is not None:
        name = codecs.lookup(declared).name
        return "utf-8" if name in _UTF8 else name
    _check_utf8(path)
    return "utf-8"


def open_text(path: Path, encoding: str) -> TextIO:
    """Text with unchanged line ends; bytes that are not UTF-8 survive a round trip."""
    name, errors = ("utf-8-sig", "surrogateescape") if encoding == "utf-8" else (encoding, "strict")
    return io.TextIOWrapper(open_content(path), encoding=name, errors=errors, newline="")


def refuse_encoding(encoding: str, error: UnicodeError) -> FileRefused:
    return FileRefused(f"is not {encoding} text: {error}", "Correct encoding: in extracts.yml")


def _check_utf8(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines_before = 0
    try:
        for chunk in iterate_content(path):
            decoder.decode(chunk)
            lines_before += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = lines_before + error.object[: error.start].count(b"\n") + 1
        raise FileRefused(
            f"is not UTF-8 text (line {line})", "Declare encoding: in its entry of extracts.yml, often windows-1252"
        ) from error
