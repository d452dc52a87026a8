"""YAML files as plain texts with line numbers.

Scalars keep the text that was written: `1.10`, `007`, `yes` and 19-digit ids. The models of plan.py, extracts.py and
settings.py decide what each becomes. Only a plain `null`, `~` or nothing is null. No tag builds an object.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from orchestration.programme.problems import Problem

Location = tuple[str | int, ...]

_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MAX_DEPTH = 20
# YAML's parser takes seconds to fail on deeply nested brackets.
_TOO_DEEP = re.compile(r"(?:[\[{]\s*){50}")


class Plain(str):
    """A scalar without quotes: the only kind that YAML could read as a boolean."""


@dataclass(frozen=True)
class Document:
    """A parsed file: `data` of dicts, lists, texts and None; `lines` maps a location in it to its line, from 1."""

    file: str
    data: Any
    lines: dict[Location, int]
    problems: tuple[Problem, ...]

    def find_line(self, location: Location) -> int | None:
        """The line of a key or an item; the line of its nearest parent where it is missing."""
        while location not in self.lines and location:
            location = location[:-1]
        return self.lines.get(location)

    def describe_problem(self, location: Location, message: str, remedy: str) -> Problem:
        """A problem at a location, with its line."""
        return Problem(self.file, self.find_line(location), message, remedy)

    def read_group(self, name: str) -> dict[str, Any]:
        """The mapping under a top-level key; empty where there is none."""
        group = self.data.get(name) if isinstance(self.data, dict) else None
        return group if isinstance(group, dict) else {}


def read_document(path: Path) -> Document:
    """Read one YAML file. `problems` are errors in the YAML itself; `data` is None if nothing could be read."""

    def fail(line: int | None, message: str, remedy: str) -> Document:
        return Document(path.name, None, {}, (Problem(path.name, line, message, remedy),))

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return fail(error.object[: error.start].count(b"\n") + 1, "is not UTF-8 text", "Save it as UTF-8")
    if _TOO_DEEP.search(text):
        return fail(None, "is nested too deeply", "Write it with fewer levels")
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"is not valid YAML: {error.problem or error.context}"
        return fail(mark.line + 1 if mark else None, message, "Correct the line, or the one before it")
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return fail(line, f"is not valid YAML: {error}".splitlines()[0], "Correct the line")
    except RecursionError:
        return fail(None, "is nested too deeply", "Write it with fewer levels")
    builder = _Builder(path.name)
    data = None if root is None else builder.build(root, ())
    return Document(path.name, data, builder.lines, tuple(builder.problems))


class _Builder:
    """Builds plain data from composed nodes and records the line of each."""

    def __init__(self, file: str):
        self.file = file
        self.lines: dict[Location, int] = {}
        self.problems: list[Problem] = []

    def build(self, node: Node, location: Location) -> Any:
        self.lines.setdefault(location, node.start_mark.line + 1)
        if node.anchor is not None:
            # Aliases are not expanded: a small file could otherwise grow to gigabytes.
            return self._report(node, f"the anchor '&{node.anchor}' is not supported", "Repeat the value instead")
        if str(node.tag) not in _CORE_TAGS:
            return self._report(node, f"the tag '{node.tag}' is not supported", "Remove the tag")
        if len(location) > _MAX_DEPTH:
            return self._report(node, "the file is nested too deeply", "Write it with fewer levels")
        if isinstance(node, ScalarNode):
            if node.style:
                return str(node.value)
            return None if node.value in _NULLS else Plain(node.value)
        if isinstance(node, MappingNode):
            return self._build_mapping(node, location)
        return [self.build(item, (*location, position)) for position, item in enumerate(node.value)]

    def _build_mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._report(key_node, "a key must be a text", "Write `name: value`")
                continue
            key = str(key_node.value)
            if key in mapping:
                first = self.lines[(*location, key)]
                self._report(key_node, f"'{key}' is there twice, first on line {first}", "Keep one of them")
                continue
            self.lines[(*location, key)] = key_node.start_mark.line + 1
            mapping[key] = self.build(value_node, (*location, key))
        return mapping

    def _report(self, node: Node, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, message, remedy))
