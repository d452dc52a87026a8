"""Numbers as people write them: currency signs, thousands groups, and decimal signs that two readings are possible of.

What the casts (dbt_project/macros/casts.sql) read stays as it was written. What they do not read is rewritten where
only one reading is possible. A dot before exactly three digits is a decimal sign or a thousands separator; which of the
two is decided by the other values of the column in the file, else the value is refused.

currency_signs.csv has the signs and ISO 4217 codes beside amounts, in upper case, and the currencies that each can be.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orchestration.programme.casts import cast_expression
from orchestration.programme.sql import quote_literal

_BLANK = "[ \u00a0\u202f]"
_BETWEEN_THOUSANDS = "[ \u00a0\u202f'\u2019]"
# What most files write, and what is cheapest to recognise.
_USUAL = "^-?[0-9]{{1,16}}([{0}][0-9]{{1,2}})?$"
# Digits in groups, by the sign between them: 1,234 and 1,23,456 (lakh) and 1,2345,6789 (myriads), but not 12,50.
_GROUPS = "([0-9]{{1,3}}({0}[0-9]{{2,3}})*{0}[0-9]{{3}}|[0-9]{{1,4}}({0}[0-9]{{4}})+)"
_SEVERAL_GROUPS = "([0-9]{{1,3}}({0}[0-9]{{2,3}})+{0}[0-9]{{3}}|[0-9]{{1,4}}({0}[0-9]{{4}}){{2,}})"
_ANY_SIGN = "[+-]?"


@dataclass(frozen=True)
class Amount:
    """SQL for the parts of a number: `bare` is without currency sign and blanks between thousands, `sign` the currency
    sign or code in upper case (null: none), `is_spaced` whether it has either, or the apostrophe before it that keeps a
    spreadsheet from reading it as a formula."""

    bare: str
    sign: str
    is_spaced: str


def express_is_unusual(cell: str, decimal: str | None) -> str:
    """SQL for whether a value is anything but plain digits with at most two decimals."""
    return f"(coalesce({cell}, '') <> '' and not regexp_matches({cell}, '{_USUAL.format(decimal or '.')}'))"


def express_parts(cell: str, suffixes: Iterable[str]) -> str:
    """SQL for a struct of the parts of a number that may have one of `suffixes` before or after it; for `split`."""
    choices = "|".join(re.escape(suffix) for suffix in sorted(suffixes, key=len, reverse=True))
    # Without suffixes, a group that never matches.
    sign = f"({choices})?" if choices else "([^\\s\\S])?"
    digits = "([0-9.,][0-9., \u00a0\u202f'\u2019]*[0-9.,]|[0-9])"
    pattern = f"(?i)^'?({_ANY_SIGN}){_BLANK}*{sign}{_BLANK}*({_ANY_SIGN}){_BLANK}*{digits}{_BLANK}*{sign}$"
    names = "['outer', 'before', 'inner', 'digits', 'after']"
    return f"regexp_extract(trim({cell}), {quote_literal(pattern)}, {names})"


def split(cell: str, parts: str) -> Amount:
    """The parts of the number in `cell`, of which `parts` is the struct that express_parts gives."""
    # EUR 12 € and -+12 stay as they are, and are refused.
    is_amount = (
        f"({parts}.digits <> '' and ({parts}.before = '' or {parts}.after = '')"
        f" and ({parts}.outer = '' or {parts}.inner = ''))"
    )
    is_grouped = _matches(f"{parts}.digits", f"[0-9]{{1,3}}({_BETWEEN_THOUSANDS}[0-9]{{3}})+([.,][0-9]+)?")
    compact = f"regexp_replace({parts}.digits, {quote_literal(_BETWEEN_THOUSANDS)}, '', 'g')"
    digits = f"case when {is_grouped} then {compact} else {parts}.digits end"
    sign = f"nullif(upper({parts}.before || {parts}.after), '')"
    return Amount(
        bare=f"case when {is_amount} then {parts}.outer || {parts}.inner || ({digits}) else trim({cell}) end",
        sign=f"case when {is_amount} then {sign} end",
        is_spaced=f"({is_amount} and ({is_grouped} or {sign} is not null or prefix(trim({cell}), '''')))",
    )


def express_evidence(bare: str) -> tuple[str, str]:
    """SQL for whether a number can only have a dot, and whether it can only have a comma, as its decimal sign."""
    return _can_only_have(bare, "[.]", ","), _can_only_have(bare, ",", "[.]")


def express_is_doubtful(bare: str) -> str:
    """SQL for whether a dot can be a decimal sign or a thousands separator: 1.234, but not 0.234 or 1.2345."""
    return _matches(bare, "[1-9][0-9]{0,2}[.][0-9]{3}")


def express_number(cell: str, bare: str, is_spaced: str, data_type: str, decimal: str) -> str:
    """SQL for a number as the casts read it, or `cell` where no reading is certain.

    `decimal` is the sign that the entry declares or the column settles, else empty.
    """
    commas, dots = "replace({0}, ',', '')", "replace({0}, '.', '')"
    rules = [(_GROUPS.format(","), "[.][0-9]+", commas), (_SEVERAL_GROUPS.format(","), "", commas)]
    if decimal == ".":
        rules.append((_GROUPS.format(","), "", commas))
    elif decimal == ",":
        rules = [(_GROUPS.format("[.]"), "(,[0-9]+)?", dots)]
    else:
        as_dot = f"replace({dots}, ',', '.')"
        rules += [(_GROUPS.format("[.]"), ",[0-9]+", as_dot), (_SEVERAL_GROUPS.format("[.]"), "", dots)]
    branches = [(_matches(bare, whole + rest), rewritten.format(bare)) for whole, rest, rewritten in rules]
    if not decimal:
        # A sign or a blank between thousands is written for people, so a comma after it is no separator of columns.
        certain = _matches(bare, "([0-9]+,[0-9]{1,2}|[0-9]{4,},[0-9]+)")
        branches.append((f"{is_spaced} and {certain}", f"replace({bare}, ',', '.')"))
    written = " ".join(f"when {condition} then {rewritten}" for condition, rewritten in branches)
    is_read = f"({cast_expression(data_type, cell)}) is not null"
    return f"case when {is_read} then {cell} {written} when {is_spaced} then {bare} else {cell} end"


def express_contradicts(sign: str, currency: str) -> str:
    """SQL for whether a sign cannot stand for the row's currency; true where the currency is not known."""
    pairs = ", ".join(
        f"({quote_literal(known)}, {quote_literal(code)})"
        for known, codes in read_currency_signs().items()
        for code in codes
    )
    return f"({sign} is not null and not coalesce(({sign}, {currency}) in ({pairs}), false))"


def settle_decimal(dots: int, commas: int) -> str:
    """The decimal sign of a column in which so many values can only have a dot, and so many only a comma; else empty.

    A comma is read only where the entry declares it.
    """
    return "." if dots and not commas else ""


@cache
def read_currency_signs() -> Mapping[str, tuple[str, ...]]:
    """The currencies that a sign or code beside an amount can be."""
    with Path(__file__).with_name("currency_signs.csv").open(encoding="utf-8", newline="") as file:
        return {row["sign"]: tuple(row["currencies"].split()) for row in csv.DictReader(file)}


def _can_only_have(bare: str, decimal: str, other: str) -> str:
    choices = (
        f"[0-9]*{decimal}([0-9]{{0,2}}|[0-9]{{4,}})",
        f"0*{decimal}[0-9]+",
        f"[0-9]{{4,}}{decimal}[0-9]+",
        f"{_GROUPS.format(other)}{decimal}[0-9]+",
        _SEVERAL_GROUPS.format(other),
    )
    return _matches(bare, f"({'|'.join(choices)})")


def _matches(text: str, pattern: str) -> str:
    """SQL for whether a text is a number of this pattern, with or without a sign before it."""
    return f"regexp_matches({text}, {quote_literal(f'^{_ANY_SIGN}{pattern}$')})"
