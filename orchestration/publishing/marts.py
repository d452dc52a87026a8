"""Which marts are published: the models of dbt's manifest in the published schemas, with their comments."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The family of metrics of each published schema.
FAMILY_OF_SCHEMA = {"reach": "reach", "results": "result", "goals": "result", "relationships": "relationship"}
SCHEMAS = tuple(FAMILY_OF_SCHEMA)


@dataclass(frozen=True)
class Mart:
    """One published table; `columns` maps each column to its comment, `unique_id` is dbt's. No two rows have the same
    values in the columns of `key` (empty: it has none), and those of `not_null` are never empty. `month_of` is the
    column by whose month its Parquet files are divided if it is large (None: it is one file)."""

    unique_id: str
    schema: str
    name: str
    description: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()
    not_null: tuple[str, ...] = ()
    month_of: str | None = None

    @property
    def table(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def parquet(self) -> Path:
        """Its file within a version's folder, if it is one file."""
        return Path(self.schema, f"{self.name}.parquet")

    @property
    def months(self) -> Path:
        """Its folder within a version's folder, if there is a file for each month."""
        return Path(self.schema, self.name)


def read_marts(manifest: Path) -> list[Mart]:
    """Every model of a published schema, sorted by schema and name."""
    nodes = json.loads(manifest.read_text())["nodes"].values()
    keys = read_keys(nodes)
    return sorted(
        (
            Mart(
                node["unique_id"],
                node["schema"],
                node["alias"],
                node["description"].strip(),
                {name: column["description"].strip() for name, column in node["columns"].items()},
                keys.get(node["unique_id"], ()),
                tuple(name for name, column in node["columns"].items() if is_not_null(column)),
                node["config"]["meta"].get("month_of"),
            )
            for node in nodes
            if node["resource_type"] == "model" and node["schema"] in SCHEMAS
        ),
        key=lambda mart: mart.table,
    )


def read_keys(nodes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The columns of each model's `is_key` test, or that of its `unique` test, by unique id."""
    keys = {}
    for node in nodes:
        test = node.get("test_metadata") or {}
        if test.get("name") in ("is_key", "unique"):
            arguments = test["kwargs"]
            keys[node["attached_node"]] = tuple(arguments.get("columns") or [arguments["column_name"]])
    return keys


def is_not_null(column: Mapping[str, Any]) -> bool:
    return any(constraint["type"] == "not_null" for constraint in column["constraints"])
