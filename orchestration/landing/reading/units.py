"""Numbers in the unit that the entry declares, as the unit that raw has: whole currency, ratios, times as ISO 8601."""

from collections.abc import Mapping

from orchestration.programme.casts import ENGINE_MACROS, cast_expression, load_macros
from orchestration.programme.contract import Column
from orchestration.programme.options import Unit
from orchestration.programme.sql import quote_literal

_FACTORS: Mapping[str, str] = {"cents": "0.01", "thousandths": "0.001", "percent": "0.01"}
_MICROSECONDS: Mapping[str, str] = {"epoch_s": "1000000", "epoch_ms": "1000", "epoch_us": "1"}
# No export has times outside these years; another unit of epoch gives others.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
# Answers of 1 to 5 as answers of 0 to 10: equal steps, halves rounded up. 5 stays a promoter (9 and 10), 4 a passive
# (7 and 8), and 1 to 3 stay detractors.
_SCALE_OF_5 = {1: 0, 2: 3, 3: 5, 4: 8, 5: 10}


def express_in_unit(cell: str, column: Column, unit: Unit) -> str:
    """SQL for a cell in raw's unit, null where it is not a number or too large for its type.

    It uses `_decimal` and `_timezone` of the same row, and writes numbers with the row's decimal sign.
    """
    if unit in _MICROSECONDS:
        return _express_time(cell, column, unit)
    text = f"replace({cell}, '%', '')" if unit == "percent" else cell
    scaled = f"try_cast({_as_plain_number(text)} as decimal(28, 10)) * {_FACTORS[unit]}"
    if column.data_type == "money":
        written = f"try_cast(round({scaled}, 2) as decimal(18, 2))::varchar"
    else:
        written = f"regexp_replace(({scaled})::varchar, '[.]?0+$', '')"
    return f"case when _decimal = ',' then replace({written}, '.', ',') else {written} end"


def _express_time(cell: str, column: Column, unit: Unit) -> str:
    microseconds = f"try_cast({_as_plain_number(cell)} as decimal(28, 6)) * {_MICROSECONDS[unit]}"
    first, last = (f"epoch_us(make_timestamp({year}, 1, 1, 0, 0, 0))" for year in (_FIRST_YEAR, _LAST_YEAR))
    # A cast of a time outside the calendar would fail, so the years are checked before it.
    moment = f"make_timestamp(case when {microseconds} between {first} and {last} then ({microseconds})::bigint end)"
    if column.data_type == "date":
        return f"strftime(timezone(_timezone, timezone('UTC', {moment})), '%Y-%m-%d')"
    return f"strftime({moment}, '%Y-%m-%dT%H:%M:%S.%fZ')"


def describe_misfit(unit: Unit) -> tuple[str, str]:
    """Reason and remedy for a number that a unit does not fit."""
    if unit in _MICROSECONDS:
        reason = f"is no time between {_FIRST_YEAR} and {_LAST_YEAR} in {unit}"
        return reason, "correct units: in extracts.yml, or the value at the source"
    return f"is too large for a number in {unit}", "correct the value at the source, and export it again"


def is_number(cell: str) -> str:
    """SQL for whether a cell is a number as the row writes numbers, also one that is too large for its type."""
    without_percent = f"replace({cell}, '%', '')"
    return f"({_as_plain_number(without_percent)}) is not null"


def express_of_10(cell: str) -> str:
    """SQL that converts an answer from 1 to 5 to the scale of 0 to 10; null for any other value."""
    branches = " ".join(f"when {given} then {quote_literal(ours)}" for given, ours in _SCALE_OF_5.items())
    return f"case {cast_expression('count', cell)} {branches} end"


def _as_plain_number(cell: str) -> str:
    return str(load_macros("casts.sql", *ENGINE_MACROS).as_plain_number(cell)).strip()
