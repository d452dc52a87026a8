"""Apache Spark: dbt builds Parquet tables in a session of this process (dbt_project/plugins/dbt/adapters/sparksession).

When all are built, each table is copied into warehouse.duckdb, and dbt makes the views there, on DuckDB. So what reads
the warehouse afterwards (checks, recount, publishing, `make explain`) reads the same tables as ever; and the recount
compares what Spark added up with staging views that DuckDB computes.
"""

import json
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from orchestration.programme.connections import VariableMissing
from orchestration.programme.engines import LOCAL, EngineSettings
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name
from orchestration.runtime.connections import connect, read_building_memory_limit
from orchestration.warehouse.database import dbt_environment, drop_warehouse, make_warehouse, warehouse_file
from orchestration.warehouse.engines.engine import Engine, EngineUnavailable

LEAST_JAVA = 17
# What of dbt is a view in DuckDB: every model that is materialized so, whichever schema it is in.
VIEWS = ("config.materialized:view", "path:models/staging")


class SparkEngine(Engine):
    target = "spark"
    dialect = "spark"
    # Tables live as long as the session.
    builds_parts = False

    def __init__(self, settings: EngineSettings) -> None:
        try:
            self.settings = settings.spark.fill()
        except VariableMissing as error:
            raise EngineUnavailable(str(error)) from None
        if find_spec("pyspark") is None or find_spec("dbt.adapters.spark") is None:
            raise EngineUnavailable(
                "settings.yml says engine: spark, which is not installed here. make nightly installs it; without make:"
                " uv sync --frozen --inexact --group spark"
            )
        if not self.settings.remote:
            check_java()
        # It logs every statement that fails, with Java's whole stack and maybe values.
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)

    def environment(self, folder: ProgrammeFolder) -> Mapping[str, str]:
        return {
            **dbt_environment(folder),
            # A table's location is no pattern.
            "RAW_LOCATION": os.fspath(folder.raw.absolute()),
            "SPARK_MASTER": self.settings.master or LOCAL,
            "SPARK_REMOTE_URL": self.settings.remote or "",
            "SPARK_STORAGE": self.find_storage(folder),
            "SPARK_CONFIG": json.dumps(self.settings.config),
        }

    def find_storage(self, folder: ProgrammeFolder) -> str:
        return self.settings.storage or os.fspath((folder.warehouse / "spark").absolute())

    def start(self, folder: ProgrammeFolder, is_whole: bool) -> None:
        drop_warehouse(folder)
        make_warehouse(folder)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(sql).collect()]

    def disconnect(self) -> None:
        """The session stays for the tables that are to be brought home."""

    def read_failing_rows(self, folder: ProgrammeFolder, sql: str, limit: int) -> list[dict[str, Any]]:
        return [row.asDict() for row in self.session.sql(f"select * from ({sql}\n) limit {limit}").collect()]

    def bring_home(self, folder: ProgrammeFolder, target: Path) -> None:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        storage = Path(self.find_storage(folder))
        with connect(
            *(folder.raw, storage, folder.warehouse),
            database=warehouse_file(folder),
            memory_limit=read_building_memory_limit(),
        ) as warehouse:
            for schema, table in list_tables(manifest):
                name = f"{quote_name(schema)}.{quote_name(table)}"
                warehouse.execute(f"create schema if not exists {quote_name(schema)}")
                if files := self.list_files(storage, schema, table):
                    listed = ", ".join(quote_literal(file) for file in files)
                    warehouse.execute(f"create or replace table {name} as from read_parquet([{listed}])")
                else:
                    rows = self.session.table(f"{schema}.{table}").toArrow()
                    warehouse.register("rows_of_spark", rows)
                    warehouse.execute(f"create or replace table {name} as from rows_of_spark")
                    warehouse.unregister("rows_of_spark")
        self.close()
        make_views(folder)

    def list_files(self, storage: Path, schema: str, table: str) -> list[Path]:
        """A table's Parquet files, if its folder is on this machine; else it passes through the driver."""
        if self.settings.remote or not storage.is_dir():
            return []
        folder = storage / "tables_of_reach_and_results" / f"{schema}.db" / table
        return sorted(file for file in folder.rglob("*.parquet") if not file.name.startswith(("_", ".")))

    def close(self) -> None:
        from dbt.adapters.sparksession.session import close_session

        close_session()

    @property
    def session(self) -> Any:
        from dbt.adapters.sparksession.session import find_session

        session = find_session()
        if session is None:
            raise EngineUnavailable("Spark has ended. What to do: run again; if it ends again, see its own logs")
        return session


def make_views(folder: ProgrammeFolder) -> None:
    """By dbt on DuckDB, on the tables that are there."""
    from orchestration.warehouse.dbt_build import run_models
    from orchestration.warehouse.engines.duckdb_engine import DuckdbEngine

    os.environ.update(dbt_environment(folder))
    run_models(VIEWS, folder.warehouse / "dbt_views", DuckdbEngine())


def list_tables(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Schema and name of everything that dbt writes rows of, but what `make_views` makes."""
    for node in manifest["nodes"].values():
        is_staged = node["resource_type"] == "model" and node["original_file_path"].startswith("models/staging")
        is_table = node["resource_type"] in ("model", "seed") and node["config"]["materialized"] != "view"
        if is_table and not is_staged:
            yield node["schema"], node["alias"]


def check_java() -> None:
    """Raises EngineUnavailable if there is no Java that Spark runs on."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=os.path.join(home, "bin") if home else None)
    remedy = f"Install Java {LEAST_JAVA} or later (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME"
    if java is None:
        raise EngineUnavailable(f"settings.yml says engine: spark, which needs Java, and there is none here. {remedy}")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?([0-9]+)', told.stderr + told.stdout)
    if version is None or int(version[1]) < LEAST_JAVA:
        found = f"is version {version[1]}" if version else "does not say its version"
        raise EngineUnavailable(f"settings.yml says engine: spark, but {java} {found}. {remedy}")
