"""Quoting of names, texts and paths in SQL."""

from pathlib import Path


def quote_name(name: str) -> str:
    """An identifier, with any characters."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: object) -> str:
    """A text literal, with any characters; `null` for None."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def quote_path(path: Path) -> str:
    """The path of one file as a literal for DuckDB's readers."""
    return quote_literal(escape_pattern(path))


def escape_pattern(path: Path) -> str:
    """A path in which DuckDB's readers do not treat *, ? and [ as wildcards."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
