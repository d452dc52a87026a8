"""Names and texts as SQL."""

from pathlib import Path


def quote_name(name: str) -> str:
    """An identifier, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: object) -> str:
    """A text literal, whatever it holds; `null` for None."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def quote_path(path: Path) -> str:
    """A file's path as a literal for DuckDB's readers."""
    return quote_literal(escape_pattern(path))


def escape_pattern(path: Path) -> str:
    """A path in which DuckDB's readers do not take *, ? and [ for a pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
