"""DuckDB: dbt builds warehouse.duckdb itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.connections import fetch_dicts
from orchestration.warehouse.database import dbt_environment, drop_warehouse, make_warehouse, read_warehouse
from orchestration.warehouse.engines.engine import Engine


class DuckdbEngine(Engine):
    target = "warehouse"
    dialect = "duckdb"
    builds_parts = True

    def environment(self, folder: ProgrammeFolder) -> Mapping[str, str]:
        return dbt_environment(folder)

    def find_damage(self, folder: ProgrammeFolder) -> str | None:
        return None  # they are in the warehouse

    def start(self, folder: ProgrammeFolder, is_full: bool) -> None:
        if is_full:
            # The file may be damaged, or contain tables of an earlier version of the project.
            drop_warehouse(folder)
        make_warehouse(folder)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        handle = find_connection_manager().env().handle()
        try:
            rows: list[tuple[Any, ...]] = handle.cursor().execute(sql).fetchall()
            return rows
        finally:
            handle.close()

    def find_loss(self) -> str | None:
        """DuckDB is part of this process."""
        return None

    def disconnect(self) -> None:
        # DuckDB allows one writer: no other process could open the warehouse. If the run was interrupted, this also
        # stops dbt.
        find_connection_manager().close_all_connections()

    def read_failing_rows(self, folder: ProgrammeFolder, sql: str, limit: int) -> list[dict[str, Any]]:
        with read_warehouse(folder) as warehouse:
            return fetch_dicts(warehouse.execute(f"select * from ({sql}\n) limit {limit}"))

    def write_marts(self, folder: ProgrammeFolder, marts: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Publishing writes them; settings.yml cannot ask for this."""
        raise NotImplementedError

    def bring_home(self, folder: ProgrammeFolder, target: Path) -> None:
        """They are."""

    def close(self) -> None:
        """Nothing is open."""


def find_connection_manager() -> Any:
    """dbt-duckdb's class, which holds the connection of this process (Any: it has no type annotations)."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    return DuckDBConnectionManager
