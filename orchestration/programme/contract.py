"""The tables of raw as dbt_project/models/raw declares them: canonical extracts, and vendors' formats in formats/."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from orchestration.programme.repository import DBT_PROJECT

RAW_MODELS = DBT_PROJECT / "models" / "raw"
DOC_BLOCK = re.compile(r"{% docs (\w+) %}(.*?){% enddocs %}", re.DOTALL)
DOC_REFERENCE = re.compile(r"{{ doc\('(\w+)'\) }}")
# Stands for an ISO 4217 code in a declared header: `Amount spent ({currency})`.
CURRENCY_IN_HEADER = "{currency}"


@dataclass(frozen=True)
class Column:
    """`data_type` names a macro of casts.sql (`money`: as_money); `accepted` is empty where any value is valid.

    `headers` are the names that files use, in any version; a column without headers comes from the entry's `values`.
    A header with `{currency}` in it stands for all that have a currency's code there, which becomes the row's currency.
    A header with a dot (`customer.id`) is also a value inside the JSON objects of the header before a dot (`customer`).
    `keeps` is the structure (as DuckDB's json_transform has it) of a column of lists in JSON: the rest is left out.
    `remedy` says what to do in the vendor's tool about a file that lacks the column.
    `identifies` names the person whose id it is (`customer`, `referrer`, …: columns of one row with the same word
    identify the same person), `describes` a person about whom the column holds personal data. A telephone number has
    `phone_countries`, the columns of which the first that is not empty is its country. A part of a key that
    `ignores_case` is the same in capitals. In a column that `is_id` the `.0` of spreadsheets is removed. `empty_words`
    are the words such as `nan` that are read as empty: `all`, `none` (free text, names and codes) or `except_na` (where
    NA may be Namibia or North America).

    The rest helps `make onboard` only: `synonyms` are what exports call the column, `words` what they write for an
    accepted value, and `often_constant` a column that is often one value for a whole file.
    """

    name: str
    data_type: str
    required: bool
    accepted: tuple[str, ...]
    description: str
    headers: tuple[str, ...]
    identifies: str | None = None
    describes: str | None = None
    ignores_case: bool = False
    is_id: bool = False
    phone_countries: tuple[str, ...] = ()
    empty_words: str = "none"
    synonyms: tuple[str, ...] = ()
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    often_constant: bool = False
    remedy: str = ""
    keeps: str = ""

    def find_headers(self, present: Iterable[str]) -> dict[str, str]:
        """Which of a file's headers can feed the column, the preferred first, each with the currency in it or ''."""
        found: dict[str, str] = {}
        names = dict.fromkeys(present)
        for header in self.headers:
            before, placeholder, after = header.partition(CURRENCY_IN_HEADER)
            if placeholder:
                pattern = re.compile(f"{re.escape(before)}([A-Z]{{3}}){re.escape(after)}")
                found |= {name: match[1] for name in names if (match := pattern.fullmatch(name))}
            elif header in names:
                found.setdefault(header, "")
            elif outer := _find_outer(header, names):
                found.setdefault(outer, "")
        return found

    def find_path(self, header: str) -> tuple[str, ...]:
        """Where the value is inside the JSON objects of a header that find_headers gave; empty where it is the cell."""
        if header in self.headers:
            return ()
        start = f"{header}."
        inner = next((name.removeprefix(start) for name in self.headers if name.startswith(start)), "")
        return tuple(inner.split(".")) if inner else ()


def _find_outer(header: str, names: Iterable[str]) -> str:
    """The header whose objects hold it: `customer` of `customer.id`; empty where the file has none."""
    while "." in header:
        header = header.rpartition(".")[0]
        if header in names:
            return header
    return ""


@dataclass(frozen=True)
class Drop:
    """Rows that the format drops: `where` is SQL over its columns, `because` the reason."""

    where: str
    because: str


@dataclass(frozen=True)
class RowCheck:
    """Rows that the format cannot read: `where` is SQL over its columns; reason and remedy as in the quarantine."""

    where: str
    because: str
    remedy: str


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
    checks: tuple[RowCheck, ...] = ()


@dataclass(frozen=True)
class Guide:
    """What docs/formats.md says about a format: where in the vendor's tool the file comes from, what cannot be known
    from it, and what its declaration was written from."""

    export: str
    unknown: str
    evidence: str


@dataclass(frozen=True)
class Heads:
    """Of rows that are parts of something (lines of an order), those that stand for the whole: `given` are the columns
    that only they have, `key` identifies the whole."""

    key: tuple[str, ...]
    given: tuple[str, ...]


@dataclass(frozen=True)
class Extract:
    """One table of raw. `format` is None for a canonical extract.

    `part_of` is the format whose rows it completes: the lines of the orders of another table. It has no rows of its own
    in what it feeds.

    `key` identifies a row across all deliveries, or, with `is_key_per_entry`, across those of one entry. It is empty
    where rows of one file are parts of something (lines of an order); `heads` are then the rows that come once for each
    such thing, if there are any. `event_time` is the column with the time at which
    what a row is about happened, which never changes. An extract that `is_list` names things (posts, partners, codes):
    rows that are read alike name the same thing, while two orders that are read alike may be two lines of one.

    A row that has none of the columns `needs_one_of` says nothing: a format refuses a file without all of them.
    The rest helps `make onboard` only: a file may feed an extract of `often_with` too, and a file without one of the
    headers `recognised_by` is not of the format. `guide` is for docs/formats.md.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    format: Format | None = None
    is_key_per_entry: bool = False
    event_time: str | None = None
    is_list: bool = False
    heads: Heads | None = None
    needs_one_of: tuple[str, ...] = ()
    often_with: tuple[str, ...] = ()
    recognised_by: tuple[str, ...] = ()
    guide: Guide | None = None
    part_of: str | None = None

    @property
    def compared_key(self) -> tuple[str, ...]:
        """The columns that no two rows of a file should share: the key, or that of the heads."""
        return self.heads.key if self.heads else self.key

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def personal_columns(self) -> frozenset[str]:
        """Columns that identify a person or hold personal data about one."""
        return frozenset(column.name for column in self.columns if column.identifies or column.describes)

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
        declared = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) or {}  # as dbt reads it
        for source in declared.get("sources", ()):
            if source["name"] == "raw":
                extracts |= {table["name"]: _read_extract(table) for table in source["tables"]}
    return MappingProxyType(dict(sorted(extracts.items())))


def _read_extract(table: Mapping[str, Any]) -> Extract:
    meta = _read_meta(table)
    columns = tuple(_read_column(column) for column in table["columns"])
    declared = _read_format(meta["format"]) if meta.get("format") else None
    return Extract(
        name=table["name"],
        description=_read_description(table),
        key=tuple(meta.get("key", ())),
        columns=columns,
        format=declared,
        is_key_per_entry=bool(meta.get("key_per_entry", False)),
        event_time=meta.get("event_time"),
        is_list=meta.get("family") == "reference",
        heads=Heads(tuple(meta["heads"]["key"]), tuple(meta["heads"]["given"])) if meta.get("heads") else None,
        needs_one_of=tuple(meta.get("needs_one_of", ())),
        often_with=tuple(meta.get("often_with", ())),
        recognised_by=tuple(meta.get("recognised_by", ())),
        guide=Guide(**meta["guide"]) if meta.get("guide") else None,
        part_of=meta.get("part_of"),
    )


def _read_format(declared: Mapping[str, Any]) -> Format:
    return Format(
        feeds=tuple(declared["feeds"]),
        timezone=declared["timezone"],
        drops=tuple(Drop(drop["where"], drop["because"]) for drop in declared.get("drops", ())),
        siblings=tuple(Sibling(tuple(other["headers"]), other["message"]) for other in declared.get("siblings", ())),
        reading=tuple(declared.get("reading", {}).items()),
        checks=tuple(RowCheck(**check) for check in declared.get("checks", ())),
    )


def _read_column(column: Mapping[str, Any]) -> Column:
    meta = _read_meta(column)
    # An id is a text that is named so; every other text is free text or a name, unless its meta says more.
    is_id = meta.get("is_id", column["data_type"] == "text" and column["name"].endswith("_id"))
    is_text = column["data_type"] in ("text", "list")
    is_chosen = bool(is_id or meta.get("accepted") or meta.get("identifies"))
    return Column(
        name=column["name"],
        data_type=column["data_type"],
        required=bool(meta.get("required", False)),
        accepted=tuple(str(value) for value in meta.get("accepted", ())),
        description=_read_description(column),
        headers=tuple(str(header) for header in meta.get("headers", [column["name"]])),
        identifies=meta.get("identifies"),
        describes=meta.get("describes"),
        ignores_case=bool(meta.get("ignores_case", False)),
        is_id=is_id,
        phone_countries=tuple(meta.get("phone_countries", ())),
        empty_words=meta.get("empty_words", "none" if is_text and not is_chosen else "all"),
        synonyms=tuple(str(name) for name in meta.get("synonyms", ())),
        words=tuple((str(ours), tuple(map(str, theirs))) for ours, theirs in meta.get("words", {}).items()),
        often_constant=bool(meta.get("often_constant", False)),
        remedy=meta.get("remedy", ""),
        keeps=meta.get("keeps", ""),
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
