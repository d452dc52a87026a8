"""extracts.yml: which files are which canonical extract or format, where they come from, and how to read them."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from orchestration.programme.connections import Connection
from orchestration.programme.contract import Extract, read_contract, read_formats
from orchestration.programme.documents import Document, Location, Plain
from orchestration.programme.options import IdParts, OrdersPerRow, Scale, Unit, Words, check_options
from orchestration.programme.plan import Timezone
from orchestration.programme.problems import Problem, enumerate_names, suggest
from orchestration.programme.sources import Overlap, check_source, plain_values
from orchestration.programme.validation import refuse, validate
from orchestration.programme.value_checks import find_unreadable_constants

# What `make onboard` writes where only the team knows the value.
TO_FILL_IN = "TO FILL IN"
_FILL_HINTS = {
    "columns": "the header that holds it",
    "values": "its value",
    "keep": "the values of rows that the programme brought, such as [influencer],",
}
_NO_HEADER = "; where no header does, delete the line and write `values: {{{name}: ...}}`"


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
    """One item of extracts.yml: files, the table of raw that they go to, and how to read them.

    `columns` maps a canonical column to its header, `values` maps one to a constant (verbatim text); `comment` is the
    prefix of lines to skip before the header. `timezone` of None is the plan's. By canonical column: `map` (the file's
    words to ours, None for empty), `ids` (headers, or `row`), `units`, `flags` (our word to the header that is 1 for
    it). By header of the file: `keep`, `drop` (values), `orders_per_row` (what a row of several orders is: `each`
    refuses it, `one` counts it once). `nulls` are further words for empty, none at all if the list is empty;
    `gift_cards` the names of products that are gift cards.

    What is pulled names its connection in `source` (`from`), and one of `table`, `query`, `files` (of the connection)
    and `api`. A `cursor` is the column by which a pull takes only what is new, `overlap` how far before the last value
    it starts; `time_limit` is in minutes. `on_failure` is what a source that cannot be pulled does, `on_drop` one with
    fewer than half of the rows of the last time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: str | None = Field(default=None, alias="from")
    files: str | None = None
    table: str | None = None
    query: str | None = None
    api: Annotated[dict[str, Any] | None, BeforeValidator(plain_values)] = None
    cursor: str | None = None
    overlap: Overlap = None
    time_limit: Annotated[int, Field(ge=1, le=10080)] = 60
    on_failure: Literal["stop", "warn"] = "stop"
    on_drop: Literal["stop", "warn"] = "stop"
    name: str | None = None
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
    map: dict[str, dict[str, str | None]] = Field(default_factory=dict)
    keep: dict[str, Words] = Field(default_factory=dict)
    drop: dict[str, Words] = Field(default_factory=dict)
    ids: dict[str, IdParts] = Field(default_factory=dict)
    units: dict[str, Unit] = Field(default_factory=dict)
    nulls: list[str] | None = None
    match: Literal["exact", "prefix"] = "exact"
    flags: dict[str, dict[str, str]] = Field(default_factory=dict)
    orders_per_row: OrdersPerRow = None
    duplicates: Literal["last"] | None = None
    allow_empty: bool = False
    scale: Scale = None
    gift_cards: Words = Field(default_factory=list)

    @property
    def table_name(self) -> str:
        """The table of raw that the files go to."""
        return self.feeds or self.format or ""

    @property
    def label(self) -> str:
        """What the entry is called in messages and folders, where its files are named beside it: its name, else its
        table."""
        return self.name or self.table_name

    @property
    def pulled_folder(self) -> str:
        """The folder, relative to the programme's, that receives what is pulled."""
        return f"landing/pulled/{self.source}/{self.label}"

    @property
    def source_mark(self) -> str:
        """Eight letters that change with what is pulled, but not with how: it is in the names of pulled files, so that
        files of another table or query no longer count. No digits, because a name is searched for a date."""
        parts = (self.source, self.table, self.query, self.cursor, self.api)
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:8]
        return digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))

    @property
    def pattern(self) -> str:
        """The pattern of its files, relative to the programme's folder."""
        if self.source is None:
            return self.files or ""
        if self.files is not None:
            return f"{self.pulled_folder}/*/{self.files.lstrip('/')}"
        return f"{self.pulled_folder}/*-{self.source_mark}{'.jsonl' if self.api is not None else '.parquet'}"

    @model_validator(mode="before")
    @classmethod
    def _set_delivery(cls, item: Any) -> Any:
        """A table, query or API that is pulled without a cursor is the whole truth each time, unless the entry says
        otherwise."""
        if not isinstance(item, dict) or "from" not in item or "delivery" in item:
            return item
        is_partial = "cursor" in item or "files" in item or "incremental" in repr(item.get("api", ""))
        return item if is_partial else {**item, "delivery": "snapshot"}

    @field_validator("columns", "values", "map", "keep", "drop", "ids", "units", "flags", mode="before")
    @classmethod
    def _read_empty_group(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("files")
    @classmethod
    def _check_files(cls, pattern: str | None, info: ValidationInfo) -> str | None:
        if pattern is None:
            return None
        posix = PurePosixPath(pattern)
        outside = posix.is_absolute() or PureWindowsPath(pattern).is_absolute() or ".." in posix.parts
        if outside or not posix.parts or "\0" in pattern:
            if info.data.get("source"):
                message = f"files is '{pattern}', which is not below the connection's URL"
                raise refuse(message, "Write a pattern relative to it, such as exports/orders_*.csv")
            message = f"files is '{pattern}', which is not inside the programme folder"
            raise refuse(message, "Write a pattern relative to it, such as landing/shop/orders_*.csv")
        return pattern

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"\w[\w-]{0,79}", name):
            message = f"name is '{name}', which cannot be the name of a folder"
            raise refuse(message, "Write letters, digits, _ and - only, such as awin_eu")
        return name

    @field_validator("format")
    @classmethod
    def _check_format(cls, name: str | None) -> str | None:
        formats = read_formats()
        if name is not None and name not in formats:
            raise refuse(
                f"the format '{name}' is not known; the known formats are {enumerate_names(formats)}",
                f"{suggest(name, formats)}For any other file write `feeds:` with the extract and `columns:` with its "
                "headers",
            )
        return name

    @field_validator("feeds")
    @classmethod
    def _check_feeds(cls, name: str | None) -> str | None:
        extracts = read_contract()
        if name is not None and name not in extracts:
            remedy = f"{suggest(name, extracts)}Write one of {enumerate_names(sorted(extracts))}"
            raise refuse(f"'{name}' is not an extract", remedy)
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
        try:
            "".encode("utf-8" if encoding is None else encoding)
        except (LookupError, ValueError) as error:
            message = f"encoding is '{encoding}', which is not known"
            raise refuse(message, "Write for example utf-8, utf-16 or windows-1252") from error
        return encoding


def check_entries(
    document: Document, timezone: str, connections: Mapping[str, Connection] | None = None
) -> tuple[list[Entry], list[Problem]]:
    """The valid entries, and every problem of the others; `timezone` is the plan's, `connections` are those of
    settings.yml, None if they cannot be read."""
    # A new team has `extracts:` with nothing under it.
    if document.data == {"extracts": None}:
        return [], []
    if not isinstance(document.data, dict) or not isinstance(document.data.get("extracts"), list):
        message, remedy = "extracts is not a list of entries", "Write `extracts:` and under it `- files: ...`"
        return [], [document.describe_problem(("extracts",), message, remedy)]
    problems = [
        document.describe_problem((name,), f"'{name}' is not known here", "The only name here is extracts")
        for name in document.data
        if name != "extracts"
    ]
    entries: list[Entry] = []
    names: dict[str, int | None] = {}
    folders: dict[str, int | None] = {}
    for position, item in enumerate(document.data["extracts"]):
        location = ("extracts", position)
        entry, found = validate(Entry, item, document, location, None)
        if isinstance(item, dict):
            found += _check_combinations(item, document, location)
            found += [
                document.describe_problem((*location, *place), message, remedy)
                for place, message, remedy in check_source(item, connections)
            ]
        if entry is not None and not found and (table := _find_table(item)):
            found += _check_constants(entry, document, location, table, timezone)
        if entry is not None and entry.name:
            found += _check_own_name(entry.name, names, document, location)
        if entry is not None and entry.source:
            found += _check_own_folder(entry, folders, document, location)
        if entry is not None and not found:
            entries.append(entry)
        problems += found
    return entries, problems


def _check_own_name(
    name: str, names: dict[str, int | None], document: Document, location: Location
) -> Iterator[Problem]:
    """A problem if an earlier entry has the name; `names` are those so far, with their lines."""
    place, folded = (*location, "name"), name.casefold()
    if folded in names:
        message = f"the name '{name}' is taken by the entry on line {names[folded]}"
        yield document.describe_problem(place, message, "Give each entry its own name")
    names.setdefault(folded, document.find_line(place))


def _check_own_folder(
    entry: Entry, folders: dict[str, int | None], document: Document, location: Location
) -> Iterator[Problem]:
    """A problem if an earlier entry is pulled into the same folder; `folders` are those so far, with their lines."""
    place, folded = (*location, "from"), entry.pulled_folder.casefold()
    if folded in folders:
        message = f"it is pulled into the same folder as the entry on line {folders[folded]}, {entry.pulled_folder}"
        yield document.describe_problem(place, message, "Write `name:` with a name of its own")
    folders.setdefault(folded, document.find_line(place))


def _check_combinations(item: Mapping[str, Any], document: Document, location: Location) -> Iterator[Problem]:
    """Problems between several names of an entry. On the raw entry, so that another mistake cannot hide them."""

    def report(place: Location, message: str, remedy: str) -> Problem:
        return document.describe_problem((*location, *place), message, remedy)

    if ("format" in item) == ("feeds" in item):
        message = (
            f"an entry has either `format` or `feeds`, and this one has {'both' if 'feeds' in item else 'neither'}"
        )
        yield report(("format",), message, "Write `feeds:` with the extract that the files hold")
    groups = {group: _read_mapping(item, group) for group in _FILL_HINTS}
    unfilled: list[tuple[Location, str]] = [
        ((group, name), _FILL_HINTS[group])
        for group, names in groups.items()
        for name, value in names.items()
        if value == TO_FILL_IN
    ]
    if item.get("timezone") == TO_FILL_IN:
        unfilled.append((("timezone",), "such as Europe/Brussels"))
    for place, hint in unfilled:
        otherwise = _NO_HEADER.format(name=place[-1]) if place[0] == "columns" else ""
        remedy = f"Write {hint} instead of {TO_FILL_IN}{otherwise}"
        yield report(place, f"{place[-1]} is still to be filled in", remedy)
    table = _find_table(item)
    if table is None:
        return
    if table.format and table.format.timezone == "entry" and "timezone" not in item:
        message = f"the times in {table.name} have no time zone"
        yield report(("format",), message, "Write `timezone:` with the zone of the account, such as Europe/Brussels")
    for mistake in check_options(item, table):
        yield report(*mistake)


def _check_constants(
    entry: Entry, document: Document, location: Location, extract: Extract, timezone: str
) -> Iterator[Problem]:
    options = {"_decimal": entry.decimal, "_date_order": entry.date_order, "_timezone": entry.timezone or timezone}
    for found in find_unreadable_constants(extract, entry.values, options):
        message = f"{found.column} is '{entry.values[found.column]}', which {found.reason}"
        remedy = found.remedy[:1].upper() + found.remedy[1:]
        yield document.describe_problem((*location, "values", found.column), message, remedy)


def _find_table(item: Mapping[str, Any]) -> Extract | None:
    """The table of raw that an entry names, as written; None if there is no such table."""
    # A list or another wrong value is reported where the entry is validated.
    return read_contract().get(str(item.get("feeds"))) or read_formats().get(str(item.get("format")))


def _read_mapping(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = item.get(name)
    return value if isinstance(value, dict) else {}
