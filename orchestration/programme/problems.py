"""What is wrong with a file that a person wrote, said so that they can mend it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake: `message` and `remedy` are sentences without their closing full stop; `line` counts from 1."""

    file: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{place}: {self.message}. {self.remedy}."


class ProgrammeError(Exception):
    """The programme cannot run as it is written; carries every problem, prints one a line."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(name: object, known: Iterable[str]) -> str:
    """`Did you mean 'target'? ` for the nearest of the known names, else nothing."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    nearest = difflib.get_close_matches(str(name).casefold(), by_folded, n=1)
    return f"Did you mean '{by_folded[nearest[0]]}'? " if nearest else ""


def enumerate_names(names: Iterable[str]) -> str:
    """`a, b, c` in the given order; `none` when there is none."""
    return ", ".join(names) or "none"
