"""Units of figures, and what arithmetic makes of them. Adding what is not of one unit is a Blending.

Quantity    so much of something: currency, orders, engagements; engagements/accounts
Figure      without a unit (ratio, rank, grade), but with what it was made of: likes/max(likes) is of likes
Label       a text, an id, yes or no; `of` what was compared to get it
MOMENT      a date or a time
ByRow       each row has its own unit, which another column names (`tags`): a goal's target
Unknown     and why
BLEND       of several units, which is reported where it is made
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import reduce

from sqlglot import exp

Powers = tuple[tuple[str, Fraction], ...]


class Blending(Exception):
    """One figure is made from several units; the message names them."""


class Bare(StrEnum):
    """Units with nothing to add."""

    MOMENT = "moment"
    BLEND = "blend"


MOMENT, BLEND = Bare


@dataclass(frozen=True)
class Quantity:
    powers: Powers

    def __str__(self) -> str:
        above, below = (
            [base if power == 1 else f"{base}^{power}" for base, power in powers if power > 0]
            for powers in (self.powers, [(base, -power) for base, power in self.powers])
        )
        return "/".join(["·".join(above) or "1", *below])


@dataclass(frozen=True)
class Figure:
    """`is_constant`: a number in the SQL, which blends nothing; `is_mark`: 0 or 1, whose sum is a count."""

    of: frozenset[str] = frozenset()
    is_constant: bool = False
    is_mark: bool = False

    def __str__(self) -> str:
        return f"figure made of {name_all(self.of)}" if self.of else "figure"


@dataclass(frozen=True)
class Label:
    """`is_truth`: yes or no, which is a mark where it is taken for a number."""

    of: frozenset[str] = frozenset()
    is_truth: bool = False

    def __str__(self) -> str:
        return "label"


@dataclass(frozen=True)
class ByRow:
    """`is_chosen`: only the rows of one unit are left (`case when measure = … then amount end`)."""

    tags: frozenset[str] = frozenset()
    is_chosen: bool = False

    def __str__(self) -> str:
        return f"by row ({name_all(self.tags)})" if self.tags else "by row"


@dataclass(frozen=True)
class Unknown:
    why: str

    def __str__(self) -> str:
        return f"unknown: {self.why}"


Unit = Quantity | Figure | Label | ByRow | Unknown | Bare
CONSTANT = Figure(is_constant=True)
MARK = Figure(is_constant=True, is_mark=True)
COUNT = "rows of "


def quantity(**powers: int) -> Quantity:
    """
    >>> str(quantity(engagements=1, accounts=-1))
    'engagements/accounts'
    """
    return Quantity(tuple(sorted((base, Fraction(power)) for base, power in powers.items())))


TIME = quantity(time=1)


def count_of(thing: str) -> Quantity:
    return quantity(**{COUNT + thing: 1})


def parse_unit(text: str) -> Unit:
    """What a .yml declares: `currency`, `currency/orders`, `ratio`, `label`, `moment`, `by kpi` (columns of the row).

    >>> str(parse_unit("currency/orders")), str(parse_unit("by kpi, goal_id"))
    ('currency/orders', 'by row (goal_id, kpi)')
    """
    if text.startswith("by "):
        return ByRow(frozenset(name.strip() for name in text.removeprefix("by ").split(",")))
    plain = {"ratio": Figure(), "label": Label(), "moment": MOMENT}
    if text in plain:
        return plain[text]
    above, *below = text.split("/")
    return quantity(**{above: 1}, **dict.fromkeys(below, -1))


def find_bases(unit: Unit) -> frozenset[str]:
    """What a figure is of, in the end."""
    if isinstance(unit, Quantity):
        return frozenset(base for base, _ in unit.powers)
    return unit.of if isinstance(unit, Figure | Label) else frozenset()


def unify(units: Iterable[Unit]) -> Unit:
    """Of what is one or the other (branches, defaults). Raises Blending if the units differ."""
    units = list(units)
    labels = [unit for unit in units if isinstance(unit, Label)]
    if labels:
        return Label(frozenset().union(*map(find_bases, units)), all(label.is_truth for label in labels))
    return reduce(combine, units, MARK)


def combine(one: Unit, other: Unit) -> Unit:
    if (lost := find_lost(one, other)) is not None:
        return lost
    if isinstance(one, Figure) and isinstance(other, Figure):
        return combine_figures(one, other, may_add=one.is_constant or other.is_constant)
    if is_constant(one) or is_constant(other):
        return other if is_constant(one) else one
    if isinstance(one, ByRow) and isinstance(other, ByRow):
        return ByRow(one.tags & other.tags)
    if one != other:
        raise Blending(f"{one} with {other}")
    return one


def find_lost(one: Unit, other: Unit) -> Unit | None:
    """Arithmetic with a blend gives a blend, with the unknown an unknown; None if neither is there."""
    if BLEND in (one, other):
        return BLEND
    return next((unit for unit in (one, other) if isinstance(unit, Unknown)), None)


def combine_figures(one: Figure, other: Figure, may_add: bool) -> Figure:
    if one.of != other.of and not may_add:
        raise Blending(f"{one} with {other}")
    return Figure(one.of | other.of, one.is_constant and other.is_constant, one.is_mark and other.is_mark)


def add(one: Unit, other: Unit) -> Unit:
    """Of a sum or difference. Raises Blending if the units differ; constants blend nothing."""
    if MOMENT in (one, other):
        return MOMENT
    unit = combine(as_number(one), as_number(other))
    return replace(unit, is_mark=False) if isinstance(unit, Figure) else unit


def subtract(one: Unit, other: Unit) -> Unit:
    """Between two moments lies a time; a time from a moment is a moment."""
    return TIME if one == other == MOMENT else add(one, other)


def multiply(one: Unit, other: Unit, sign: int = 1) -> Unit:
    """Of a product, or with `sign` -1 of a quotient. Raises Blending if both are figures, made of different things."""
    one, other = as_number(one), as_number(other)
    if (lost := find_lost(one, other)) is not None:
        return lost
    if MOMENT in (one, other):
        return Unknown("arithmetic with a moment")
    if isinstance(one, ByRow) or isinstance(other, ByRow):
        # The result has its unit by row, too.
        return ByRow(frozenset.intersection(*(unit.tags for unit in (one, other) if isinstance(unit, ByRow))))
    if isinstance(one, Figure) and isinstance(other, Figure):
        return combine_figures(one, other, may_add=not (one.of and other.of))
    powers = dict(one.powers if isinstance(one, Quantity) else ())
    for base, power in other.powers if isinstance(other, Quantity) else ():
        powers[base] = powers.get(base, Fraction(0)) + sign * power
    left = tuple(sorted((base, power) for base, power in powers.items() if power))
    return Quantity(left) if left else Figure(find_bases(one) | find_bases(other))


def divide(one: Unit, other: Unit) -> Unit:
    """One divided by a number of rows is the equal share of each of them."""
    if is_constant(one) and is_count(other):
        return Figure()
    return multiply(one, other, sign=-1)


def cast(unit: Unit, to: exp.DataType) -> Unit:
    """A number that is still a text keeps its unit; what is read from a text or a yes-or-no is a figure."""
    if to.this in exp.DataType.TEMPORAL_TYPES:
        return MOMENT
    if isinstance(unit, Label) and to.this in exp.DataType.NUMERIC_TYPES:
        return as_number(unit)
    if isinstance(unit, Quantity) and to.this is exp.DataType.Type.BOOLEAN:
        return Label(find_bases(unit))
    return unit


def raise_to(unit: Unit, power: Fraction) -> Unit:
    if isinstance(unit, Quantity):
        return Quantity(tuple((base, exponent * power) for base, exponent in unit.powers))
    return bend(unit)


def bend(unit: Unit) -> Unit:
    """Of a logarithm, an exponential, a sign: a figure that is made of the same things."""
    return Figure(find_bases(unit)) if isinstance(unit, Quantity | Label | Figure) else unit


def compare(units: Iterable[Unit]) -> Unit:
    """Of yes or no."""
    units = list(units)
    return BLEND if BLEND in units else Label(frozenset().union(*map(find_bases, units)), is_truth=True)


def as_number(unit: Unit) -> Unit:
    """A label in arithmetic is a figure of what was compared."""
    return Figure(unit.of, is_mark=unit.is_truth) if isinstance(unit, Label) else unit


def is_constant(unit: Unit) -> bool:
    return isinstance(unit, Figure) and unit.is_constant


def is_count(unit: Unit) -> bool:
    """Whether it counts rows, and no declaration names them."""
    return isinstance(unit, Quantity) and all(base.startswith(COUNT) for base, _ in unit.powers)


def is_plain(unit: Unit) -> bool:
    """Whether a quantity is of one thing, or of one per other: no product of two."""
    if not isinstance(unit, Quantity):
        return True
    return sum(power > 0 for _, power in unit.powers) <= 1 and sum(power < 0 for _, power in unit.powers) <= 1


def name_all(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
