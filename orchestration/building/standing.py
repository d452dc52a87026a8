"""What stands in the warehouse, and what it was built from: a table in the warehouse itself, so that neither outlives
the other."""

from collections.abc import Iterable, Mapping

from orchestration.connections import connect
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse import warehouse_file

TABLE = "building.standing"


def read_standing(folder: ProgrammeFolder) -> dict[str, str]:
    """Fingerprints of what was built whole and passed, by id; empty where there is no warehouse yet."""
    if not warehouse_file(folder).exists():
        return {}
    with connect(database=warehouse_file(folder), read_only=True) as warehouse:
        known = "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?"
        if not warehouse.execute(known, [TABLE]).fetchall():
            return {}
        return dict(warehouse.execute(f"select id, fingerprint from {TABLE}").fetchall())


def forget_standing(folder: ProgrammeFolder, ids: Iterable[str]) -> None:
    """To be called before these are built: a build that is killed leaves tables of which nobody knows what they are."""
    write(folder, ids, {})


def remember_standing(folder: ProgrammeFolder, built: Mapping[str, str]) -> None:
    write(folder, built, built)


def write(folder: ProgrammeFolder, gone: Iterable[str], here: Mapping[str, str]) -> None:
    with connect(database=warehouse_file(folder)) as warehouse:
        warehouse.execute("begin")
        warehouse.execute("create schema if not exists building")
        warehouse.execute(f"create table if not exists {TABLE} (id varchar primary key, fingerprint varchar not null)")
        warehouse.execute(f"delete from {TABLE} where id in (select unnest(?::varchar[]))", [list(gone)])
        warehouse.execute(
            f"insert into {TABLE} select unnest(?::varchar[]), unnest(?::varchar[])", [list(here), list(here.values())]
        )
        warehouse.execute("commit")
