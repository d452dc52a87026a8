"""Which header of a file feeds which column of an extract: by name, never by position."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import Column, Extract
from orchestration.programme.extracts import Entry
from orchestration.programme.problems import enumerate_names, suggest
from orchestration.programme.sql import quote_literal, quote_name


@dataclass(frozen=True)
class Match:
    """`positions` maps a column to the position of its header in the file; `ignored` headers feed no column;
    `constants` are the entry's values."""

    extract: Extract
    constants: Mapping[str, str]
    headers: tuple[str, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def fed(self) -> tuple[Column, ...]:
        """The columns that come from the file, in declared order."""
        return tuple(column for column in self.extract.columns if column.name in self.positions)

    @property
    def expressions(self) -> dict[str, str]:
        """SQL by name for every column of the extract: from the file, else the entry's constant, else null."""
        return {
            name: quote_name(name) if name in self.positions else f"{quote_literal(self.constants.get(name))}::varchar"
            for name in self.extract.column_names
        }


def match_headers(extract: Extract, entry: Entry, headers: tuple[str, ...]) -> Match:
    """Match every column. Raises FileRefused that lists everything that is wrong. An empty file has no headers.

    A column that the entry does not name is fed by a header of its own name, if there is one.
    """
    if not headers:
        return Match(extract, entry.values)
    times = Counter(headers)
    for sibling in extract.format.siblings if extract.format else ():
        if all(times[header] for header in sibling.headers):
            raise FileRefused(
                f"is not {extract.name}: {sibling.message}", "Export the other report, or remove the file"
            )
    positions: dict[str, int] = {}
    faults: dict[str, str] = {}
    for column in extract.columns:
        if column.name in entry.values:
            continue
        if not column.headers and column.name not in entry.columns:
            if column.required:
                fault = f"has nothing for {column.name}, which its entry must give"
                faults[fault] = f"Write values: {{{column.name}: ...}} in extracts.yml"
            continue
        header = _choose_header(column, entry, times)
        if times[header] == 1:
            positions[column.name] = headers.index(header)
        elif times[header] > 1:
            fault = f"has the header '{header}' {times[header]} times, and {column.name} needs one"
            faults[fault] = "Give each column its own header at the source"
        elif column.name in entry.columns:
            fault = f"has no header '{header}', which feeds {column.name}"
            faults[fault] = f"{suggest(header, headers)}Correct columns: {{{column.name}: ...}} in extracts.yml"
        elif column.required:
            expected = "" if column.headers == (column.name,) else f" (expected is {' or '.join(column.headers)})"
            fault = f"has nothing for {column.name}{expected}, which is required"
            faults[fault] = f"{suggest(header, headers)}Write columns: {{{column.name}: its header}} in extracts.yml"
    if faults:
        message = f"{' and '.join(faults)} ({extract.name}; its headers are {enumerate_names(headers)})"
        raise FileRefused(message, ". ".join(dict.fromkeys(faults.values())))
    used = set(positions.values())
    ignored = tuple(header for position, header in enumerate(headers) if position not in used and header)
    return Match(extract, entry.values, headers, positions, ignored)


def _choose_header(column: Column, entry: Entry, times: Mapping[str, int]) -> str:
    """The entry's header, else the first of the column's headers that the file has, else the first of them."""
    if column.name in entry.columns:
        return entry.columns[column.name].strip()
    return next((header for header in column.headers if times[header]), column.headers[0])
