"""The tables of the dbt project as its manifest lists them: names, SQL, and what is declared of their columns."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestration.landing.raw_files import PROVENANCE
from orchestration.lineage.foreign_code import find_foreign_code
from orchestration.publishing.marts import SCHEMAS


class NotProvable(Exception):
    """Why something cannot be proved; the message names the table."""


@dataclass(frozen=True)
class Declared:
    """A column as its .yml declares it."""

    name: str
    data_type: str | None
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A source, seed or model. `columns` are those that are declared; `complete` says that there are no others.

    `sql` is compiled SQL (None for sources, seeds and Python models), `python` the code of a Python model.
    """

    id: str
    kind: str
    schema: str
    name: str
    label: str
    file: str
    columns: Mapping[str, Declared]
    complete: bool
    meta: Mapping[str, Any]
    sql: str | None = None
    python: str | None = None
    parents: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.label


# The adapter of dbt_project/plugins, and the table in which it gives the macro pseudonym() the programme's key.
SPARK = "sparksession"
PADS = Table(
    *("engine.pads", "source", "engine", "pads", "engine.pads", "dbt_project/macros/engine/spark.sql"),
    {name: Declared(name, "text", {}) for name in ("inner_pad", "outer_pad")},
    True,
    {"family": "reference"},
)


@dataclass(frozen=True)
class Project:
    """`tables` by id; `feeds` maps the id of each staging model to the extract that it feeds; `dialect` is that of the
    engine for which dbt compiled the SQL, by the name that dbt and sqlglot give it."""

    tables: Mapping[str, Table]
    feeds: Mapping[str, str]
    errors: tuple[str, ...] = ()
    dialect: str = "duckdb"

    @cached_property
    def by_relation(self) -> Mapping[tuple[str, str], Table]:
        return {(table.schema, table.name): table for table in self.tables.values()}

    def in_schema(self, *schemas: str) -> list[Table]:
        """The models of these schemas, by label."""
        found = [table for table in self.tables.values() if table.kind == "model" and table.schema in schemas]
        return sorted(found, key=lambda table: table.label)


def read_project(target: Path) -> Project:
    """The project that dbt compiled or built into `target`.

    Raises NotProvable if there is no manifest. What is missing for single tables is in the project's `errors`.
    """
    file = target / "manifest.json"
    if not file.exists():
        raise NotProvable(f"{file} is not there: build or compile the dbt project first")
    return describe_project(json.loads(file.read_text()), target)


def describe_project(manifest: Mapping[str, Any], target: Path) -> Project:
    errors: list[str] = []
    nodes = manifest["nodes"].values()
    tables = [describe_source(node) for node in manifest["sources"].values()]
    tables += [describe_seed(node) for node in nodes if node["resource_type"] == "seed"]
    for node in nodes:
        if node["resource_type"] in ("model", "snapshot") and node["config"]["materialized"] != "ephemeral":
            code = node["raw_code"] if node["language"] == "python" else find_compiled(node, target)
            if code is None:
                errors.append(f"{node['original_file_path']} has not been compiled: run the whole nightly job")
            tables.append(describe_model(node, code or ""))
    errors += [*find_foreign_code(manifest), *find_doubles(tables)]
    adapter = manifest["metadata"]["adapter_type"]
    if adapter == SPARK:
        tables.append(PADS)
    dialect = "spark" if adapter == SPARK else adapter
    return Project({table.id: table for table in tables}, find_feeds(manifest), tuple(errors), dialect)


def describe_source(node: Mapping[str, Any]) -> Table:
    """Landing writes exactly the declared columns of `raw` and where each row came from. Of other sources only those
    columns are declared that there is something to declare of."""
    raw = node["source_name"] == "raw"
    provenance = {name: Declared(name, "text", {}) for name in PROVENANCE if raw}
    label = f"{node['source_name']}.{node['name']}"
    return describe(node, "source", node["identifier"], label, read_columns(node) | provenance, raw)


def describe_seed(node: Mapping[str, Any]) -> Table:
    """A seed has the columns of its file, whatever its .yml declares."""
    declared = read_columns(node)
    delimiter = node["config"].get("delimiter") or ","
    with (Path(node["root_path"]) / node["original_file_path"]).open(encoding="utf-8-sig", newline="") as file:
        header = [name.strip().lower() for name in next(csv.reader(file, delimiter=delimiter))]
    columns = {name: declared.get(name, Declared(name, None, {})) for name in header}
    return describe(node, "seed", node["alias"], node["name"], columns, True)


def describe_model(node: Mapping[str, Any], code: str) -> Table:
    name, parents = node["alias"], tuple(node["depends_on"]["nodes"])
    label = f"{node['schema']}.{name}" if node["schema"] in SCHEMAS else node["name"]
    language = "python" if node["language"] == "python" else "sql"
    return describe(node, "model", name, label, read_columns(node), False, parents=parents, **{language: code})


def describe(node: Mapping[str, Any], kind: str, name: str, label: str, *columns: Any, **others: Any) -> Table:
    """`columns` are the declared ones, and whether there are no others."""
    schema, file = node["schema"].lower(), node["original_file_path"]
    meta = {**node.get("source_meta", {}), **read_meta(node)}
    return Table(node["unique_id"], kind, schema, name.lower(), label, file, *columns, meta, **others)


def find_compiled(node: Mapping[str, Any], target: Path) -> str | None:
    """The SQL that a table was built with: this run's, or the one that an earlier run into the same folder left."""
    if node.get("compiled_code"):
        return node["compiled_code"]
    file = target / "compiled" / node["package_name"] / node["original_file_path"]
    return file.read_text() if file.exists() else None


def read_meta(node: Mapping[str, Any]) -> dict[str, Any]:
    return {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}


def read_columns(node: Mapping[str, Any]) -> dict[str, Declared]:
    return {
        column["name"].lower(): Declared(column["name"].lower(), column.get("data_type"), read_meta(column))
        for column in node["columns"].values()
    }


def find_doubles(tables: list[Table]) -> Iterator[str]:
    """Two tables under one name in the database: which of them a query reads is unknown."""
    seen: dict[tuple[str, str], Table] = {}
    for table in tables:
        other = seen.setdefault((table.schema, table.name), table)
        if other is not table:
            yield f"{table.file}: {table.schema}.{table.name} is also what {other.file} makes"


def find_feeds(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Which staging model feeds which extract: `stg_<source>__<extract>`, as macros/deliveries.sql demands of feeds."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    names = {node["unique_id"]: node["name"].partition("__") for node in models if node["schema"] == "staging"}
    extracts = {extract for source, _, extract in names.values() if source == "stg_extracts"}
    return {id: name for id, (source, _, name) in names.items() if source.startswith("stg_") and name in extracts}
