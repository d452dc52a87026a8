"""Which months an incremental build builds again: those whose journeys, paths or credits are made of something else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration.runtime.messages import shorten_list

MODEL = "int_journey_months"
QUERY = f"select month, orders, inputs_hash from intermediate.{MODEL}"
SHOWN = 12


@dataclass(frozen=True)
class JourneyMonth:
    """`orders` have a touch; `inputs_hash` differs where anything differs that the month is made of."""

    orders: int
    inputs_hash: str


def read_months(query: Callable[[str], list[tuple[Any, ...]]]) -> Mapping[date, JourneyMonth]:
    """The months as they are built, by their first day."""
    return {month: JourneyMonth(orders, inputs_hash) for month, orders, inputs_hash in query(QUERY)}


def describe_changes(before: Mapping[date, JourneyMonth], now: Mapping[date, JourneyMonth]) -> str:
    """Such as `2 of 24 months of journeys are built again: 2026-03 (2 more orders), 2026-04`."""
    changed = [month for month in sorted(before.keys() | now.keys()) if before.get(month) != now.get(month)]
    if not changed:
        return f"none of {len(now)} months of journeys differs"
    named = [f"{month:%Y-%m}{describe_orders(before.get(month), now.get(month))}" for month in changed]
    count = f"{len(changed)} of {len(before.keys() | now.keys())} months of journeys"
    return f"{count} {'is' if len(changed) == 1 else 'are'} built again: {', '.join(shorten_list(named, SHOWN))}"


def describe_orders(before: JourneyMonth | None, now: JourneyMonth | None) -> str:
    more = (now.orders if now else 0) - (before.orders if before else 0)
    if not more:
        return ""
    return f" ({abs(more):,} {'more' if more > 0 else 'fewer'} order{'s' if abs(more) > 1 else ''})"
