"""Texts become the same values on both engines: random numbers, dates, times, zones and nonsense, through every macro of
casts.sql and what of names.sql is made of patterns and time zones."""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest

from orchestration.programme.casts import ENGINE_MACROS, MACROS

pytestmark = pytest.mark.spark

ZONES = ["UTC", "Europe/Brussels", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", None]
CASTS = (
    *("text", "list", "currency", "boolean", "number", "money", "count", "date", "timestamp", "timestamp_end"),
    *("timestamp_in_words", "month_day_year", "clock", "rate"),
)
ODD = [
    "",
    " ",
    "yes",
    "N",
    "eur",
    "EUR\n",
    "1\n",
    "NaN",
    "inf",
    "1e5",
    "1E-3",
    "-0",
    "+7",
    ".5",
    "5.",
    "1_000",
    "0x1F",
    "١٢",
]
ODD += [
    "2026",
    "2026-02-30",
    "2026-03-01T24:00:00",
    "2026-03-01 24:00Z",
    "2026-03-01 24:00:00+02:00",
    "1970-01-01",
    "2099-12-31",
    "2026-3-1 9:05",
    "March 15, 2026 3:41 am",
]
ODD += [
    "15 Mar 2026 15:41",
    "Jan 6, 2026",
    "3/15/26",
    "9:05",
    "23:59:59",
    "24:00",
    "2026-03-29 02:30:00Z",
    "12.345",
    "1,234",
]
ODD += [
    "99999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "12.0",
    "12.5",
    "1234567890123456.789",
    "0.005",
]
# The hours that come twice or not at all.
CHANGES = ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04"]


def load(engine: str) -> Any:
    """The macros as dbt renders them for an engine."""
    found = SimpleNamespace(macros=None)

    def dispatch(name: str) -> Callable:
        return getattr(found.macros, f"{engine}__{name}")

    def refuse(message: str) -> None:
        raise AssertionError(message)

    names = ["casts.sql", "pages.sql", "order_numbers.sql", "id_times.sql", "linkedin.sql", *ENGINE_MACROS]
    source = "\n".join((MACROS / name).read_text() for name in [*names, "engine/spark.sql"])
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    given = {
        "adapter": SimpleNamespace(dispatch=dispatch),
        "exceptions": SimpleNamespace(raise_compiler_error=refuse),
        "return": lambda value: value,
    }
    found.macros = environment.from_string(source).make_module(given)
    return found.macros


def write_texts(seed: int, count: int) -> list[tuple[int, str, str | None, str | None, str | None]]:
    """Rows of number, text, `_decimal`, `_date_order` and `_timezone`."""
    chance = random.Random(seed)
    number = chance.randrange

    def write_time() -> str:
        day = chance.choice(
            [*CHANGES, f"2026-{number(1, 13):02}-{number(1, 29):02}", f"{number(1, 29)}/{number(1, 13)}/2026"]
        )
        clock = chance.choice(
            ["", f" {number(24):02}:{number(60):02}", f"T{number(4)}:{number(60):02}:{number(60):02}"]
        )
        fraction = chance.choice(["", "", ".5", ".123456"]) if clock.count(":") == 2 else ""
        return day + clock + fraction + chance.choice(["", "", "", "Z", " UTC", "+02", "-0430", "+05:30"])

    def write_number() -> str:
        text = chance.choice(
            [f"{number(10**6)}", f"{number(-9999, 9999)}.{number(1000):03}", f"{number(99)},{number(999):03}"]
        )
        return chance.choice([text, text, f" {text} ", f"{text}.0", f"{number(9)}.{number(999):03},{number(99):02}"])

    def write_nonsense() -> str:
        return "".join(chance.choice("01239-/:.,+eETZ aA@#%\n\\'") for _ in range(number(12)))

    kinds = [write_time, write_time, write_number, write_nonsense, lambda: chance.choice(ODD)]
    return [
        (
            row,
            chance.choice(kinds)(),
            chance.choice([".", ",", None]),
            chance.choice(["day-month", "month-day", None]),
            chance.choice(ZONES),
        )
        for row in range(count)
    ]


def express(macros: Any) -> dict[str, str]:
    """SQL by name, each of the column `value`."""
    casts = {name: str(getattr(macros, f"as_{name}")("value")) for name in CASTS}
    return casts | {
        "page": str(macros.as_page("value")),
        "order_number": str(macros.order_number("value")),
        "tiktok_time": str(macros.tiktok_time("value")),
    }


def test_every_text_becomes_the_same_value(spark: Any):
    rows = write_texts(20261201, 4000)
    names = ["row", "value", "_decimal", "_date_order", "_timezone"]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create table texts ({', '.join(f'{n} varchar' for n in names)})")
        connection.executemany("insert into texts values (?, ?, ?, ?, ?)", [list(row) for row in rows])
        here = evaluate(lambda sql: connection.execute(sql).fetchall(), express(load("duckdb")))
    frame = spark.createDataFrame(rows, "row int, value string, _decimal string, _date_order string, _timezone string")
    frame.createOrReplaceTempView("texts")
    there = evaluate(lambda sql: [tuple(row) for row in spark.sql(sql).collect()], express(load("spark")))
    different = [
        (name, rows[row], here[name][row], there[name][row])
        for name in here
        for row in range(len(rows))
        if here[name][row] != there[name][row]
    ]
    by_name = {name: [each[1:] for each in different if each[0] == name][:8] for name, *_ in different}
    assert by_name == {}
    # Most kinds of text are read by some cast.
    assert all(
        sum(value is not None for value in values) > 20 for name, values in here.items() if name != "tiktok_time"
    )


def evaluate(run: Callable[[str], list[tuple]], expressions: dict[str, str]) -> dict[str, list[Any]]:
    return {
        name: [
            round(value, 9) if isinstance(value, float) and value == value else None if value != value else value
            for (value,) in run(f"select {sql} from texts order by cast(row as int)")
        ]
        for name, sql in expressions.items()
    }
