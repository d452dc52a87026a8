"""Proposes an entry of extracts.yml for a file, from its headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.landing.onboarding.names import guess_header
from orchestration.landing.readers.kinds import open_records
from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import Extract, Format, read_contract, read_formats
from orchestration.programme.extracts import TO_FILL_IN, Entry

DELIMITERS = (None, ";", "\t", "|")
# Shown in example rows only, not written into extracts.yml.
PLACEHOLDERS = {"text": "to fill in", "list": "to fill in", "currency": "XXX"}  # ISO 4217's code for no currency


@dataclass(frozen=True)
class Proposal:
    """`entry` is the entry as it would be written; `missing` are required parts that a person must fill in; `found` of
    the `of` columns of the table have a header; `unused` are headers that feed no column, `unfed` are columns without a
    header."""

    table: Extract
    entry: dict[str, Any]
    missing: tuple[str, ...]
    found: int
    of: int
    unused: tuple[str, ...]
    unfed: tuple[str, ...]

    @property
    def is_weak_guess(self) -> bool:
        """Whether hardly any header has a name that fits the extract."""
        required = sum(column.required for column in self.table.columns)
        return not self.table.format and (not self.found or len(self.missing) > required / 2)

    def fill_placeholders(self) -> dict[str, Any] | None:
        """The entry with placeholders for what is missing, to show example rows; None if a placeholder would be a
        made-up fact, such as a date."""
        given = {}
        for name in self.missing:
            if name != "timezone":
                column = self.table.find_column(name)
                if column.data_type not in PLACEHOLDERS:
                    return None
                given[name] = next(iter(column.accepted), PLACEHOLDERS[column.data_type])
        filled = {**self.entry, **({"timezone": "UTC"} if "timezone" in self.missing else {})}
        if "columns" in filled:
            filled["columns"] = {name: header for name, header in filled["columns"].items() if name not in given}
        return {**filled, "values": {**filled.get("values", {}), **given}}


def propose(file: Path, pattern: str, workspace: Path, feeds: str | None = None) -> Proposal:
    """The best proposal for a file, with `pattern` as its `files`. Raises FileRefused if it cannot be read, KeyError if
    there is no extract `feeds`.

    Without `feeds`, a known format wins if the file has every header that the format requires; else the canonical
    extract with the most required columns, then with the most others.
    """
    if feeds is not None:
        return propose_extract(read_contract()[feeds], pattern, *read_headers(file, pattern, workspace))
    formats = [
        proposal
        for table in read_formats().values()
        if table.format and (proposal := propose_format(table, table.format, file, pattern, workspace))
    ]
    if formats:
        return max(formats, key=lambda proposal: proposal.found)
    options, headers = read_headers(file, pattern, workspace)
    extracts = [propose_extract(extract, pattern, options, headers) for extract in read_contract().values()]
    return max(extracts, key=lambda each: (each.found - 2 * len(each.missing), each.found / each.of))


def read_headers(file: Path, pattern: str, workspace: Path) -> tuple[dict[str, str], list[str]]:
    """The options that are needed to read the headers, and the headers."""
    refusals: list[FileRefused] = []
    for delimiter in DELIMITERS:
        try:
            entry = Entry.model_construct(files=pattern, delimiter=delimiter)
            headers = list(open_records(file, entry, workspace).headers)
            return ({"delimiter": delimiter} if delimiter else {}), headers
        except FileRefused as refused:
            refusals.append(refused)
    raise refusals[0]


def propose_format(table: Extract, declared: Format, file: Path, pattern: str, workspace: Path) -> Proposal | None:
    """A proposal if the file can be read as the format declares, has every required header and is not a sibling."""
    try:
        entry = Entry.model_construct(files=pattern).model_copy(update=dict(declared.reading))
        present = set(open_records(file, entry, workspace).headers)
    except FileRefused:
        return None
    from_file = [column for column in table.columns if column.headers]
    found = [column for column in from_file if present & set(column.headers)]
    if any(column.required and column not in found for column in from_file) or len(found) < 2:
        return None
    if any(present >= set(sibling.headers) for sibling in declared.siblings):
        return None
    given = [column.name for column in table.columns if column.required and not column.headers]
    proposed: dict[str, Any] = {"files": pattern, "format": table.name}
    if given:
        proposed["values"] = dict.fromkeys(given, TO_FILL_IN)
    if declared.timezone == "entry":
        proposed["timezone"] = TO_FILL_IN
    missing = (*given, *(["timezone"] if "timezone" in proposed else []))
    known = {header for column in from_file for header in column.headers}
    unused = tuple(sorted(present - known - {""}))
    unfed = tuple(column.name for column in from_file if column not in found)
    return Proposal(table, proposed, missing, len(found), len(from_file), unused, unfed)


def propose_extract(extract: Extract, pattern: str, options: Mapping[str, str], headers: list[str]) -> Proposal:
    """A proposal for a canonical extract, whatever the headers."""
    guesses = {column.name: guess_header(column.name, headers) for column in extract.columns}
    missing = tuple(column.name for column in extract.columns if column.required and not guesses[column.name])
    unused = tuple(header for header in headers if header and header not in guesses.values())
    columns = {name: header for name, header in guesses.items() if header and header != name}
    columns |= dict.fromkeys(missing, TO_FILL_IN)
    entry = {"files": pattern, "feeds": extract.name, **options, **({"columns": columns} if columns else {})}
    unfed = tuple(name for name, header in guesses.items() if not header)
    return Proposal(extract, entry, missing, len(guesses) - len(unfed), len(guesses), unused, unfed)
