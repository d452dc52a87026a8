"""What stands in the warehouse, and what it was built from: tables in the warehouse itself, so that neither outlives
the other."""

from collections.abc import Iterable, Mapping

import duckdb

from orchestration.building.growth import Inputs
from orchestration.connections import connect
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse import make_warehouse, warehouse_file

# Without a key: where a disk is full, DuckDB cannot take back a commit to a table that has one, and ends the process.
# Fingerprints by id; and of what grows, those of each delivery that is in it and (without a delivery) of the rest.
STANDING = "building.standing"
GROWN = "building.grown"
TABLES = f"""
    create schema if not exists building;
    create table if not exists {STANDING} (id varchar not null, fingerprint varchar not null);
    create table if not exists {GROWN} (id varchar not null, delivery_id varchar, fingerprint varchar not null);
"""


def read_standing(folder: ProgrammeFolder) -> dict[str, str]:
    """Fingerprints of what was built whole and passed, by id; empty where there is no warehouse yet."""
    return {id: fingerprint for id, fingerprint in read_rows(folder, STANDING)}


def read_grown(folder: ProgrammeFolder) -> dict[str, Inputs]:
    """What the tables that grow are made of, by id."""
    rests: dict[str, str] = {}
    deliveries: dict[str, dict[str, str]] = {}
    for id, delivery, fingerprint in read_rows(folder, GROWN):
        if delivery is None:
            rests[id] = fingerprint
        else:
            deliveries.setdefault(id, {})[delivery] = fingerprint
    return {id: Inputs(rest, deliveries.get(id, {})) for id, rest in rests.items()}


def read_rows(folder: ProgrammeFolder, table: str) -> list[tuple]:
    if not warehouse_file(folder).exists():
        return []
    with connect(database=warehouse_file(folder), read_only=True) as warehouse:
        known = "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?"
        if not warehouse.execute(known, [table]).fetchall():
            return []
        return warehouse.execute(f"from {table}").fetchall()


def forget_standing(folder: ProgrammeFolder, ids: Iterable[str]) -> None:
    """To be called before these are built: a build that is killed leaves tables of which nobody knows what they are."""
    write(folder, ids, {}, {})


def remember_standing(
    folder: ProgrammeFolder, built: Mapping[str, str], grown: Mapping[str, Inputs] | None = None
) -> None:
    write(folder, built, built, grown or {})


def write(folder: ProgrammeFolder, gone: Iterable[str], here: Mapping[str, str], grown: Mapping[str, Inputs]) -> None:
    ids = list(gone)
    make_warehouse(folder)
    with connect(database=warehouse_file(folder)) as warehouse:
        warehouse.execute("begin")
        warehouse.execute(TABLES)
        for table in (STANDING, GROWN):
            warehouse.execute(f"delete from {table} where id in (select unnest(?::varchar[]))", [ids])
        insert(warehouse, STANDING, [(id, fingerprint) for id, fingerprint in here.items()])
        insert(warehouse, GROWN, [(id, None, inputs.rest) for id, inputs in grown.items()])
        insert(warehouse, GROWN, [(id, *item) for id, inputs in grown.items() for item in inputs.deliveries.items()])
        warehouse.execute("commit")


def insert(warehouse: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        unnested = ", ".join(["unnest(?::varchar[])"] * len(columns))
        warehouse.execute(f"insert into {table} select {unnested}", columns)
