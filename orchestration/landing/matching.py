"""Which column of a file feeds which canonical column: by header name, never by position."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.landing.contract import Column, Extract
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry
from orchestration.programme.problems import enumerate_names, suggest


@dataclass(frozen=True)
class Match:
    """`positions` are from canonical column to position in the file's headers; `ignored` feed nothing."""

    extract: Extract
    headers: tuple[str, ...]
    positions: Mapping[str, int]
    ignored: tuple[str, ...]

    @property
    def fed(self) -> tuple[Column, ...]:
        """The columns that come from the file, in declared order."""
        return tuple(column for column in self.extract.columns if column.name in self.positions)


def match_headers(extract: Extract, entry: Entry, headers: tuple[str, ...]) -> Match:
    """Find every column, or raise FileRefused that names all that is amiss.

    A column that the entry does not mention is taken from a header of its own name, if there is one.
    """
    times = Counter(headers)
    positions: dict[str, int] = {}
    faults: list[str] = []
    remedies: list[str] = []
    for column in extract.columns:
        if column.name in entry.values:
            continue
        header = entry.columns.get(column.name, column.name).strip()
        if times[header] == 1:
            positions[column.name] = headers.index(header)
        elif times[header] > 1:
            faults.append(f"has the header '{header}' {times[header]} times, and {column.name} needs one")
            remedies.append("Give each column its own header where the file comes from")
        elif column.name in entry.columns:
            faults.append(f"has no header '{header}', which feeds {column.name}")
            remedies.append(f"{suggest(header, headers)}Correct columns: {{{column.name}: ...}} in extracts.yml")
        elif column.required:
            faults.append(f"has nothing for {column.name}, which is required")
            remedies.append(f"{suggest(header, headers)}Write columns: {{{column.name}: its header}} in extracts.yml")
    if faults:
        found = f"; its headers are {enumerate_names(headers)}"
        raise FileRefused(f"{' and '.join(faults)} ({extract.name}{found})", ". ".join(dict.fromkeys(remedies)))
    used = set(positions.values())
    ignored = tuple(header for position, header in enumerate(headers) if position not in used and header)
    return Match(extract, headers, positions, ignored)


def match_nothing(extract: Extract) -> Match:
    """The match of a file that has no header because there is nothing in it."""
    return Match(extract, (), {}, ())
