"""Proposes entries of extracts.yml for a file: a known format, or extracts that its headers and values fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.landing.onboarding.guess import Guess, guess_columns
from orchestration.landing.onboarding.layout import Layout, find_layout
from orchestration.landing.onboarding.profile import Profile, profile_columns
from orchestration.landing.onboarding.ranking import Ranking, rank_extracts
from orchestration.landing.readers.kinds import open_records
from orchestration.landing.readers.records import Records, Selection
from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import Column, Extract, Format, read_contract, read_formats
from orchestration.programme.extracts import TO_FILL_IN, Entry
from orchestration.runtime.connections import connect

# Shown in example rows only, not written into extracts.yml.
PLACEHOLDERS = {"text": "to fill in", "list": "to fill in", "currency": "XXX"}  # ISO 4217's code for no currency
# A vendor's file has at least so many of its format's columns, and this share of them; a list of names has fewer.
MIN_FORMAT_COLUMNS = 3
MIN_FORMAT_RATIO = 0.4
# Extracts whose every row credits somebody, and what tools call rows that no partner brought.
_CREDITING = ("conversions", "clicks")
_NOT_BROUGHT = ("organic", "direct", "(direct)", "seo", "organic search", "paid search", "unattributed", "house")
_TIMES = ("timestamp", "timestamp_end", "date")
_NUMBERS = ("money", "number")
_TYPED = (".parquet", ".xlsx", ".xls")


@dataclass(frozen=True)
class Proposal:
    """`entry` is the entry as it would be written; `missing` are parts of it that a person must fill in; `found` of
    the `of` columns of the table have a header; `unused` are headers that feed no column, `unfed` are columns without a
    header; `notes` are sentences on what was decided and what is open."""

    table: Extract
    entry: dict[str, Any]
    missing: tuple[str, ...]
    found: int
    of: int
    unused: tuple[str, ...]
    unfed: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def fill_placeholders(self) -> dict[str, Any] | None:
        """The entry with placeholders for what is missing, to show example rows; None if a placeholder would be a
        made-up fact, such as a date."""
        given = {}
        names = self.table.column_names
        for name in (name for name in self.missing if name in names):
            column = self.table.find_column(name)
            if column.data_type not in PLACEHOLDERS:
                return None
            given[name] = next(iter(column.accepted), PLACEHOLDERS[column.data_type])
        filled = {name: value for name, value in self.entry.items() if value != TO_FILL_IN}
        if "timezone" in self.missing:
            filled["timezone"] = "UTC"
        if "columns" in filled:
            filled["columns"] = {name: header for name, header in filled["columns"].items() if name not in given}
        if TO_FILL_IN in filled.get("keep", {}).values():
            del filled["keep"]
        if "map" in filled:
            filled["map"] = {
                name: {theirs: ours for theirs, ours in words.items() if ours != TO_FILL_IN}
                for name, words in filled["map"].items()
            }
        return {**filled, "values": {**filled.get("values", {}), **given}}


@dataclass(frozen=True)
class Answer:
    """What a file is. `proposals` is empty if that is not clear; then `candidates` come into question.

    `is_guess` says that nobody and no known format named the extract.
    """

    proposals: tuple[Proposal, ...]
    candidates: tuple[Guess, ...]
    profiles: Mapping[str, Profile]
    headers: tuple[str, ...]
    layout: Layout
    is_guess: bool = False


OF_WORKBOOKS = ("sheet", "skip_rows", "decimal")
"""Options that change what is read of a workbook; each other reading of it starts a process."""


@dataclass
class _OpenFile:
    """A file, and what was read of it with which options: a workbook or a JSON file takes long to open."""

    file: Path
    pattern: str
    workspace: Path
    opened: dict[tuple[tuple[str, Any], ...], Records | FileRefused] = field(default_factory=dict)

    def open(self, options: Mapping[str, Any]) -> Records:
        """Raises FileRefused if it cannot be read with these options."""
        is_workbook = self.file.suffix.lower() in (".xlsx", ".xls")
        used = {name: value for name, value in options.items() if not is_workbook or name in OF_WORKBOOKS}
        key = tuple(sorted(used.items()))
        if key not in self.opened:
            entry = Entry.model_construct(files=self.pattern).model_copy(update=used)
            try:
                self.opened[key] = open_records(self.file, entry, self.workspace)
            except FileRefused as refused:
                self.opened[key] = refused
        found = self.opened[key]
        if isinstance(found, FileRefused):
            raise found
        return found


def propose(
    file: Path,
    pattern: str,
    workspace: Path,
    feeds: Sequence[str] = (),
    given: Mapping[str, str | int] | None = None,
) -> Answer:
    """What a file is, with `pattern` as its `files`; `given` are options of the entry that a person chose.

    Without `feeds`, a known format wins if the file has every header that the format requires. Raises FileRefused if
    the file cannot be read, KeyError if there is no such extract.
    """
    extracts = [read_contract()[name] for name in feeds]
    opened = _OpenFile(file, pattern, workspace)
    given = given or {}
    # A declared encoding is part of how a vendor's file is read; a header that was looked for is not.
    if not extracts and (known := _propose_format(opened, given)):
        return Answer((known,), (), {}, (), Layout(given))
    layout = find_layout(file, given)
    if not extracts and (known := _propose_format(opened, layout.options)):
        return Answer((known,), (), {}, (), layout)
    records = opened.open(layout.options)
    profiles = _profile(file, records, workspace)
    if extracts:
        ranking = Ranking(tuple(guess_columns(extract, profiles) for extract in extracts), ())
    else:
        ranking = rank_extracts(profiles, file.name)
    proposals = tuple(
        propose_extract(guess, pattern, layout.options, records.headers, profiles, is_beside=bool(position))
        for position, guess in enumerate(ranking.chosen)
    )
    return Answer(proposals, ranking.candidates, profiles, records.headers, layout, is_guess=not extracts)


def _profile(file: Path, records: Records, workspace: Path) -> dict[str, Profile]:
    if not records.headers:
        return {}
    staged = workspace / "profiled.parquet"
    with connect(file.absolute().parent, workspace, workspace=workspace / "duckdb") as connection:
        records.stage(connection, Selection(range(len(records.headers))), staged)
        return profile_columns(connection, staged, records.headers)


def _propose_format(opened: _OpenFile, options: Mapping[str, Any]) -> Proposal | None:
    proposals = [
        proposal
        for table in read_formats().values()
        if table.format and (proposal := _try_format(table, table.format, opened, options))
    ]
    return max(proposals, key=lambda proposal: proposal.found, default=None)


def _try_format(table: Extract, declared: Format, opened: _OpenFile, options: Mapping[str, Any]) -> Proposal | None:
    """A proposal if the file can be read as the format declares and has its headers."""
    try:
        headers = opened.open({**dict(declared.reading), **options}).headers
    except FileRefused:
        return None
    matched = match_format(table, headers)
    if matched is None:
        return None
    given = [column.name for column in table.columns if column.required and not column.headers]
    proposed: dict[str, Any] = {"files": opened.pattern, "format": table.name, **options}
    if given:
        proposed["values"] = dict.fromkeys(given, TO_FILL_IN)
    if table.needs_one_of and not matched.keys() & set(table.needs_one_of):
        given.append(table.needs_one_of[0])
        proposed["columns"] = {table.needs_one_of[0]: TO_FILL_IN}
    if declared.timezone == "entry":
        proposed["timezone"] = TO_FILL_IN
    missing = (*given, *(["timezone"] if "timezone" in proposed else []))
    known = {header for found in matched.values() for header in found}
    unused = tuple(sorted({*headers} - known - {""}))
    from_file = [column.name for column in table.columns if column.headers]
    unfed = tuple(name for name in from_file if name not in matched)
    return Proposal(table, proposed, missing, len(matched), len(from_file), unused, unfed)


def match_format(table: Extract, headers: Sequence[str]) -> dict[str, dict[str, str]] | None:
    """By column of a format, the headers that can feed it; None if a file with these headers is not of the format.

    It has every required header, is no sibling, and has a header by which the format is recognised or, where it
    declares none, most of its columns. The order of the headers and further ones do not matter.
    """
    present = dict.fromkeys(headers)
    from_file = [column for column in table.columns if column.headers]
    found = {column.name: matched for column in from_file if (matched := column.find_headers(present))}
    has_currency = any(any(currencies.values()) for currencies in found.values())
    required = (column for column in from_file if column.required)
    if any(column.name not in found and not (has_currency and column.data_type == "currency") for column in required):
        return None
    if table.format and any(present.keys() >= set(sibling.headers) for sibling in table.format.siblings):
        return None
    if table.recognised_by:
        return found if present.keys() & set(table.recognised_by) else None
    is_enough = len(found) >= max(min(MIN_FORMAT_COLUMNS, len(from_file)), MIN_FORMAT_RATIO * len(from_file))
    return found if is_enough else None


def propose_extract(
    guess: Guess,
    pattern: str,
    options: Mapping[str, Any],
    headers: Sequence[str],
    profiles: Mapping[str, Profile],
    is_beside: bool = False,
) -> Proposal:
    """The entry for a canonical extract; `is_beside` if the file's rows are another extract's first of all."""
    extract = guess.extract
    columns = {name: header for name, header in guess.headers.items() if header != name}
    constants = {name: TO_FILL_IN for name in guess.missing if extract.find_column(name).often_constant}
    columns |= {name: TO_FILL_IN for name in guess.missing if name not in constants}
    fed = {extract.find_column(name): profiles[header] for name, header in guess.headers.items()}
    reading = {"decimal": _find_decimal(fed), "date_order": _find_date_order(fed)}
    if reading["decimal"] == "ambiguous" and pattern.lower().endswith(_TYPED):
        del reading["decimal"]  # The file knows what its numbers are.
    sources = _find_sources(extract, profiles)
    parts: dict[str, Any] = {
        **options,
        "keep": {profile.header: TO_FILL_IN for profile in sources},
        "columns": columns,
        "values": constants,
        "ids": dict.fromkeys(guess.row_ids, "row"),
        "drop": _find_rows_of_others(guess, profiles) if is_beside else {},
        "map": _find_words(fed),
        "units": _find_units(fed),
        **{name: TO_FILL_IN if found == "ambiguous" else found for name, found in reading.items()},
    }
    entry = {"files": pattern, "feeds": extract.name, **{name: part for name, part in parts.items() if part}}
    open_options = [name for name, found in reading.items() if found == "ambiguous"]
    open_words = [f"map of {name}" for name, words in parts["map"].items() if TO_FILL_IN in words.values()]
    return Proposal(
        table=extract,
        entry=entry,
        missing=(*guess.missing, *open_options, *open_words, *(f"keep of {profile.header}" for profile in sources)),
        found=len(guess.headers),
        of=len(extract.columns),
        unused=tuple(header for header in headers if header and header not in guess.used),
        unfed=tuple(name for name in extract.column_names if name not in guess.headers),
        notes=(*_explain(guess, profiles, reading), *map(_ask_what_to_keep, sources)),
    )


def _find_rows_of_others(guess: Guess, profiles: Mapping[str, Profile]) -> dict[str, list[str]]:
    """The header without which a row is not this extract's: an order that nobody brought is no conversion."""
    needed = [guess.headers[name] for name in guess.extract.needs_one_of if name in guess.headers]
    required = [guess.headers[name] for name in guess.headers if guess.extract.find_column(name).required]
    decisive = [*required, *(needed if len(needed) == 1 else [])]
    return {header: [""] for header in decisive if profiles[header].filled < profiles[header].rows}


def _find_sources(extract: Extract, profiles: Mapping[str, Profile]) -> list[Profile]:
    """Columns that say of some rows that no partner brought them: those rows would credit whoever they name."""
    if extract.name not in _CREDITING:
        return []
    return [
        profile
        for profile in profiles.values()
        if len(profile.words) > 1 and any(word.strip().lower() in _NOT_BROUGHT for word in profile.words)
    ]


def _ask_what_to_keep(profile: Profile) -> str:
    return (
        f"{profile.header} says where each row comes from: {', '.join(profile.words)}. Write under `keep` which of "
        "them the programme brought; the other rows are left out"
    )


def _find_decimal(fed: Mapping[Column, Profile]) -> str | None:
    found = {profile.decimal for column, profile in fed.items() if column.data_type in (*_NUMBERS, "count")}
    return _settle(found)


def _find_date_order(fed: Mapping[Column, Profile]) -> str | None:
    found = {profile.date_order for column, profile in fed.items() if column.data_type in _TIMES}
    return _settle(found)


def _settle(found: set[str | None]) -> str | None:
    """One column with a date such as 31/12/2026 settles it for the file."""
    certain = found - {None, "ambiguous"}
    if len(certain) > 1 or (not certain and "ambiguous" in found):
        return "ambiguous"
    return next(iter(certain), None)


def _find_words(fed: Mapping[Column, Profile]) -> dict[str, dict[str, str]]:
    """By column, ours for each of the file's words that is not accepted as it is."""
    mapped: dict[str, dict[str, str]] = {}
    for column, profile in fed.items():
        ours_by_word = {word: ours for ours, words in column.words for word in words}
        by_folded = {word.strip().lower(): word for word in profile.words}
        words = {
            word: ours_by_word.get(folded, TO_FILL_IN)
            for folded, word in by_folded.items()
            if column.accepted and folded not in column.accepted
        }
        if words:
            mapped[column.name] = words
    return mapped


def _find_units(fed: Mapping[Column, Profile]) -> dict[str, str]:
    units = {}
    for column, profile in fed.items():
        if column.data_type in _TIMES and profile.epoch:
            units[column.name] = profile.epoch
        if column.data_type == "money" and "cents" in profile.header.lower():
            units[column.name] = "cents"
    return units


def _explain(guess: Guess, profiles: Mapping[str, Profile], reading: Mapping[str, str | None]) -> Iterator[str]:
    free = [profile for profile in profiles.values() if profile.header not in guess.used]
    unique = [profile.header for profile in free if profile.looks_like_ids]
    for name in guess.row_ids:
        if unique:
            yield (
                f"No header is called like {name}, so ids: {{{name}: row}} makes each row count. If it is "
                f"{' or '.join(unique[:5])}, in which no value repeats, write columns: {{{name}: {unique[0]}}} instead"
            )
        elif any(profile.is_unique for profile in profiles.values()):
            yield f"No column holds unique ids: use ids: {{{name}: row}}, so that each row counts"
        else:
            yield f"No column is unique: use ids: {{{name}: row}}, so that each row counts"
    for name in guess.missing:
        if name in guess.extract.key and not guess.extract.find_column(name).often_constant:
            column = guess.extract.find_column(name)
            if column.data_type == "text":
                yield f"If no header holds {name}, make it of several: ids: {{{name}: [one header, another]}}"
    if guess.repeats_key:
        name = guess.extract.key[0]
        yield f"Many rows have the same {guess.headers[name]}, so it may not be {name}: the last of them would win"
    for name in guess.borrowed:
        yield f"No header is called {name}; {guess.headers[name]} comes closest"
    for name, header in guess.misfits.items():
        column = guess.extract.find_column(name)
        if name in guess.missing or column.accepted:
            yield (
                f"{header} may be {name} by its name, but not by its values, such as {profiles[header].example!r}"
                if profiles[header].filled
                else f"{header} may be {name} by its name, but it is empty"
            )
    if reading.get("decimal") == "ambiguous":
        yield "Amounts such as 1.234 or 1,234 can be read in two ways: declare decimal"
    if reading["date_order"] == "ambiguous":
        yield "Dates such as 03/04/2026 can be read in two ways: declare date_order"
