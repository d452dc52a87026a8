"""The marts of a night as files: one DuckDB file of all, and a Parquet file of each.

A mart that is what it was on the last night is not written again: its file is copied; so is the workbook, where all of
them are. What the last night was made from is remembered in the warehouse, with the state of its files, so that a file
that somebody wrote into is not.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.building.standing import read_standing, remember_standing
from orchestration.connections import BUILDING_MEMORY_LIMIT, connect
from orchestration.file_state import describe_state
from orchestration.landing.sql import quote_literal
from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.marts import Mart
from orchestration.publishing.tables import LARGE_ROWS, update_table, write_table
from orchestration.report.workbook import WORKBOOK
from orchestration.warehouse import warehouse_file

DATABASE = "marts.duckdb"
# The oldest format that DuckDB writes with comments on tables and columns: any reader since 1.0 opens it.
STORAGE_VERSION = "v1.0.0"
# Columns of thousands of different texts (ids) gain nothing from a dictionary, and higher levels of zstd little: a
# third less work than what DuckDB does by itself, and files a third smaller.
PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 1000"
# What is replaced leaves holes in the file. It is written anew where tables with more than a tenth of the rows would be
# replaced, and where it has grown to half as much again since it was: by holes, or by what nights put behind the rest.
MOST_REPLACED = 0.1
MOST_GROWTH = 1.5
# Where it is remembered how large it was then.
WRITTEN_ANEW = "published anew"


@dataclass(frozen=True)
class LastNight:
    """`marts` are those that are today what they were then, by table; `rows` those of all marts; `size` is that of its
    database in bytes, and `size_anew` what it had when it was written anew, that night or before; `workbook` is what is
    remembered of its workbook."""

    folder: Path
    marts: frozenset[str]
    rows: Mapping[str, int]
    size: int
    size_anew: int
    workbook: str | None

    @property
    def is_nearly_tonight(self) -> bool:
        """Whether it is less to change its database than to write one anew."""
        replaced = sum(rows for table, rows in self.rows.items() if table not in self.marts and rows < LARGE_ROWS)
        return replaced <= MOST_REPLACED * sum(self.rows.values()) and self.size <= MOST_GROWTH * self.size_anew

    def find_workbook(self, made_from: str) -> Path | None:
        """Its workbook, if no mart is new and it was made from the same beside them."""
        workbook = self.folder / WORKBOOK
        is_same = self.marts == self.rows.keys() and is_as_published(workbook, made_from, self.workbook)
        return workbook if is_same else None


def find_last(folder: ProgrammeFolder, marts: Sequence[Mart], latest: Mapping[str, Any]) -> LastNight | None:
    """The night that latest.json names, if its files are as they were published, and every mart was in it."""
    night, rows = latest["night"], latest.get("rows")
    standing = read_standing(folder)
    last = folder.published / "nights" / night
    if not isinstance(rows, dict) or rows.keys() != {mart.table for mart in marts}:
        return None
    if not is_as_published(last / DATABASE, night, standing.get("published")):
        return None
    same = frozenset(
        mart.table
        for mart in marts
        if is_as_published(last / mart.parquet, standing.get(mart.unique_id), standing.get(f"published {mart.table}"))
    )
    size = (last / DATABASE).stat().st_size
    size_anew, workbook = int(standing.get(WRITTEN_ANEW, 0)), standing.get(f"published {WORKBOOK}")
    return LastNight(last, same, rows, size, size_anew, workbook)


def is_as_published(file: Path, made_from: str | None, published: str | None) -> bool:
    """Whether it was made from what is so now, and nobody has written into it since."""
    return made_from is not None and file.is_file() and published == describe_published(file, made_from)


def describe_published(file: Path, made_from: str) -> str:
    return f"{made_from} {describe_state(file)}"


def remember_published(
    folder: ProgrammeFolder, marts: Sequence[Mart], night: Path, last: LastNight | None, workbook_made_from: str
) -> None:
    """What find_last() will find of a night that write_files() wrote from `last`."""
    standing = read_standing(folder)
    database = night / DATABASE
    remember_standing(
        folder,
        {
            "published": describe_published(database, night.name),
            f"published {WORKBOOK}": describe_published(night / WORKBOOK, workbook_made_from),
            WRITTEN_ANEW: str(last.size_anew if last and last.is_nearly_tonight else database.stat().st_size),
            **{
                f"published {mart.table}": describe_published(night / mart.parquet, standing[mart.unique_id])
                for mart in marts
                if mart.unique_id in standing
            },
        },
    )


def write_files(folder: ProgrammeFolder, marts: Sequence[Mart], into: Path, last: LastNight | None) -> dict[str, int]:
    """Write `into`/marts.duckdb, with comments, and one Parquet file a mart; gives rows by mart."""
    database = into / DATABASE
    known = last.marts if last else frozenset()
    is_begun = last is not None and last.is_nearly_tonight
    if is_begun:
        shutil.copyfile(last.folder / DATABASE, database)
    rows = {table: last.rows[table] for table in known}
    warehouse = warehouse_file(folder)
    workspace = warehouse.parent / "tmp" / "publishing"
    with connect(warehouse.parent, into, workspace=workspace, memory_limit=BUILDING_MEMORY_LIMIT) as connection:
        connection.execute(f"attach {quote_literal(warehouse)} as warehouse (read_only)")
        connection.execute(
            f"attach {quote_literal(database)} as published (storage_version {quote_literal(STORAGE_VERSION)})"
        )
        for mart in marts:
            (into / mart.parquet).parent.mkdir(exist_ok=True)
            if not (is_begun and mart.table in known):
                write = update_table if is_begun else write_table
                rows[mart.table] = write(connection, mart)
            if mart.table in known:
                shutil.copyfile(last.folder / mart.parquet, into / mart.parquet)
            else:
                file = quote_literal(into / mart.parquet)
                connection.execute(f"copy published.{mart.table} to {file} ({PARQUET})")
        connection.execute("checkpoint published")
        connection.execute("detach published")
    # Whoever opens it for writing by mistake is told, instead of locking others out.
    database.chmod(database.stat().st_mode & ~0o222)
    return {mart.table: rows[mart.table] for mart in marts}
