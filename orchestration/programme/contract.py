"""The tables of raw as dbt_project/models/raw declares them: canonical extracts, and vendors' formats in formats/."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

from orchestration.programme.repository import DBT_PROJECT

RAW_MODELS = DBT_PROJECT / "models" / "raw"
DOC_BLOCK = re.compile(r"{% docs (\w+) %}(.*?){% enddocs %}", re.DOTALL)
DOC_REFERENCE = re.compile(r"{{ doc\('(\w+)'\) }}")


@dataclass(frozen=True)
class Column:
    """`data_type` names a macro of casts.sql (`money`: as_money); `accepted` is empty where any value is valid.

    `headers` are the names that files use, in any version; a column without headers comes from the entry's `values`.
    `identifies` names the person whose id it is (`customer`, `referrer`, …: columns of one row with the same word
    identify the same person), `describes` a person about whom the column holds personal data.
    """

    name: str
    data_type: str
    required: bool
    accepted: tuple[str, ...]
    description: str
    headers: tuple[str, ...]
    identifies: str | None = None
    describes: str | None = None


@dataclass(frozen=True)
class Drop:
    """Rows that the format drops: `where` is SQL over its columns, `because` the reason."""

    where: str
    because: str


@dataclass(frozen=True)
class Sibling:
    """Another export of the same vendor, recognised by its headers, that must not be read as this format."""

    headers: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Format:
    """A vendor's export. `timezone` is `carried` (each time has an offset), `entry` (the entry must declare it) or the
    IANA name that the vendor always uses; `feeds` are the extracts that its staging models feed; `reading` are defaults
    for the entry's options (`skip_rows`, `sheet`, `comment`, …)."""

    feeds: tuple[str, ...]
    timezone: str
    drops: tuple[Drop, ...]
    siblings: tuple[Sibling, ...]
    reading: tuple[tuple[str, str | int], ...]


@dataclass(frozen=True)
class Extract:
    """One table of raw; `key` identifies a row across all deliveries. `format` is None for a canonical extract."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    format: Format | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def find_column(self, name: str) -> Column:
        """The column of that name. Raises KeyError if the extract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@cache
def read_formats() -> Mapping[str, Extract]:
    """Vendors' formats by name, in alphabetical order."""
    return read_contract(RAW_MODELS / "formats")


@cache
def read_contract(folder: Path = RAW_MODELS) -> Mapping[str, Extract]:
    """The canonical extracts by name, in alphabetical order."""
    extracts: dict[str, Extract] = {}
    for file in sorted(folder.glob("*.yml")):
        declared = YAML(typ="safe", pure=True).load(file) or {}
        for source in declared.get("sources", ()):
            if source["name"] == "raw":
                extracts |= {table["name"]: _read_extract(table) for table in source["tables"]}
    return MappingProxyType(dict(sorted(extracts.items())))


def _read_extract(table: Mapping[str, Any]) -> Extract:
    meta = _read_meta(table)
    columns = tuple(_read_column(column) for column in table["columns"])
    declared = _read_format(meta["format"]) if meta.get("format") else None
    return Extract(table["name"], _read_description(table), tuple(meta.get("key", ())), columns, declared)


def _read_format(declared: Mapping[str, Any]) -> Format:
    return Format(
        feeds=tuple(declared["feeds"]),
        timezone=declared["timezone"],
        drops=tuple(Drop(drop["where"], drop["because"]) for drop in declared.get("drops", ())),
        siblings=tuple(Sibling(tuple(other["headers"]), other["message"]) for other in declared.get("siblings", ())),
        reading=tuple(declared.get("reading", {}).items()),
    )


def _read_column(column: Mapping[str, Any]) -> Column:
    meta = _read_meta(column)
    return Column(
        name=column["name"],
        data_type=column["data_type"],
        required=bool(meta.get("required", False)),
        accepted=tuple(str(value) for value in meta.get("accepted", ())),
        description=_read_description(column),
        headers=tuple(str(header) for header in meta.get("headers", [column["name"]])),
        identifies=meta.get("identifies"),
        describes=meta.get("describes"),
    )


def _read_description(node: Mapping[str, Any]) -> str:
    """As dbt renders it: `{{ doc('name') }}` stands for a block of models/descriptions/*.md."""
    return DOC_REFERENCE.sub(lambda reference: _read_doc_blocks()[reference[1]], node.get("description", ""))


@cache
def _read_doc_blocks() -> Mapping[str, str]:
    texts = [file.read_text(encoding="utf-8") for file in sorted((RAW_MODELS.parent / "descriptions").glob("*.md"))]
    return {name: text.strip() for name, text in DOC_BLOCK.findall("\n".join(texts))}


def _read_meta(node: Mapping[str, Any]) -> dict[str, Any]:
    return dict(node.get("config", {}).get("meta", {}))
