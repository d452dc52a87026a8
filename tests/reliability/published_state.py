"""What a reader finds in published/: one whole version, whatever happened to the run that made it."""

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


def list_versions(programme: Path) -> list[Path]:
    """As a reader would list them: what begins with a dot is hidden."""
    return sorted((programme / "published" / "versions").glob("[!.]*"))


def check_published(programme: Path) -> Marts:
    """Assert that every visible file is complete and belongs to one version; gives the marts of marts.duckdb."""
    published = programme / "published"
    versions = {version.name: read_version(version) for version in list_versions(programme)}
    latest = json.loads((published / "latest.json").read_text())
    assert latest["version"] in versions
    for name in ("marts", "report", "spreadsheet"):
        assert (published / latest[name]).is_file()
    files = {digest(version / "marts.duckdb"): version.name for version in list_versions(programme)}
    assert digest(published / "marts.duckdb") in files, "marts.duckdb is of no version"
    with duckdb.connect(published / "marts.duckdb", read_only=True) as marts:
        assert len(list_tables(marts)) == len(TABLES)
    return versions[files[digest(published / "marts.duckdb")]]


def read_version(version: Path) -> Marts:
    """The version's marts; asserts that its database and its Parquet files agree and that nothing is missing."""
    assert all((version / name).stat().st_size for name in FILES), version
    parquet = {table: version.joinpath(*table.split(".")).with_suffix(".parquet") for table in TABLES}
    with duckdb.connect(version / "marts.duckdb", read_only=True) as marts:
        assert list_tables(marts) == sorted(TABLES), version
        for table, file in parquet.items():
            [(in_database,)] = marts.execute(f"select count(*) from {table}").fetchall()
            # Not by its path, which may have signs in it that are patterns to DuckDB.
            [(in_parquet,)] = marts.execute("select count(*) from read_parquet(?)", [escape(file)]).fetchall()
            assert in_database == in_parquet, f"{table} in {version}"
    return {table: digest(file) for table, file in parquet.items()}


def list_tables(marts: duckdb.DuckDBPyConnection) -> list[str]:
    rows = marts.execute("select schema_name || '.' || table_name from duckdb_tables() order by 1").fetchall()
    return [name for (name,) in rows]


def escape(file: Path) -> str:
    return str(file).replace("[", "[[]")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def find_leftovers(programme: Path) -> list[Path]:
    """Half-written files that a killed run left among what people see."""
    return [
        file
        for folder in ("published", "quarantine")
        for file in (programme / folder).rglob(".*")
        if not file.name.startswith(".nfs")
    ]
