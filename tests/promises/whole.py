"""What a reader finds in published/: one whole night, whatever happened to the run that made it."""

import hashlib
import json
from pathlib import Path

import duckdb

from orchestration.programme.repository import REPOSITORY
from orchestration.publishing.marts import read_marts

TABLES = [mart.table for mart in read_marts(REPOSITORY / "dbt_project" / "target" / "manifest.json")]
FILES = ("marts.duckdb", "report.html", "marts.xlsx")

Marts = dict[str, str]
"""SHA-256 of each mart's Parquet file, by table."""


def find_nights(programme: Path) -> list[Path]:
    """As a reader would list them: what begins with a dot is hidden."""
    return sorted((programme / "published" / "nights").glob("[!.]*"))


def assert_whole(programme: Path) -> Marts:
    """Everything that can be seen is whole and belongs together; gives the marts that marts.duckdb shows."""
    published = programme / "published"
    nights = {night.name: read_night(night) for night in find_nights(programme)}
    latest = json.loads((published / "latest.json").read_text())
    assert latest["night"] in nights
    for name in ("marts", "report", "spreadsheet"):
        assert (published / latest[name]).is_file()
    files = {digest(night / "marts.duckdb"): night.name for night in find_nights(programme)}
    assert digest(published / "marts.duckdb") in files, "marts.duckdb is no night's"
    with duckdb.connect(published / "marts.duckdb", read_only=True) as marts:
        assert len(list_tables(marts)) == len(TABLES)
    return nights[files[digest(published / "marts.duckdb")]]


def read_night(night: Path) -> Marts:
    """The night's marts, if its database and its Parquet files agree and nothing is missing."""
    assert all((night / name).stat().st_size for name in FILES), night
    parquet = {table: night.joinpath(*table.split(".")).with_suffix(".parquet") for table in TABLES}
    with duckdb.connect(night / "marts.duckdb", read_only=True) as marts:
        assert list_tables(marts) == sorted(TABLES), night
        for table, file in parquet.items():
            [(in_database,)] = marts.execute(f"select count(*) from {table}").fetchall()
            # Not by its path, which may have signs in it that are patterns to DuckDB.
            [(in_parquet,)] = marts.execute("select count(*) from read_parquet(?)", [escape(file)]).fetchall()
            assert in_database == in_parquet, f"{table} in {night}"
    return {table: digest(file) for table, file in parquet.items()}


def list_tables(marts: duckdb.DuckDBPyConnection) -> list[str]:
    rows = marts.execute("select schema_name || '.' || table_name from duckdb_tables() order by 1").fetchall()
    return [name for (name,) in rows]


def escape(file: Path) -> str:
    return str(file).replace("[", "[[]")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def find_litter(programme: Path) -> list[Path]:
    """What a killed run left half written among what people see."""
    return [
        file
        for folder in ("published", "quarantine")
        for file in (programme / folder).rglob(".*")
        if not file.name.startswith(".nfs")
    ]
