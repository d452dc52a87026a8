"""What the columns of a new file hold: how many values, how many different ones, and of which kind.

Counted in SQL over all rows; what a value could be read as is tried on the first SAMPLE rows, with the casts of raw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.programme.casts import cast_expression
from orchestration.programme.sql import quote_literal, quote_path

SAMPLE = 20_000
# A column with more different values than this holds no words that a person would map.
MAX_WORDS = 12
# Most values are of a kind.
MOST = 0.5

# Words for an empty value, as pandas reads them; they say nothing about the kind of the others.
_EMPTY = ("", "-", "nan", "n/a", "na", "null", "none", "#n/a", "nil", "(not set)", "(none)")
# How an entry can declare that numbers and dates are written: decimal and date_order.
_READINGS = (("", ""), (".", "day-month"), (",", "month-day"))
_SIGN = r"([A-Z]{3}|\p{Sc})"
_EPOCHS = {"epoch_s": 10, "epoch_ms": 13, "epoch_us": 16}


@dataclass(frozen=True)
class Profile:
    """One column. `rows` are all rows, `filled` those with a value, `distinct` the different values.

    `shares` are between 0 and 1, of the values that are not empty: by kind, and for numbers and dates by how they would
    have to be declared. `words` are the different values where they are few; `example` is the first value.
    """

    header: str
    rows: int
    filled: int
    distinct: int
    shares: Mapping[str, float]
    words: tuple[str, ...]
    example: str

    @property
    def is_unique(self) -> bool:
        """Whether no value repeats and none is empty."""
        return self.rows > 0 and self.distinct == self.rows

    @property
    def looks_like_ids(self) -> bool:
        """Whether no value repeats in enough rows to mean something, and the values are no dates or amounts."""
        is_measure = self.dates_ratio > MOST or self.shares["decimals"] > MOST
        return self.is_unique and self.rows > 2 and not is_measure and self.shares["link"] <= MOST

    @property
    def empty_ratio(self) -> float:
        return 1 - self.filled / self.rows if self.rows else 1.0

    @property
    def dates_ratio(self) -> float:
        """The share of values that are written as dates."""
        return max(self.shares[name] for name in ("date", "date_day_month", "date_month_day"))

    @property
    def date_order(self) -> str | None:
        """None if dates are year first; `ambiguous` if both orders read as many values."""
        return self._choose({"": "date", "day-month": "date_day_month", "month-day": "date_month_day"})

    @property
    def decimal(self) -> str | None:
        """None if numbers have a dot or no decimals at all; `ambiguous` if a sign can be either (`1,234`, `1.234`)."""
        if self.shares["thousands_or_decimals"] == 1:
            return "ambiguous"
        return self._choose({"": "number", ".": "number_dot", ",": "number_comma"})

    @property
    def epoch(self) -> str | None:
        """The unit if values count from 1970, in years from 2001 to 2033."""
        return next((unit for unit in _EPOCHS if self.shares[unit] > MOST), None)

    def share_of(self, kind: str) -> float:
        """The share of values that can be read as `kind` (a data type of the contract), however declared."""
        match kind:
            case "timestamp" | "timestamp_end" | "date":
                return max(self.dates_ratio, *(self.shares[unit] for unit in _EPOCHS))
            case "money" | "number" | "count":
                return max(self.shares[name] for name in ("number", "number_dot", "number_comma", "currency_sign"))
            case "boolean" | "currency":
                return self.shares[kind]
            case _:
                return 1.0

    def describe(self) -> str:
        """In words: `dates, day first or month first; 12 different; 3 % empty; such as 03/04/2026`."""
        if not self.filled:
            return "empty"
        repeated = "no value repeats" if self.distinct == self.filled else f"{self.distinct:,} different"
        if self.distinct == 1 and self.filled > 1:
            repeated = "always the same"
        parts = [self._name_kind(), repeated]
        if self.filled < self.rows:
            parts.append(f"{self.empty_ratio:.0%} empty".replace("%", " %"))
        shown = self.example if len(self.example) <= 40 else f"{self.example[:40]}…"
        return "; ".join([*parts, f"such as {shown}"])

    def _name_kind(self) -> str:
        orders = {"day-month": "day first", "month-day": "month first", "ambiguous": "day first or month first"}
        signs = {".": "decimal dot", ",": "decimal comma", "ambiguous": "a sign that may be thousands or decimals"}
        if self.dates_ratio > MOST:
            return f"dates, {orders.get(self.date_order or '', 'year first')}"
        if self.epoch:
            return f"numbers that may be {self.epoch}"
        for kind, named in (("yes_no", "yes or no"), ("email", "e-mail addresses"), ("link", "links")):
            if self.shares[kind] > MOST:
                return named
        if self.share_of("number") > MOST:
            return f"numbers, {signs[self.decimal]}" if self.decimal else "numbers"
        return "texts"

    def _choose(self, kinds: Mapping[str, str]) -> str | None:
        shares = {option: self.shares[kind] for option, kind in kinds.items()}
        (_, plain), *others = shares.items()
        best = max(share for _, share in others)
        if best <= plain or best == 0:
            return None
        chosen = [option for option, share in others if share == best]
        return chosen[0] if len(chosen) == 1 else "ambiguous"


def profile_columns(connection: duckdb.DuckDBPyConnection, staged: Path, headers: Sequence[str]) -> dict[str, Profile]:
    """A profile for each header that the file has once; `staged` has the VARCHAR columns c0, c1, …"""
    positions = {position: name for position, name in enumerate(headers) if name and headers.count(name) == 1}
    if not positions:
        return {}
    source = f"read_parquet({quote_path(staged)})"
    columns = ", ".join(f"c{position}" for position in positions)
    is_empty = f"lower(trim(value)) in ({', '.join(map(quote_literal, _EMPTY))})"
    [(rows,)] = connection.execute(f"select count(*) from {source}").fetchall()
    counted = connection.execute(f"""
        from (unpivot (select {columns} from {source}) on {columns} into name name value value)
        select name, count(*) filter (where not {is_empty}), count(distinct value) filter (where not {is_empty})
        group by name
    """).fetchall()
    counts = {name: (filled, distinct) for name, filled, distinct in counted}
    kinds = _list_kinds()
    shares = ", ".join(
        f"sum(times) filter (where {test}) / sum(times) filter (where {given})" for given, test in kinds.values()
    )
    sampled = connection.execute(f"""
        with
            cells as (
                from (
                    unpivot (select {columns}, file_row_number from read_parquet(
                        {quote_path(staged)}, file_row_number = true
                    ) where file_row_number < {SAMPLE}) on {columns} into name name value value
                )
                select name, value, count(*) as times, min(file_row_number) as first_row
                where not {is_empty}
                group by all
            ),
            readings(_decimal, _date_order, _timezone) as (values {_list_readings()})
        select
            name,
            arg_min(value, first_row),
            list(distinct value order by value) filter (where _decimal = ''),
            {shares}
        from cells cross join readings
        group by name
    """).fetchall()
    found = {name: rest for name, *rest in sampled}
    nothing: list[object] = ["", [], *[0.0] * len(kinds)]
    profiles = {}
    for position, header in positions.items():
        filled, distinct = counts.get(f"c{position}", (0, 0))
        example, words, *ratios = found.get(f"c{position}", nothing)
        profiles[header] = Profile(
            header=header,
            rows=rows,
            filled=filled,
            distinct=distinct,
            shares={kind: float(share or 0) for kind, share in zip(kinds, ratios, strict=True)},
            words=tuple(words) if distinct <= MAX_WORDS else (),
            example=example,
        )
    return profiles


def _list_readings() -> str:
    return ", ".join(
        f"({quote_literal(decimal)}, {quote_literal(date_order)}, 'UTC')" for decimal, date_order in _READINGS
    )


def _list_kinds() -> dict[str, tuple[str, str]]:
    """By kind, the SQL of the reading that it is tried with, and whether the value is of that kind."""
    date, number = (f"{cast_expression(kind, 'value')} is not null" for kind in ("timestamp", "number"))
    plain, dot, comma = (f"_decimal = {quote_literal(decimal)}" for decimal, _ in _READINGS)
    tests = {
        "date": (plain, date),
        "date_day_month": (dot, date),
        "date_month_day": (comma, date),
        "number": (plain, number),
        "number_dot": (dot, number),
        "number_comma": (comma, number),
        "thousands_or_decimals": (plain, r"regexp_full_match(trim(value), '[+-]?[0-9]{1,3}([.,])[0-9]{3}')"),
        "currency_sign": (
            plain,
            rf"regexp_full_match(trim(value), '[+-]?{_SIGN} ?[0-9][0-9.,]*|[+-]?[0-9][0-9.,]* ?{_SIGN}')",
        ),
        "decimals": (plain, r"regexp_full_match(trim(value), '[+-]?[0-9.,]*[0-9][.,][0-9]{1,2}')"),
        "boolean": (plain, f"{cast_expression('boolean', 'value')} is not null"),
        "yes_no": (plain, "lower(trim(value)) in ('yes', 'no', 'true', 'false', 'y', 'n')"),
        "currency": (plain, f"{cast_expression('currency', 'value')} is not null"),
        "email": (plain, r"regexp_full_match(trim(value), '[^@ ]+@[^@ ]+[.][^@ ]+')"),
        "link": (plain, "starts_with(lower(trim(value)), 'http')"),
    }
    for unit, digits in _EPOCHS.items():
        tests[unit] = (plain, rf"regexp_full_match(trim(value), '1[0-9]{{{digits - 1}}}')")
    return {kind: (given, f"{given} and ({test})") for kind, (given, test) in tests.items()}
