"""What loading did to the rows of a delivery beyond keeping them, counted by rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """`REPLACED` rows and `DUPLICATE` rows are in raw, and the last row of their key counts; the former differ from it.

    `REPLACES` counts rows of earlier files that a row of this one replaces, `REUSED` those among them that happened at
    another time, so that their id was probably used twice. `REPEATED` counts rows of a table with `ids: row` that
    an earlier file, the rule, has too. `CHANGED` counts values, all others count rows.
    """

    DROPPED = "dropped"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    REPLACED = "replaced"
    REPLACES = "replaces rows of earlier files"
    REUSED = "reuses ids of earlier files"
    REPEATED = "repeats an earlier file"


# The rule of DUPLICATE rows that differ in columns that are not read, which is usual in a list of things.
READ_ALIKE = "alike in every column that is read"
# The rule of REPLACED rows whose entry says that the last row is meant to win.
LAST_WINS = "duplicates: last"


@dataclass(frozen=True)
class Effect:
    """How many rows or values of one delivery a rule concerned; `rule` is empty where the kind says it all."""

    kind: Kind
    rule: str
    rows: int


def sum_rows(effects: Iterable[Effect], kind: Kind) -> int:
    return sum(effect.rows for effect in effects if effect.kind == kind)


def count_lost(effects: Iterable[Effect]) -> int:
    """Rows that a later row of the same file replaced, although no entry says that they are meant to be."""
    return sum(effect.rows for effect in effects if effect.kind == Kind.REPLACED and effect.rule != LAST_WINS)


def is_key_no_key(lost: int, rows: int) -> bool:
    """Whether so many of the rows of a file are lost that their key does not identify them: a fifth or more."""
    return lost > 0 and 5 * lost >= rows
