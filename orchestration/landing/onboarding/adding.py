"""Copies a file into landing/ and appends its entries to extracts.yml, without changing any existing line."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from orchestration.programme.atomic import replace_whole
from orchestration.programme.documents import Document, read_document
from orchestration.programme.extracts import TO_FILL_IN
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme

INDENT = "  "
# Mappings up to this length are written in one line.
IN_ONE_LINE = 4


class CannotAdd(Exception):
    """Nothing was changed; the message gives the reason and what to do."""


def write_entry(entry: Mapping[str, Any], indent: str = INDENT) -> list[str]:
    """The entry as lines of extracts.yml; a long mapping has one line per name."""
    writer = YAML()
    writer.width = 4096
    writer.indent(mapping=2, sequence=2, offset=0)
    shown = writer.map()
    for name, value in entry.items():
        shown[name] = value
        if isinstance(value, Mapping):
            shown[name] = writer.map()
            for key, part in value.items():
                shown[name][key] = writer.map() if isinstance(part, Mapping) else part
                if isinstance(part, Mapping):
                    shown[name][key].update(part)
                    if TO_FILL_IN not in part.values():
                        shown[name][key].fa.set_flow_style()
            if len(value) <= IN_ONE_LINE and not _has_nested(value) and TO_FILL_IN not in value.values():
                shown[name].fa.set_flow_style()
    writer.dump([shown], text := StringIO())
    return [f"{indent}{line}" for line in text.getvalue().splitlines()]


def _has_nested(value: Mapping[str, Any]) -> bool:
    return any(isinstance(part, Mapping) for part in value.values())


def add_entries(entries: Sequence[Mapping[str, Any]], file: Path | None, folder: ProgrammeFolder) -> str:
    """Add a file and its entries; returns the path of the file in the programme. Without a file, the entries are pulled
    from a connection, and the path is empty.

    What is wrong or still to be filled in elsewhere in extracts.yml does not matter here. Raises CannotAdd if one of
    the entries or another file of that name exists, ProgrammeError if there is no programme or no valid YAML.
    """
    if not folder.extracts_file.is_file():
        read_programme(folder.path)
    document = read_document(folder.extracts_file)
    if document.problems:
        raise ProgrammeError(document.problems)
    before = _read_extracts(document)
    for entry in entries:
        table = _name_table(entry)
        if any(isinstance(item, dict) and _is_same(item, entry) for item in before or ()):
            raise CannotAdd(f"{folder.extracts_file} reads {entry.get('files') or entry['table']} as {table} already")
    target = find_target(file, folder) if file is not None else None
    text = folder.extracts_file.read_text(encoding="utf-8-sig")
    indent = find_indent(text)
    lines = [line for entry in entries for line in write_entry(entry, indent)]
    with replace_whole(folder.extracts_file) as candidate:
        candidate.write_text("\n".join([text.rstrip("\n"), *lines, ""]), encoding="utf-8")
        written = read_document(candidate)
        after = _read_extracts(written)
        expected = len(before or ()) + len(entries)
        if written.problems or after is None or len(after) != expected:
            raise CannotAdd(
                f"{folder.extracts_file} does not end with its list of entries. Write the entry there yourself"
            )
        if file is not None and target is not None and file.absolute() != target:
            target.parent.mkdir(exist_ok=True)
            shutil.copy2(file, target)
    return target.relative_to(folder.path).as_posix() if target is not None else ""


def _read_extracts(document: Document) -> list[Any] | None:
    """The items of `extracts`; None if it is no list. A new team has `extracts:` with nothing under it."""
    extracts = document.data.get("extracts") if isinstance(document.data, dict) else None
    return extracts if isinstance(extracts, list) else None


def _is_same(item: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    is_same_place = all(item.get(place) == entry.get(place) for place in ("files", "from", "table"))
    return is_same_place and _name_table(item) == _name_table(entry)


def _name_table(entry: Mapping[str, Any]) -> Any:
    return entry.get("feeds") or entry.get("format")


def find_target(file: Path, folder: ProgrammeFolder) -> Path:
    """The file's path in the programme. Raises CannotAdd if another file has that path."""
    if file.absolute().is_relative_to(folder.path):
        return file.absolute()
    target = folder.landing / file.name
    if os.path.lexists(target) and target.read_bytes() != file.read_bytes():
        raise CannotAdd(f"{target} is another file of that name. Put the date into the name of the new one")
    return target


def find_indent(text: str) -> str:
    """The indent of the entries."""
    found = re.search(r"^( *)- ", text, flags=re.MULTILINE)
    return found[1] if found else INDENT
