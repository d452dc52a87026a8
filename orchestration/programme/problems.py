"""Problems in files that people write: file, line, message and remedy."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake: `message` and `remedy` are sentences without their full stop; `line` counts from 1."""

    file: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{place}: {self.message}. {self.remedy}."


class ProgrammeError(Exception):
    """The programme is not valid; holds every problem and prints one per line."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(name: object, known: Iterable[str]) -> str:
    """`Did you mean 'target'? ` for the nearest known name, else an empty text."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    nearest = difflib.get_close_matches(str(name).casefold(), by_folded, n=1)
    return f"Did you mean '{by_folded[nearest[0]]}'? " if nearest else ""


def enumerate_names(names: Iterable[str]) -> str:
    """`a, b, c` in the given order; `none` for no names."""
    return ", ".join(names) or "none"
