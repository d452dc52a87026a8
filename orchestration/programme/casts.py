"""Casts from text to typed values: dbt's own macros, rendered for DuckDB.

dbt_project/macros/casts.sql alone defines the rules, so staging can cast every value that landing accepts.
"""

import hashlib
from functools import cache
from types import ModuleType
from typing import Any

import jinja2

from orchestration.programme.repository import DBT_PROJECT

MACROS = DBT_PROJECT / "macros"
# What casts and pseudonyms are made of, as DuckDB writes it: landing reads files with DuckDB, whichever engine builds.
ENGINE_MACROS = ("engine/names.sql", "engine/duckdb.sql")
_FILES = ("casts.sql", *ENGINE_MACROS)


class _DuckdbAdapter:
    """The part of dbt's adapter that the macros use: `dispatch`."""

    def __init__(self) -> None:
        self.macros: ModuleType | Any = None

    def dispatch(self, name: str) -> Any:
        return getattr(self.macros, f"duckdb__{name}")


def cast_expression(data_type: str, column_sql: str) -> str:
    """SQL that is null where the text `column_sql` is empty or not readable as `data_type`.

    It uses `_decimal`, `_date_order` and `_timezone` of the same row. Raises KeyError for an unknown data type.
    """
    macro = getattr(load_macros(*_FILES), f"as_{data_type}", None)
    if macro is None:
        raise KeyError(f"no macro as_{data_type} in {MACROS / 'casts.sql'}")
    return str(macro(column_sql)).strip()


@cache
def fingerprint_casts() -> str:
    """Hash of the cast macros: rows that were accepted under other macros must be checked again."""
    return hashlib.sha256(_read_source(_FILES).encode()).hexdigest()


@cache
def load_macros(*files: str) -> Any:
    """The macros of these files, rendered for DuckDB."""
    adapter = _DuckdbAdapter()
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    adapter.macros = environment.from_string(_read_source(files)).make_module({"adapter": adapter})
    return adapter.macros


def _read_source(files: tuple[str, ...]) -> str:
    return "\n".join((MACROS / name).read_text(encoding="utf-8") for name in files)
