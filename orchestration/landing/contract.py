"""The canonical extracts, as dbt_project/models/raw declares them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

RAW_MODELS = Path(__file__).parents[2] / "dbt_project" / "models" / "raw"


@dataclass(frozen=True)
class Column:
    """`data_type` names a macro of casts.sql (`money`: as_money); `accepted` is empty where any value will do."""

    name: str
    data_type: str
    required: bool
    accepted: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class Extract:
    """One canonical extract; `key` identifies a row over all deliveries."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def find_column(self, name: str) -> Column:
        """The column of that name; raises KeyError if the extract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@cache
def read_contract(folder: Path = RAW_MODELS) -> Mapping[str, Extract]:
    """The extracts of dbt's source `raw`, by name, in alphabetical order."""
    extracts = {}
    for file in sorted(folder.glob("*.yml")):
        declared = YAML(typ="safe", pure=True).load(file) or {}
        for source in declared.get("sources", ()):
            if source["name"] == "raw":
                extracts |= {table["name"]: _read_extract(table) for table in source["tables"]}
    return MappingProxyType(dict(sorted(extracts.items())))


def _read_extract(table: Mapping[str, Any]) -> Extract:
    columns = tuple(_read_column(column) for column in table["columns"])
    return Extract(table["name"], table["description"], tuple(_read_meta(table).get("key", ())), columns)


def _read_column(column: Mapping[str, Any]) -> Column:
    meta = _read_meta(column)
    accepted = tuple(str(value) for value in meta.get("accepted", ()))
    required = bool(meta.get("required", False))
    return Column(column["name"], column["data_type"], required, accepted, column.get("description", ""))


def _read_meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("config", {}).get("meta", {})
