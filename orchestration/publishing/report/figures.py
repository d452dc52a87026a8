"""Formats numbers and dates for people: thousands separators, the programme's currency, months as words."""

import math
from datetime import date
from decimal import Decimal

Figure = float | int | Decimal
NOTHING = "–"
# Keeps a figure and its unit on one line.
SPACE = "\u00a0"
MINUS = "\u2212"
WHOLE = ("orders", "customers", "leads", "signups", "installs")
# Below this, a number is noise of floating point.
LEAST = 1e-6
BARE = ("ratio", "registrations per person")


def format_number(figure: Figure | None, places: int = 2) -> str:
    """`1,234.50`; – if unknown.

    >>> format_number(-1234.5)
    '−1,234.50'
    """
    if figure is None or not math.isfinite(figure):
        return NOTHING
    text = f"{figure:,.{places}f}"
    return text.replace("-", MINUS) if text.strip("-0.,") else text.lstrip("-")


def format_count(figure: Figure | None) -> str:
    """Without decimals unless fractional: half an order is `0.5`."""
    if figure is None:
        return NOTHING
    return format_number(figure, 0 if round(figure, 1) == round(figure) else 1)


def format_figure(figure: Figure | None, unit: str | None, currency: str) -> str:
    """With its unit, as named in goals.kpis; a small number keeps two significant digits.

    >>> format_figure(9000, "reporting currency", "EUR")
    '9,000.00\\xa0EUR'
    >>> format_figure(0.0312, "orders", "EUR")
    '0.031\\xa0orders'
    >>> format_figure(0.2, "orders", "EUR")
    '0.20\\xa0orders'
    """
    if figure is None or not math.isfinite(figure):
        return NOTHING
    if unit in WHOLE:
        places = 0 if round(figure, 1) == round(figure) else 1
    else:
        places = 2 if unit in (None, "reporting currency", *BARE) else 1
    size = abs(float(figure))
    if LEAST < size < 1:
        places = max(places, 1 - math.floor(math.log10(size)))
    suffix: dict[str | None, str] = {"reporting currency": f"{SPACE}{currency}", None: "", **dict.fromkeys(BARE, "")}
    return format_number(figure, places) + suffix.get(unit, f"{SPACE}{unit}")


def format_percent(ratio: Figure | None) -> str:
    """
    >>> format_percent(0.2769)
    '27.7\\xa0%'
    """
    return NOTHING if ratio is None or not math.isfinite(ratio) else f"{format_number(100 * ratio, 1)}{SPACE}%"


def format_attainment(ratio: float | None) -> str:
    """Truncated instead of rounded: just short of a target is never shown as 100 %.

    >>> format_attainment(0.9999)
    '99.9\\xa0%'
    """
    if ratio is None or not math.isfinite(ratio):
        return NOTHING
    return format_percent(math.floor(round(ratio * 1000, 6)) / 1000)


def format_day(day: date | None) -> str:
    """
    >>> format_day(date(2026, 3, 1))
    '1 Mar 2026'
    """
    return NOTHING if day is None else f"{day.day} {day:%b %Y}"
