"""What Dagster needs of extracts.yml while it loads the code location: which entries are pulled from where, and which
tables of raw are fed.

The file may be missing or wrong then; the run reports its problems.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder

_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Source:
    """An entry that is pulled: its connection, what it is called, and the table of raw that it feeds."""

    connection: str
    label: str
    table_name: str


def read_sources(folder: ProgrammeFolder) -> tuple[Source, ...]:
    """The entries with `from:`, in the order of the file; none where it cannot be read."""
    found: dict[tuple[str, str], Source] = {}
    for item in read_items(folder):
        table_name = find_table_name(item)
        texts = [item.get("from"), item.get("name") or table_name, table_name]
        named = [text for text in texts if isinstance(text, str) and _NAME.fullmatch(text)]
        if len(named) == len(texts):
            source = Source(*named)
            found.setdefault((source.connection, source.label), source)
    return tuple(found.values())


def read_table_names(folder: ProgrammeFolder) -> set[str]:
    """The tables of raw that entries feed; none where the file cannot be read."""
    names = map(find_table_name, read_items(folder))
    return {name for name in names if isinstance(name, str)}


def read_items(folder: ProgrammeFolder) -> Iterator[dict[str, Any]]:
    try:
        data = read_document(folder.extracts_file).data
    except OSError:
        return
    items = data.get("extracts") if isinstance(data, dict) else None
    yield from (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


def find_table_name(item: dict[str, Any]) -> Any:
    return item.get("feeds") or item.get("format")
