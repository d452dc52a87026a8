"""extracts.yml: which files are which canonical extract, and how they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from orchestration.programme.contract import Extract
from orchestration.programme.documents import Document, Location, Plain
from orchestration.programme.plan import Timezone
from orchestration.programme.problems import Problem, enumerate_names, suggest
from orchestration.programme.validation import refuse, validate
from orchestration.programme.value_checks import find_unreadable_constants

# What `make onboard` writes where only the team knows.
TO_FILL_IN = "TO FILL IN"


@dataclass(frozen=True)
class EntryContext:
    """What an entry is checked against."""

    extracts: Mapping[str, Extract]
    formats: Mapping[str, Extract]

    def find_table(self, item: Mapping[str, Any]) -> Extract | None:
        """The table of raw that an entry as written names, if there is one."""
        # Whatever somebody wrote there: a list is no name, and is reported as such where the entry is validated.
        return self.extracts.get(str(item.get("feeds"))) or self.formats.get(str(item.get("format")))


def _read_constant(value: Any) -> Any:
    if isinstance(value, Plain) and value.lower() in ("true", "false"):
        return value.lower()
    return value


def _read_sheet(value: Any) -> Any:
    if isinstance(value, Plain) and value.isdigit():
        if int(value) < 1:
            raise refuse("sheet is 0", "Count sheets from 1, or write the sheet's name in quotes")
        return int(value)
    return value


Constant = Annotated[str, BeforeValidator(_read_constant)]


class Entry(BaseModel):
    """One item of extracts.yml: files, the extract they feed, and how to read them.

    `columns` is from canonical column to header, `values` from canonical column to constant (verbatim text); `comment`
    is how lines before the header start that are none. `timezone` of None is the plan's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: str
    format: str | None = None
    feeds: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, Constant] = Field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    sheet: Annotated[str | int | None, BeforeValidator(_read_sheet)] = None
    skip_rows: Annotated[int, Field(ge=0)] = 0
    comment: str | None = None
    delivery: Literal["append", "snapshot"] = "append"
    timezone: Timezone | None = None
    date_order: Literal["day-month", "month-day"] | None = None

    @field_validator("columns", "values", mode="before")
    @classmethod
    def _read_nothing(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("files")
    @classmethod
    def _check_files(cls, pattern: str) -> str:
        posix = PurePosixPath(pattern)
        outside = posix.is_absolute() or PureWindowsPath(pattern).is_absolute() or ".." in posix.parts
        if outside or not posix.parts or "\0" in pattern:
            message = f"files is '{pattern}', which is not inside the programme folder"
            raise refuse(message, "Write a pattern relative to it, such as landing/shop/orders_*.csv")
        return pattern

    @field_validator("format")
    @classmethod
    def _check_format(cls, name: str | None, info: ValidationInfo) -> str | None:
        formats = info.context.formats
        if name is not None and name not in formats:
            raise refuse(
                f"the format '{name}' is not known to this version: it knows {enumerate_names(formats)}",
                f"{suggest(name, formats)}Write `feeds:` with the extract and `columns:` with its headers; "
                "that reads any file",
            )
        return name

    @field_validator("feeds")
    @classmethod
    def _check_feeds(cls, name: str | None, info: ValidationInfo) -> str | None:
        extracts = info.context.extracts
        if name is not None and name not in extracts:
            suggestion = suggest(name, extracts)
            raise refuse(f"'{name}' is no extract", f"{suggestion}Write one of {enumerate_names(sorted(extracts))}")
        return name

    @field_validator("delimiter")
    @classmethod
    def _check_delimiter(cls, delimiter: str | None) -> str | None:
        if delimiter is not None and (len(delimiter) != 1 or len(delimiter.encode()) != 1 or delimiter in '"\r\n'):
            message = f"delimiter is '{delimiter}', not one plain character"
            raise refuse(message, 'Write one character in quotes, such as ";" or "\\t" for a tab')
        return delimiter

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            "".encode(encoding)
        except (LookupError, ValueError) as error:
            message = f"encoding is '{encoding}', which is not known"
            raise refuse(message, "Write such as utf-8, utf-16 or windows-1252") from error
        return encoding

    @field_validator("decimal", "delivery", "date_order", mode="before")
    @classmethod
    def _check_choice(cls, value: Any, info: ValidationInfo) -> Any:
        choices = {"decimal": (".", ","), "delivery": ("append", "snapshot"), "date_order": ("day-month", "month-day")}
        known = choices[info.field_name]
        if value is not None and value not in known:
            raise refuse(
                f"{info.field_name} is '{value}'",
                f"{suggest(value, known)}Write {' or '.join(repr(choice) for choice in known)}",
            )
        return value


def check_entries(document: Document, context: EntryContext, timezone: str) -> tuple[list[Entry], list[Problem]]:
    """The entries that are right, and every problem of the others; `timezone` is the plan's."""
    # `extracts:` with nothing under it is a team that has not begun yet.
    if document.data == {"extracts": None}:
        return [], []
    if not isinstance(document.data, dict) or not isinstance(document.data.get("extracts"), list):
        line = document.find_line(("extracts",))
        return [], [
            Problem(
                document.file,
                line,
                "extracts is not a list of entries",
                "Write `extracts:` and under it `- files: ...`",
            )
        ]
    problems = [
        Problem(
            document.file, document.find_line((name,)), f"'{name}' is not known here", "The only name here is extracts"
        )
        for name in document.data
        if name != "extracts"
    ]
    entries: list[Entry] = []
    for position, item in enumerate(document.data["extracts"]):
        location = ("extracts", position)
        entry, found = validate(Entry, item, document, location, context)
        if isinstance(item, dict):
            found += _check_between(item, document, location, context)
        if entry is not None and not found:
            found += _check_constants(entry, document, location, context.find_table(item), timezone)
        if entry is not None and not found:
            entries.append(entry)
        problems += found
    return entries, problems


def _check_between(
    item: Mapping[str, Any], document: Document, location: Location, context: EntryContext
) -> Iterator[Problem]:
    """What no single name shows: on the raw entry, so that another mistake in it cannot hide these."""

    def report(place: Location, message: str, remedy: str) -> Problem:
        return Problem(document.file, document.find_line((*location, *place)), message, remedy)

    if ("format" in item) == ("feeds" in item):
        message = "an entry has either `format` or `feeds`, and this one has " + (
            "both" if "feeds" in item else "neither"
        )
        yield report(("format",), message, "Write `feeds:` with the extract that the files hold")
    columns, values = (_read_mapping(item, name) for name in ("columns", "values"))
    for name in columns.keys() & values.keys():
        yield report(("values", name), f"{name} is in both columns and values", "Keep it in one of them")
    places = [*((group, name) for group in ("columns", "values") for name in _read_mapping(item, group)), ("timezone",)]
    for place in places:
        if (item if len(place) == 1 else _read_mapping(item, place[0])).get(place[-1]) == TO_FILL_IN:
            what = {"columns": "the header that holds it", "values": "its value", "timezone": "such as Europe/Brussels"}
            yield report(
                place, f"{place[-1]} is still to be filled in", f"Write {what[place[0]]} instead of {TO_FILL_IN}"
            )
    extract = context.find_table(item)
    if extract is None:
        return
    if extract.format and extract.format.timezone == "entry" and "timezone" not in item:
        message = f"{extract.name} writes times without saying their zone"
        yield report(("format",), message, "Write `timezone:` with the zone of the account, such as Europe/Brussels")
    for group, names in (("columns", columns), ("values", values)):
        for name in names:
            if name not in extract.column_names:
                suggestion = suggest(name, extract.column_names)
                remedy = f"{suggestion}Its columns are {enumerate_names(extract.column_names)}"
                yield report((group, name), f"{extract.name} has no column '{name}'", remedy)


def _check_constants(
    entry: Entry, document: Document, location: Location, extract: Extract, timezone: str
) -> Iterator[Problem]:
    how = {"_decimal": entry.decimal, "_date_order": entry.date_order, "_timezone": entry.timezone or timezone}
    for complaint in find_unreadable_constants(extract, entry.values, how):
        line = document.find_line((*location, "values", complaint.column))
        message = f"{complaint.column} is '{entry.values[complaint.column]}', which {complaint.reason}"
        yield Problem(document.file, line, message, complaint.remedy[:1].upper() + complaint.remedy[1:])


def _read_mapping(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = item.get(name)
    return value if isinstance(value, dict) else {}
