"""Checks of values against the types and accepted values of their columns, in SQL over all rows at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Column, Extract
from orchestration.programme.sql import quote_literal, quote_name

# What each data type is called, and what to do about a value that is not one.
_TYPES = {
    "boolean": ("boolean", "write true or false, yes or no, 1 or 0"),
    "count": ("whole number", "write digits only, or leave it empty where the count is unknown"),
    "currency": ("currency code", "write its ISO 4217 code, three letters such as EUR"),
    "clock": ("time of day", "write hours and minutes, such as 17:30"),
    "date": ("date", "write it year first, such as 2026-03-01"),
    "money": ("money amount", "write digits with a dot before the decimals"),
    "month_day_year": ("date", "write it year first, such as 2026-03-01, or month first, such as 3/1/26"),
    "number": ("number", "write digits with a dot before the decimals"),
    "rate": ("rate", "write digits with a dot before the decimals and no sign between thousands"),
    "timestamp": ("date or time", "write it year first, such as 2026-03-01 17:30:00"),
    "timestamp_end": ("date or time", "write it year first, such as 2026-03-01 or 2026-03-01 17:30:00"),
    "timestamp_in_words": (
        "date or time",
        "write it year first, such as 2026-03-01 17:30, or March 1, 2026 5:30 pm",
    ),
}
_NUMBERS = ("count", "money", "number")
_TIMES = ("date", "month_day_year", "timestamp", "timestamp_end", "timestamp_in_words")


@dataclass(frozen=True)
class ValueProblem:
    """A value that does not fit its column: `reason` continues a sentence after the value, `remedy` is a sentence."""

    column: str
    reason: str
    remedy: str


def select_problems(source: str, columns: Sequence[Column], key: str, are_constants: bool = False) -> str | None:
    """SQL for one row per problem: `key`, column_name, value, reason, what_to_do; None if no column has a check.

    `source` is a relation with a VARCHAR column for each of `columns`, the column `key`, and `_decimal`,
    `_date_order` and `_timezone`. Words that the entry itself gives (`are_constants`) cannot be mapped to others.
    """
    problems = {column: cases for column in columns if (cases := _list_cases(column, are_constants))}
    if not problems:
        return None
    described = ", ".join(_describe_problem(column, cases) for column, cases in problems.items())
    # Finding a problem is cheaper than describing it, and most rows have none.
    has_problem = " or ".join(f"({condition})" for cases in problems.values() for condition, _, _ in cases)
    return f"""
        select {key}, problem.column_name, problem.value, problem.reason, problem.what_to_do
        from (
            select {key}, unnest(list_filter([{described}], lambda found: found is not null)) as problem
            from {source}
            where {has_problem}
        )
    """


def find_unreadable_constants(
    extract: Extract, constants: Mapping[str, str], options: Mapping[str, str | None]
) -> Iterator[ValueProblem]:
    """Problems of an entry's constants; `options` are the `_decimal`, `_date_order` and `_timezone` of its rows."""
    columns = [extract.find_column(name) for name in constants]
    row = {**constants, **options, "_key": ""}
    literals = ", ".join(f"{quote_literal(value)}::varchar as {quote_name(name)}" for name, value in row.items())
    query = select_problems(f"(select {literals})", columns, "_key", are_constants=True)
    if query is None:
        return
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        for _, column, _, reason, remedy in connection.execute(query).fetchall():
            yield ValueProblem(column, reason, remedy)


def _list_cases(column: Column, is_constant: bool) -> list[tuple[str, str, str]]:
    """Possible problems of a column: SQL that is true if a value has it, the reason, and SQL for what to do."""
    value = quote_name(column.name)
    is_empty = f"{cast_expression('text', value)} is null"
    cases = []
    if column.required:
        reason = f"is empty, and {column.name} is required"
        cases.append((is_empty, reason, quote_literal("fill it in at the source, and export it again")))
    if column.data_type in _TYPES:
        unreadable = f"not ({is_empty}) and {cast_expression(column.data_type, value)} is null"
        cases.append((unreadable, f"is not a {_TYPES[column.data_type][0]}", _advise(column, value)))
    if column.accepted:
        accepted = ", ".join(quote_literal(choice) for choice in column.accepted)
        choices = ", ".join(column.accepted)
        unknown = f"lower(trim({value})) not in ({accepted}) and not ({is_empty})"
        remedy = f"write one of {choices}"
        if not is_constant:
            mapped = f"map: {{{column.name}: {{its word: {column.accepted[0]}}}}}"
            remedy += f", or what the word means: {mapped} in extracts.yml"
        cases.append((unknown, f"is not one of {choices}", quote_literal(remedy)))
    return cases


def _describe_problem(column: Column, cases: Sequence[tuple[str, str, str]]) -> str:
    """SQL for a struct of the first problem of a value, or null."""
    value = quote_name(column.name)
    branches = " ".join(
        f"when {condition} then {{'column_name': {quote_literal(column.name)}, 'value': {value}, "
        f"'reason': {quote_literal(reason)}, 'what_to_do': {remedy}}}"
        for condition, reason, remedy in cases
    )
    return f"case {branches} end"


def _advise(column: Column, value: str) -> str:
    """SQL for what to do about an unreadable value: declare an option of the entry where one is missing."""
    hints, data_type = [], column.data_type
    if data_type in _NUMBERS:
        declare = quote_literal("declare decimal: ',' or '.' in extracts.yml")
        other = quote_literal("the entry declares another decimal sign: correct decimal: in extracts.yml, or the value")
        hints.append(f"when coalesce(_decimal, '') = '' and regexp_matches({value}, '[0-9],[0-9]') then {declare}")
        hints.append(f"when _decimal <> '' and regexp_matches({value}, '^[ +-]*[0-9][0-9.,]*$') then {other}")
    if data_type == "number":
        declare = quote_literal(f"declare units: {{{column.name}: percent}} in extracts.yml")
        hints.append(f"when regexp_matches({value}, '^[ +-]*[0-9][0-9.,]* *%$') then {declare}")
    if data_type in _TIMES:
        for unit, digits in (("epoch_s", 10), ("epoch_ms", 13), ("epoch_us", 16)):
            declare = quote_literal(f"declare units: {{{column.name}: {unit}}} in extracts.yml")
            hints.append(f"when regexp_matches({value}, '^ *[0-9]{{{digits}}}([.]0)? *$') then {declare}")
        declare = quote_literal("declare date_order: day-month or month-day in extracts.yml")
        other = quote_literal("the entry declares another date_order: correct it in extracts.yml, or the value")
        is_year_last = f"regexp_matches({value}, '^ *[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{4}}')"
        hints.append(f"when coalesce(_date_order, '') = '' and {is_year_last} then {declare}")
        hints.append(f"when _date_order <> '' and {is_year_last} then {other}")
    usual = quote_literal(_TYPES[data_type][1])
    return f"case {' '.join(hints)} else {usual} end" if hints else usual
