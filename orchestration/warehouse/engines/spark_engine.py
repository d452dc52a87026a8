"""Apache Spark: dbt builds Parquet tables in a session of this process (dbt_project/plugins/dbt/adapters/sparksession).

When all are built, each table is copied into warehouse.duckdb, and dbt makes the views there, on DuckDB. So what reads
the warehouse afterwards (checks, recount, publishing, `make explain`) reads the same tables as ever; and the recount
compares what Spark added up with staging views that DuckDB computes. Incremental tables stay in Spark's storage for the
next run, which builds and copies the months that differ.
"""

import json
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

from orchestration.programme.connections import VariableMissing
from orchestration.programme.engines import LOCAL, EngineSettings
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import DBT_PROJECT
from orchestration.runtime.connections import connect, read_building_memory_limit
from orchestration.warehouse.database import (
    dbt_environment,
    drop_warehouse,
    make_warehouse,
    read_warehouse,
    warehouse_file,
)
from orchestration.warehouse.engines.engine import Engine, EngineUnavailable
from orchestration.warehouse.engines.spark_places import copy_raw, name_folder, remove_raw, share_folder
from orchestration.warehouse.engines.spark_tables import SparkTables

LEAST_JAVA = 17
# Below the programme's storage: marts as files for targets that publish these.
MARTS = "marts_of_reach_and_results"
# What of dbt is a view in DuckDB: every model that is materialized so, whichever schema it is in.
VIEWS = ("config.materialized:view", "path:models/staging")


class SparkEngine(Engine):
    target = "spark"
    dialect = "spark"
    # Only incremental tables outlive a run.
    builds_parts = False
    _copied_raw: Path | None = None

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
            "RAW_LOCATION": os.fspath(self.find_shared_raw(folder) or folder.raw.absolute()),
            "SPARK_MASTER": self.settings.master or LOCAL,
            "SPARK_REMOTE_URL": self.settings.remote or "",
            "SPARK_STORAGE": self.find_storage(folder),
            "SPARK_WAIT_MINUTES": str(self.settings.wait_minutes),
            "SPARK_CONFIG": json.dumps(self.settings.config),
        }

    def find_storage(self, folder: ProgrammeFolder) -> str:
        """A folder of this programme's own: several may write to one storage at a time."""
        if self.settings.storage:
            return f"{self.settings.storage.rstrip('/')}/{name_folder(folder)}"
        return os.fspath((folder.warehouse / "spark").absolute())

    def find_tables(self, folder: ProgrammeFolder) -> str:
        from dbt.adapters.sparksession.places import tables_folder

        tables: str = tables_folder(self.find_storage(folder))
        return tables

    def find_shared_raw(self, folder: ProgrammeFolder) -> Path | None:
        """Where raw is copied to, if the workers of a cluster share a folder with this machine."""
        is_local = not self.settings.remote and (self.settings.master or LOCAL).startswith("local")
        shared = share_folder(self.find_storage(folder)) if self.settings.storage and not is_local else None
        return shared / "raw_of_reach_and_results" if shared else None

    def find_damage(self, folder: ProgrammeFolder) -> str | None:
        """Opens the session, with the tables that the last run left: they are noted in the warehouse and in Spark."""
        from dbt.adapters.sparksession.connections import SparkSessionCredentials
        from dbt.adapters.sparksession.kept import KEPT, read_kept
        from dbt.adapters.sparksession.session import open_session
        from dbt_common.exceptions import DbtRuntimeError

        with read_warehouse(folder) as warehouse:
            noted = warehouse.execute(f"from {KEPT}").fetchall()
        if not noted:
            return "an incremental table of the last run was empty, and Spark keeps no such table"
        self.share_raw(folder)
        environment = self.environment(folder)
        credentials = SparkSessionCredentials(
            master=environment["SPARK_MASTER"],
            storage=environment["SPARK_STORAGE"],
            remote=environment["SPARK_REMOTE_URL"],
            config=self.settings.config,
            wait_minutes=self.settings.wait_minutes,
            module_paths=[os.fspath(DBT_PROJECT / "methods")],
        )
        try:
            kept = read_kept(open_session(credentials, left=[KEPT, *(table for _, table, _ in noted)]))
        except DbtRuntimeError as error:
            raise EngineUnavailable(error.msg) from None
        return None if kept == {*noted} else "Spark's tables are not as the last run left them"

    def start(self, folder: ProgrammeFolder, is_full: bool) -> None:
        from dbt.adapters.sparksession.kept import write_kept

        if is_full:
            # dbt opens another session, which removes what is left.
            self.close()
            drop_warehouse(folder)
            make_warehouse(folder)
            self.share_raw(folder)
        else:
            # A run that does not reach its end leaves nothing to build upon.
            write_kept(self.session, self.find_tables(folder), "", ())

    def share_raw(self, folder: ProgrammeFolder) -> None:
        if raw := self.find_shared_raw(folder):
            copy_raw(folder.raw, raw)
            self._copied_raw = raw

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.collect(sql)]

    def collect(self, sql: str) -> list[Any]:
        """Raises EngineUnavailable if Spark is gone."""
        from dbt.adapters.sparksession.session import collect
        from dbt_common.exceptions import DbtRuntimeError

        try:
            rows: list[Any] = collect(self.session, sql)
            return rows
        except DbtRuntimeError as error:
            raise (EngineUnavailable(loss) if (loss := self.find_loss()) else error) from None

    def find_loss(self) -> str | None:
        from dbt.adapters.sparksession.losses import find_loss

        loss: str | None = find_loss()
        return loss

    def disconnect(self) -> None:
        """The session stays for the tables that are to be brought home."""

    def read_failing_rows(self, folder: ProgrammeFolder, sql: str, limit: int) -> list[dict[str, Any]]:
        return [row.asDict() for row in self.collect(f"select * from ({sql}\n) limit {limit}")]

    def write_marts(self, folder: ProgrammeFolder, marts: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """By Spark's workers; the driver sees no row."""
        return {mart: self.write_mart(mart, f"{self.find_storage(folder)}/{MARTS}/{mart}") for mart in marts}

    def write_mart(self, mart: str, place: str) -> list[str]:
        table = self.session.table(mart)
        table.write.mode("overwrite").parquet(place)
        # With its columns: a mart may have no rows, and so no file that says them.
        return sorted(self.session.read.schema(table.schema).parquet(place).inputFiles())

    def bring_home(self, folder: ProgrammeFolder, target: Path) -> None:
        from dbt.adapters.sparksession.kept import KEPT, write_kept

        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        storage = share_folder(self.find_storage(folder))
        incremental = set()
        with connect(
            *(folder.raw, folder.warehouse, *([storage] if storage else [])),
            database=warehouse_file(folder),
            memory_limit=read_building_memory_limit(),
        ) as warehouse:
            tables = SparkTables(warehouse, self.session, storage)
            for schema, table, is_incremental in list_tables(manifest):
                tables.bring(schema, table, is_incremental)
                incremental |= {f"{schema}.{table}"} if is_incremental else set()
            write_kept(self.session, self.find_tables(folder), str(uuid4()), incremental)
            schema, table = KEPT.split(".")
            tables.bring(schema, table, False)
        self.close(keeps=True)
        make_views(folder)

    def close(self, keeps: bool = False) -> None:
        from dbt.adapters.sparksession.session import close_session

        close_session(keeps)
        if self._copied_raw:
            remove_raw(self._copied_raw)
            self._copied_raw = None

    @property
    def session(self) -> Any:
        from dbt.adapters.sparksession.session import find_session

        session = find_session()
        if session is None:
            raise EngineUnavailable(
                self.find_loss() or "Spark has ended. Run again; if it ends again, see its own logs"
            )
        return session


def make_views(folder: ProgrammeFolder) -> None:
    """By dbt on DuckDB, on the tables that are there."""
    from orchestration.warehouse.dbt_build import run_models
    from orchestration.warehouse.engines.duckdb_engine import DuckdbEngine

    os.environ.update(dbt_environment(folder))
    run_models(VIEWS, folder.warehouse / "dbt_views", DuckdbEngine())


def list_tables(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Schema and name of everything that dbt writes rows of, but what `make_views` makes, and if it is incremental."""
    for node in manifest["nodes"].values():
        is_staged = node["resource_type"] == "model" and node["original_file_path"].startswith("models/staging")
        is_table = node["resource_type"] in ("model", "seed") and node["config"]["materialized"] != "view"
        if is_table and not is_staged:
            yield node["schema"], node["alias"], node["config"]["materialized"] == "incremental"


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
