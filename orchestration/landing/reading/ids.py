"""Ids: made of several columns or of the row, with the `.0` or the apostrophe of a spreadsheet, or rounded by one."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from orchestration.programme.sql import quote_literal

SEPARATOR = "|"


def express_joined(parts: Sequence[str]) -> str:
    """SQL that joins texts to one id, null where all are empty. Different parts never give the same id."""
    if len(parts) == 1:
        return f"nullif({parts[0]}, '')"
    escaped = [f"replace(replace({part}, '\\', '\\\\'), '{SEPARATOR}', '\\{SEPARATOR}')" for part in parts]
    joined = f" || '{SEPARATOR}' || ".join(escaped)
    return f"case when {' || '.join(parts)} <> '' then {joined} end"


def express_row_id(file: PurePosixPath | str, number: str) -> str:
    """SQL for the id of a row: its file's path and its number, which is the SQL `number`."""
    return f"{quote_literal(f'{file}:')} || ({number})::varchar"


def express_ends_in_zero(cell: str) -> str:
    """SQL for whether a text is a whole number that was written as a fraction (`42.0`)."""
    return f"(suffix(trim({cell}), '.0') and regexp_matches(trim({cell}), '^[0-9]+[.]0$'))"


def express_without_zero(cell: str) -> str:
    return f"regexp_replace(trim({cell}), '[.]0$', '')"


def express_is_rounded(cell: str) -> str:
    """SQL for whether an id was written as 6.09758E+12, with the digits behind lost."""
    return f"(contains({cell}, '+') and regexp_matches(trim({cell}), '^[0-9]([.,][0-9]+)?[eE][+][0-9]+$'))"


def express_is_marked(cell: str) -> str:
    """SQL for whether a number has the apostrophe before it that makes a spreadsheet keep it as text."""
    return f"(prefix(trim({cell}), '''') and regexp_matches(trim({cell}), '^''[0-9]+$'))"


def express_without_mark(cell: str) -> str:
    return f"case when {express_is_marked(cell)} then substr(trim({cell}), 2) else {cell} end"
