"""Large marts as one Parquet file per month, in the layout of Hive: <schema>/<mart>/month=2026-03/….parquet.

Files of months whose rows are those of the version before are hard links to its files, or copies where the disk has no
links. Which months these are is decided by a hash of their rows, and the linked file must have the bytes that were
written then.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.sql import quote_literal, quote_name

# A mart of fewer rows is one file: many small files are slower to read.
PARTITIONED_ROWS = 1_000_000
# What readers of this layout take for null.
NO_MONTH = "__HIVE_DEFAULT_PARTITION__"
# DuckDB's hash of a row has 64 bits; added up, the order of rows does not matter, and their number does.
ROWS_HASH = "format('{:x}', sum(hash(mart)::hugeint)) || '-' || count(*)"


@dataclass(frozen=True)
class Month:
    """`rows_hash` differs where rows or columns differ; `files` has the SHA-256 of each file, by its path in the mart's
    folder."""

    rows_hash: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class VersionBefore:
    """The version whose files may be linked to: its folder, and `months` of its latest.json."""

    folder: Path
    months: Mapping[str, Mapping[str, Any]]


def write_months(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    month_of: str,
    parquet: str,
    into: Path,
    linked: Path | None,
    known: Mapping[str, Any],
) -> dict[str, Month]:
    """Write `table` into the folder `into`, by the month of its column `month_of`; returns what each month consists of.

    `parquet` are the options of COPY; `linked` is the mart's folder in the version before, `known` its months.
    """
    month = f"coalesce(strftime({quote_name(month_of)}, '%Y-%m'), '{NO_MONTH}')"
    columns = hashlib.sha256(repr(connection.execute(f"describe {table}").fetchall()).encode()).hexdigest()[:16]
    rows = connection.execute(f"select {month}, {ROWS_HASH} from {table} as mart group by all order by all").fetchall()
    hashes = {name: f"{columns}-{rows_hash}" for name, rows_hash in rows}
    into.mkdir(parents=True)
    found = {}
    for name, rows_hash in hashes.items():
        before = known.get(name, {})
        if linked and before.get("rows_hash") == rows_hash and link_files(before["files"], linked, into):
            found[name] = Month(rows_hash, before["files"])
    if written := [name for name in hashes if name not in found]:
        chosen = ", ".join(map(quote_literal, written))
        connection.execute(
            f"copy (select *, {month} as month from {table} where {month} in ({chosen})) to {quote_literal(into)}"
            f" ({parquet}, partition_by (month), overwrite_or_ignore)"
        )
    for name in written:
        files = sorted((into / f"month={name}").iterdir())
        # Shared with later versions by links: a reader who opens one for writing by mistake gets an error.
        for file in files:
            file.chmod(file.stat().st_mode & ~0o222)
        found[name] = Month(hashes[name], {file.relative_to(into).as_posix(): hash_bytes(file) for file in files})
    return dict(sorted(found.items()))


def link_files(files: Mapping[str, str], linked: Path, into: Path) -> bool:
    """Whether all files of a month are as they were written; then they are linked to."""
    if not all((linked / file).is_file() and hash_bytes(linked / file) == sha256 for file, sha256 in files.items()):
        return False
    for file in files:
        (into / file).parent.mkdir(exist_ok=True)
        try:
            os.link(linked / file, into / file)
        except OSError:  # a file system without links, or with as many as it can have
            shutil.copy(linked / file, into / file)
    return True


def hash_bytes(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def describe_months(months: Mapping[str, Mapping[str, Month]]) -> dict[str, dict[str, Any]]:
    """By mart and month, for latest.json."""
    return {mart: {name: asdict(month) for name, month in of_mart.items()} for mart, of_mart in months.items()}
