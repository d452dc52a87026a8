"""Search for files that contain a person's id: in their bytes, and in what is compressed in them."""

import gzip
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import closing
from io import BufferedIOBase
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.programme.sql import quote_name, quote_path

_CHUNK = 2**24
_OVERLAP = 2**10
LONG = 12
TEXTS = ("VARCHAR", "JSON", "BLOB", "STRUCT", "MAP", "[]")


def find_files_that_name(folder: Path, texts: Collection[str]) -> list[Path]:
    """Files below a folder that contain one of the texts as a word, in any letter case; sorted.

    Compressed formats are unpacked: gzip, XLSX, Parquet, DuckDB and SQLite. A file that cannot be read is searched as
    bytes.
    """
    pattern = compile_pattern(texts)
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    with duckdb.connect() as connection:
        return [file for file in files if any(pattern.search(content) for content in read_contents(connection, file))]


def compile_pattern(texts: Collection[str]) -> re.Pattern[bytes]:
    """A pattern for any of the texts as UTF-8; a short text does not match inside a longer word."""
    words = []
    for text in sorted(texts):
        word = re.escape(text.encode())
        # Engines store long texts one after the other, without a separator.
        words.append(word if len(text) >= LONG else rb"(?<![\w@.+-])" + word + rb"(?![\w@+-])")
    return re.compile(b"|".join(words), re.IGNORECASE)


def read_contents(connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[bytes]:
    """Everything in a file that can contain a text, in chunks; `connection` reads Parquet."""
    with file.open("rb") as opened:
        yield from read_overlapping(opened)
    suffix = file.suffix.lower()
    try:
        if suffix == ".gz":
            with gzip.open(file, "rb") as unpacked:
                yield from read_overlapping(unpacked)
        elif suffix == ".xlsx":
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    with archive.open(name) as member:
                        yield from read_overlapping(member)
        elif suffix == ".parquet":
            # Most files of raw are the empty ones of extracts, whose dozens of columns need no queries.
            if pq.read_metadata(file).num_rows:
                yield from read_texts(connection, f"read_parquet({quote_path(file)})")
        elif suffix == ".duckdb":
            with duckdb.connect(file, read_only=True) as database:
                yield from read_table_texts(database)
        elif suffix in (".db", ".sqlite"):
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as opened_database:
                yield "\n".join(opened_database.iterdump()).encode("utf-8", "surrogateescape")
    except (duckdb.Error, pa.ArrowException, sqlite3.Error, zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error):
        return  # Damaged, or of another kind than its name says: its bytes have been searched.


def read_overlapping(opened: BufferedIOBase | IO[bytes]) -> Iterator[bytes]:
    """Chunks that overlap, so that every word is whole in one of them."""
    tail = b""
    while chunk := opened.read(_CHUNK):
        yield tail + chunk
        tail = chunk[-_OVERLAP:]


def read_table_texts(connection: duckdb.DuckDBPyConnection) -> Iterator[bytes]:
    """The texts of every table; views read these tables or other files."""
    for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
        yield from read_texts(connection, f"{quote_name(schema)}.{quote_name(table)}")


def read_texts(connection: duckdb.DuckDBPyConnection, relation: str) -> Iterator[bytes]:
    columns = connection.execute(f"describe from {relation}").fetchall()
    for name, kind, *_ in columns:
        if any(text in kind for text in TEXTS):
            found = connection.execute(f"select distinct {quote_name(name)}::varchar from {relation}")
            while rows := found.fetchmany(10_000):
                yield "\n".join(value for (value,) in rows if value is not None).encode("utf-8", "surrogateescape")
