"""Which column of a file feeds which canonical column: by header name, never by position."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import Column, Extract
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
    for sibling in extract.format.siblings if extract.format else ():
        if all(times[header] for header in sibling.headers):
            raise FileRefused(f"is no {extract.name}: {sibling.message}", "Export the other report, or take it away")
    faults: list[str] = []
    remedies: list[str] = []
    for column in extract.columns:
        if column.name in entry.values:
            continue
        if not column.headers and column.name not in entry.columns:
            if column.required:
                faults.append(f"has nothing for {column.name}, which its entry must give")
                remedies.append(f"Write values: {{{column.name}: ...}} in extracts.yml")
            continue
        header = _choose_header(column, entry, times)
        if times[header] == 1:
            positions[column.name] = headers.index(header)
        elif times[header] > 1:
            faults.append(f"has the header '{header}' {times[header]} times, and {column.name} needs one")
            remedies.append("Give each column its own header where the file comes from")
        elif column.name in entry.columns:
            faults.append(f"has no header '{header}', which feeds {column.name}")
            remedies.append(f"{suggest(header, headers)}Correct columns: {{{column.name}: ...}} in extracts.yml")
        elif column.required:
            expected = "" if column.headers == (column.name,) else f" (expected is {' or '.join(column.headers)})"
            faults.append(f"has nothing for {column.name}{expected}, which is required")
            remedies.append(f"{suggest(header, headers)}Write columns: {{{column.name}: its header}} in extracts.yml")
    if faults:
        found = f"; its headers are {enumerate_names(headers)}"
        raise FileRefused(f"{' and '.join(faults)} ({extract.name}{found})", ". ".join(dict.fromkeys(remedies)))
    used = set(positions.values())
    ignored = tuple(header for position, header in enumerate(headers) if position not in used and header)
    return Match(extract, headers, positions, ignored)


def _choose_header(column: Column, entry: Entry, times: Mapping[str, int]) -> str:
    """What the entry says, else the first of the column's headers that the file has, else the first of them."""
    if column.name in entry.columns:
        return entry.columns[column.name].strip()
    return next((header for header in column.headers if times[header]), column.headers[0])


def match_nothing(extract: Extract) -> Match:
    """The match of a file that has no header because there is nothing in it."""
    return Match(extract, (), {}, ())
