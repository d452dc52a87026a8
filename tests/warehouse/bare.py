"""The dbt project's compiled SQL run by bare DuckDB: a build in a second instead of a dozen, for tests that need many.

What dbt adds to the SQL (contracts, data tests by name, the checks of a run) is tested elsewhere; its singular tests
(`assert_…`) run here, too, because they say what must always hold.
"""

import importlib.util
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import duckdb

from orchestration.landing.erased_people import load_pseudonym_plugin
from orchestration.landing.load import land
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.programme.repository import DBT_PROJECT
from orchestration.warehouse.database import dbt_environment
from tests.conftest import run_parsed_dbt

# A build of a few dozen rows is planning for the most part, and these take a quarter of it.
FOR_MANY_ROWS = "common_subexpressions,compressed_materialization,in_clause,statistics_propagation"
MARTS = ("reach", "results", "goals", "relationships")


@dataclass(frozen=True)
class CompiledProject:
    """What `dbt compile` leaves behind in `target`."""

    target: Path

    @cached_property
    def nodes(self) -> dict[str, dict]:
        return json.loads((self.target / "manifest.json").read_text())["nodes"]

    @cached_property
    def models(self) -> list[dict]:
        """Models and seeds, each after everything that it refers to."""
        left = {key: node for key, node in self.nodes.items() if node["resource_type"] in ("model", "seed")}
        done: dict[str, dict] = {}
        while left:
            ready = [key for key, node in left.items() if not set(node["depends_on"].get("nodes", ())) & left.keys()]
            done |= {key: left.pop(key) for key in ready}
        return list(done.values())

    def list_singular_tests(self, warns: bool) -> list[dict]:
        """Those whose failure is only a warning, or the others."""
        return [
            node
            for node in self.nodes.values()
            if node["resource_type"] == "test"
            and "test_metadata" not in node
            and (node["config"]["severity"].lower() == "warn") == warns
        ]

    @cached_property
    def sources(self) -> list[dict]:
        return list(json.loads((self.target / "manifest.json").read_text())["sources"].values())


def compile_project(empty_programme: Path, target: Path) -> CompiledProject:
    """Compile on a programme that nothing was delivered to: the SQL does not depend on the data."""
    programme = read_programme(empty_programme)
    write_plan_tables(programme)
    land(programme)
    status, output = run_parsed_dbt("compile", "--target-path", str(target), **dbt_environment(programme.folder))
    assert status == 0, output[-3000:]
    return CompiledProject(target)


def compile_incremental(project: CompiledProject, empty_programme: Path, target: Path) -> dict[str, str]:
    """The SQL of incremental models, by name, as dbt compiles it where their tables exist."""
    file = target / "warehouse.duckdb"
    nodes = [node for node in project.models if node["config"]["materialized"] == "incremental"]
    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(file) as connection:
        for node in nodes:
            connection.execute(f"create schema if not exists {node['schema']}")
            connection.execute(f"create table {node['schema']}.{node['alias']} (month date)")
    environment = {**dbt_environment(read_programme(empty_programme).folder), "WAREHOUSE_FILE": str(file)}
    names = [node["name"] for node in nodes if node["language"] == "sql"]
    status, output = run_parsed_dbt("compile", "--select", *names, "--target-path", str(target), **environment)
    assert status == 0, output[-3000:]
    again = CompiledProject(target).nodes
    return {node["name"]: again[node["unique_id"]]["compiled_code"] for node in nodes if node["name"] in names}


class Warehouse:
    """The tables of a build, each built when a query first names it or one that is made from it.

    Used as the connection to it; whatever asks DuckDB for the list of tables, or does not go through `execute`, finds all
    of them built."""

    def __init__(self, project: CompiledProject, connection: duckdb.DuckDBPyConnection):
        self.project = project
        self.connection = connection
        self.waiting = {node["unique_id"]: node for node in project.models}

    def execute(self, sql: str, *parameters) -> duckdb.DuckDBPyConnection:
        if self.waiting:
            lists_tables = "information_schema" in sql or "duckdb_" in sql
            self.build(None if lists_tables else {*NAMED.findall(sql.replace('"', ""))})
        return self.connection.execute(sql, *parameters)

    def build(self, names: Collection[tuple[str, str]] | None = None) -> None:
        """Build the models of these schemas and names, and what they are made from; without names, all."""
        wanted = [node for node in self.waiting.values() if names is None or (node["schema"], node["alias"]) in names]
        upstream = find_upstream(self.project, {node["name"] for node in wanted})
        for key in [key for key in self.waiting if key in upstream]:
            build_model(self.connection, self.waiting.pop(key))

    def __getattr__(self, name: str):
        self.build()
        return getattr(self.connection, name)

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(self, *_) -> None:
        self.connection.close()


NAMED = re.compile(r"\b(\w+)\.(?=(\w+))")


def build(
    project: CompiledProject,
    folder: Path,
    as_of: date | None = None,
    database: Path | str = ":memory:",
    threads: int = 1,
    memory_limit: str | None = None,
    storage_version: str = "latest",
) -> Warehouse:
    """Land what is new in a programme, and build each model when it is read; in a database that is a file, at once."""
    programme = read_programme(folder)
    write_plan_tables(programme, as_of)
    refusals = land(programme).refusals
    assert not refusals, refusals
    environment = dbt_environment(programme.folder)
    connection = duckdb.connect()
    connection.execute(
        f"attach '{database}' as warehouse (storage_version '{storage_version}');"
        f" use warehouse; set TimeZone = 'UTC'; set threads = {threads}"
    )
    connection.execute(f"set preserve_insertion_order = {threads == 1}")
    connection.execute(f"set disabled_optimizers = '{FOR_MANY_ROWS}'")
    if memory_limit:
        connection.execute(f"set memory_limit = '{memory_limit}'")
    set_pads(connection, environment["PSEUDONYM_KEY_FILE"])
    for source in project.sources:
        files = f"{source['name']}/*" if source["source_name"] == "raw" else f"{source['source_name']}/{source['name']}"
        connection.execute(f"create schema if not exists {source['schema']}")
        connection.execute(
            f"create view {source['schema']}.{source['identifier']} as"
            f" select * from read_parquet('{environment['RAW_FOLDER']}/{files}.parquet')"
        )
    for schema in {node["schema"] for node in project.models}:
        connection.execute(f"create schema if not exists {schema}")
    warehouse = Warehouse(project, connection)
    if database != ":memory:":
        warehouse.build()
    return warehouse


def build_again(
    warehouse: Warehouse, folder: Path, incremental: Mapping[str, str], as_of: date, names: Collection[str]
) -> dict[str, set[date]]:
    """Land what is new and build these models, and what they are made of, once more in the same database: incremental
    ones by their SQL in `incremental`. Returns the months that each of those has built."""
    programme = read_programme(folder)
    write_plan_tables(programme, as_of)
    refusals = land(programme).refusals
    assert not refusals, refusals
    upstream = find_upstream(warehouse.project, names)
    months = {}
    for node in warehouse.project.models:
        if node["unique_id"] in upstream and node["config"]["materialized"] == "incremental":
            months[node["name"]] = add_to_model(warehouse.connection, node, incremental)
        elif node["unique_id"] in upstream and node["resource_type"] == "model":
            build_model(warehouse.connection, node)
    return months


def add_to_model(connection: duckdb.DuckDBPyConnection, node: dict, incremental: Mapping[str, str]) -> set[date]:
    """What dbt-duckdb's strategy delete+insert does."""
    assert (node["config"]["incremental_strategy"], node["config"]["unique_key"]) == ("delete+insert", "month")
    table = f'"{node["schema"]}"."{node["alias"]}"'
    if node["language"] == "python":
        connection.register("frame", run_python_model(connection, node, table))
    source = "frame" if node["language"] == "python" else f"({incremental[node['name']]})"
    connection.execute(f"create or replace temp table new_rows as from {source}")
    connection.execute(f"delete from {table} where month in (select month from new_rows)")
    connection.execute(f"insert into {table} by name from new_rows")
    return {month for (month,) in connection.execute("select distinct cast(month as date) from new_rows").fetchall()}


def build_model(connection: duckdb.DuckDBPyConnection, node: dict) -> None:
    table = f'"{node["schema"]}"."{node["alias"]}"'
    if node["resource_type"] == "seed":
        file = DBT_PROJECT / node["original_file_path"]
        connection.execute(f"create table {table} as from read_csv('{file}', header = true)")
    elif node["language"] == "python":
        connection.register("frame", run_python_model(connection, node))
        connection.execute(f"create or replace table {table} as from frame")
    else:
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        connection.execute(f"create or replace {kind} {table} as {node['compiled_code']}")


def run_python_model(connection: duckdb.DuckDBPyConnection, node: dict, this: str | None = None):
    """`this` is the model's own table, if it exists."""
    spec = importlib.util.spec_from_file_location(node["name"], DBT_PROJECT / node["original_file_path"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def ref(name: str) -> duckdb.DuckDBPyRelation:
        schema = next(key for key in node["depends_on"]["nodes"] if key.endswith(f".{name}"))
        return connection.sql(f"from {find_schema(connection, schema.split('.')[-1])}")  # a view is no table()

    return module.model(SimpleNamespace(ref=ref, is_incremental=this is not None, this=this), connection)


def find_schema(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    [(schema,)] = connection.execute(
        "select table_schema from information_schema.tables where table_name = ?", [name]
    ).fetchall()
    return f"{schema}.{name}"


def set_pads(connection: duckdb.DuckDBPyConnection, key_file: str) -> None:
    load_pseudonym_plugin().set_pads(connection, Path(os.fspath(key_file)).read_bytes().strip())


@dataclass(frozen=True)
class BareBuild:
    """A programme and its build, with the `query` of a whole run (tests/conftest.py)."""

    programme: Path
    connection: Warehouse

    def query(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()


def read_marts(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple]]:
    """Every mart's rows, sorted, by name."""
    tables = connection.execute(
        f"select table_schema, table_name from information_schema.tables where table_schema in {MARTS} order by all"
    ).fetchall()
    return {
        f"{schema}.{table}": connection.execute(f"from {schema}.{table} order by all").fetchall()
        for schema, table in tables
    }


def find_different_marts(published: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of marts whose rows in a published database are not those of a build. dbt's contracts decide the order of
    their columns, which a build here leaves as the SQL has it."""
    with duckdb.connect(published, read_only=True) as database:
        marts = read_marts(database)
        columns = {
            mart: [column[0] for column in database.execute(f"from {mart} limit 0").description] for mart in marts
        }
    assert marts.keys() == read_marts(connection).keys()
    return [
        mart
        for mart, rows in marts.items()
        if rows != connection.execute(f"select {', '.join(columns[mart])} from {mart} order by all").fetchall()
    ]


def find_broken_tests(project: CompiledProject, connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple]]:
    """Rows that break a singular test, by its name."""
    tests = project.list_singular_tests(warns=False)
    found = {node["name"]: connection.execute(node["compiled_code"]).fetchall() for node in tests}
    return {name: rows for name, rows in found.items() if rows}


def find_warnings(project: CompiledProject, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The messages of singular tests that only warn."""
    return [
        problem
        for node in project.list_singular_tests(warns=True)
        for (problem,) in connection.execute(f"select problem from ({node['compiled_code']})").fetchall()
    ]


def find_failed_tests(
    project: CompiledProject, connection: duckdb.DuckDBPyConnection, models: Collection[str] | None = None
) -> dict[str, list[tuple]]:
    """Rows that fail a data test whose severity is error, singular or generic (not null, unique, relationships …); with
    `models`, only tests that read nothing but these models and what they are made from."""
    tests = [node for node in project.nodes.values() if node["resource_type"] == "test"]
    tests = [node for node in tests if node["config"]["severity"].lower() == "error"]
    if models is not None:
        upstream = find_upstream(project, models)
        tests = [node for node in tests if set(node["depends_on"]["nodes"]) <= upstream]
        assert tests
    found = {node["name"]: connection.execute(node["compiled_code"]).fetchall() for node in tests}
    return {name: rows for name, rows in found.items() if rows}


def find_upstream(project: CompiledProject, models: Collection[str]) -> set[str]:
    """Unique ids of these models and of everything that they are made from."""
    waiting = [key for key, node in project.nodes.items() if node["name"] in models]
    found: set[str] = set()
    while waiting:
        key = waiting.pop()
        found.add(key)
        waiting += set(project.nodes.get(key, {}).get("depends_on", {}).get("nodes", ())) - found
    return found
