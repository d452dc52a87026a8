"""A random programme with every extract, in one session of Spark: every table is DuckDB's, row by row; what incremental
runs leave is what a build of everything makes; and dbt's unit tests hold."""

import random
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing.load import land
from orchestration.programme.engines import EngineSettings
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.warehouse.dbt_build import NodeResult, run_dbt
from orchestration.warehouse.engines.spark_engine import SparkEngine, list_tables
from orchestration.warehouse.engines.spark_tables import SparkTables
from tests.conftest import SLOW
from tests.spark.comparing import compare
from tests.spark.conftest import KEY
from tests.spark.programmes import FOR_SMALL_TABLES
from tests.spark.random_programme import TODAY, RandomProgramme
from tests.warehouse.bare import CompiledProject, build

pytestmark = pytest.mark.spark
SEED = 27
# dbt's unit tests that cannot run on Spark, each with the reason.
CANNOT_RUN: Mapping[str, str] = {
    "int_goals_to_prove.goals_are_planned_that_ask_for_it": "Spark's optimizer fails on the fixture's tables of constants"
    " (NoSuchElementException: key not found); on tables of files it does not: the random programme has such goals",
    "relationships__advocates.reasons_are_told_in_their_order": "its expected rows have lists as DuckDB writes them",
}


@dataclass
class OnSpark:
    """The programme as dbt builds it in the session of the tests."""

    history: RandomProgramme
    session: Any
    project: CompiledProject
    folder: Path

    @property
    def incremental(self) -> dict[str, str]:
        """Schema and name of the incremental models, by name."""
        return {
            node["name"]: f"{node['schema']}.{node['alias']}"
            for node in self.project.models
            if node["config"]["materialized"] == "incremental"
        }

    def run(self, *command: str) -> list[NodeResult]:
        """Land what was delivered, and run dbt on it."""
        programme = read_programme(self.history.folder)
        write_plan_tables(programme, TODAY)
        assert not land(programme).refusals
        settings = {"spark": {"master": "local[2]", "config": FOR_SMALL_TABLES}}
        engine = SparkEngine(EngineSettings.model_validate(settings))
        results: list[NodeResult] = []
        with pytest.MonkeyPatch.context() as patch:
            for name, value in engine.environment(programme.folder).items():
                patch.setenv(name, value)
            # Of the session that is open.
            patch.setenv("SPARK_STORAGE", str(self.tables_folder.parent))
            outcome = run_dbt(command, self.folder / "target", engine, results.append)
        assert not outcome.exception, outcome.exception
        return results

    def build(self, *arguments: str) -> None:
        results = self.run("build", "--exclude-resource-type", "test", "unit_test", *arguments)
        failed = [result for result in results if result.status not in ("success", "no-op")]  # exposures
        assert not failed, [(result.unique_id, result.message) for result in failed]

    def build_again(self) -> None:
        self.build("--select", *(f"+{name}" for name in self.incremental))

    def bring(self, tables: Collection[tuple[str, str]]) -> Path:
        """A database of DuckDB with these tables."""
        database = self.folder / f"{len(list(self.folder.iterdir()))}.duckdb"
        with duckdb.connect(database) as connection:
            for schema, table in tables:
                SparkTables(connection, self.session, self.tables_folder).bring(schema, table, False)
        return database

    def find_differences(self, tables: Collection[tuple[str, str]]) -> dict[str, str]:
        """By table, how its rows differ from those of a build of everything on DuckDB."""
        on_duckdb = self.folder / f"duckdb {len(list(self.folder.iterdir()))}.duckdb"
        build(self.project, self.history.folder, TODAY, on_duckdb).connection.close()
        on_spark = self.bring(tables)
        with duckdb.connect(on_spark) as connection:
            for table in self.incremental.values():
                # A month that has become empty is a row in which the rest is null.
                connection.execute(f"delete from {table} where inputs_hash = 'no journeys'")
        return dict(compare(on_spark, [*tables], lambda schema, name: f'from other."{schema}"."{name}"', on_duckdb))

    @property
    def tables_folder(self) -> Path:
        return Path(self.session.conf.get("spark.sql.warehouse.dir").removeprefix("file:"))

    def find_place(self, table: str) -> Path:
        from dbt.adapters.sparksession.places import name_place  # which only the group spark installs

        return Path(name_place(str(self.tables_folder), table))

    def list_files(self) -> dict[str, set[str]]:
        """The files of incremental tables, by table and month."""
        found: dict[str, set[str]] = {}
        for table in self.incremental.values():
            for file in self.find_place(table).rglob("part-*.parquet"):
                found.setdefault(f"{table} {file.parent.name[6:16]}", set()).add(file.name)
        return found

    def read_hashes(self) -> dict[str, str]:
        rows = self.session.sql("select month, inputs_hash from intermediate.int_journey_months").collect()
        return {str(month): inputs_hash for month, inputs_hash in rows}


@pytest.fixture(scope="module")
def on_spark(spark: Any, project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> OnSpark:
    folder = tmp_path_factory.mktemp("random")
    history = RandomProgramme(folder / "programme", random.Random(SEED)).start()
    (history.folder / ".pseudonym_key").write_text(KEY)
    built = OnSpark(history, spark, project, folder)
    built.build()
    return built


def test_every_table_is_the_same_row_by_row(on_spark: OnSpark):
    manifest = {"nodes": on_spark.project.nodes}
    tables = [(schema, table) for schema, table, _ in list_tables(manifest)]
    assert len(tables) > 150
    assert on_spark.find_differences(tables) == {}


@SLOW
def test_dbts_unit_tests_hold(on_spark: OnSpark):
    results = on_spark.run("test", "--select", "test_type:unit")
    assert len(results) > 100
    failed = {result.unique_id.split(".", 2)[2]: result.message for result in results if result.status != "pass"}
    assert failed.keys() == CANNOT_RUN.keys(), failed


@SLOW
def test_incremental_runs_leave_what_a_build_of_everything_makes(on_spark: OnSpark):
    tables = [tuple(table.split(".")) for table in on_spark.incremental.values()]
    assert len(tables) >= 5
    for nth in range(2):
        hashes, files = on_spark.read_hashes(), on_spark.list_files()
        on_spark.history.deliver_some()
        if nth:
            on_spark.history.empty_november()
        on_spark.build_again()
        assert on_spark.find_differences(tables) == {}
        # Nothing but the months that differ was written.
        hashes_now, files_now = on_spark.read_hashes(), on_spark.list_files()
        differ = {month for month in hashes.keys() | hashes_now.keys() if hashes.get(month) != hashes_now.get(month)}
        assert differ and differ < hashes.keys() | hashes_now.keys()
        written = {
            place.split()[1] for place in files.keys() | files_now.keys() if files.get(place) != files_now.get(place)
        }
        assert written == differ
    november = "select count(*), count(order_id) from intermediate.int_credits_moved where month = date '2025-11-01'"
    assert [tuple(row) for row in on_spark.session.sql(november).collect()] == [(1, 0)]

    kept = on_spark.bring(tables)
    # A full refresh of a run starts with an empty folder.
    for table in on_spark.incremental.values():
        on_spark.session.sql(f"drop table {table}")
        shutil.rmtree(on_spark.find_place(table))
    on_spark.build("--full-refresh", "--select", *on_spark.incremental)
    refreshed = on_spark.bring(tables)
    with duckdb.connect(kept) as connection:
        connection.execute(f"attach '{refreshed}' as other (read_only)")
        for schema, table in tables:
            here, there = (
                f"select * from {schema}.{table} where inputs_hash <> 'no journeys'",
                f"from other.{schema}.{table}",
            )
            for one, two in ((here, there), (there, here)):
                only = connection.execute(f"{one} except all {two}").fetchall()
                assert only == [], table
