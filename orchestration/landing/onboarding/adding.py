"""Copies a file into landing/ and appends its entry to extracts.yml, without changing any existing line."""

import os
import re
import shutil
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from orchestration.programme.atomic import replace_whole
from orchestration.programme.documents import read_document
from orchestration.programme.extracts import TO_FILL_IN
from orchestration.programme.folder import ProgrammeFolder
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
            shown[name] = writer.map(**value)
            if len(value) <= IN_ONE_LINE and TO_FILL_IN not in value.values():
                shown[name].fa.set_flow_style()
    writer.dump([shown], text := StringIO())
    return [f"{indent}{line}" for line in text.getvalue().splitlines()]


def add_entry(entry: Mapping[str, Any], file: Path, folder: ProgrammeFolder) -> str:
    """Add file and entry; returns the path of the file in the programme.

    Raises CannotAdd if the entry or another file of that name exists, ProgrammeError if the programme is not valid.
    """
    programme = read_programme(folder.path)
    table = entry.get("feeds") or entry.get("format")
    if any((other.files, other.table_name) == (entry["files"], table) for other in programme.entries):
        raise CannotAdd(f"{folder.extracts_file} reads {entry['files']} as {table} already")
    target = find_target(file, folder)
    text = folder.extracts_file.read_text(encoding="utf-8-sig")
    added = "\n".join([text.rstrip("\n"), *write_entry(entry, find_indent(text)), ""])
    with replace_whole(folder.extracts_file) as candidate:
        candidate.write_text(added, encoding="utf-8")
        document = read_document(candidate)
        extracts = document.data.get("extracts") if isinstance(document.data, dict) else None
        if document.problems or not isinstance(extracts, list) or len(extracts) != len(programme.entries) + 1:
            raise CannotAdd(
                f"{folder.extracts_file} does not end with its list of entries. Write the entry there yourself"
            )
        if file.absolute() != target:
            shutil.copy2(file, target)
    return target.relative_to(folder.path).as_posix()


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
