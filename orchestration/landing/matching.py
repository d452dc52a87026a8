"""Which header of a file feeds which column of an extract: by name, never by position."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import Column, Extract
from orchestration.programme.extracts import Entry
from orchestration.programme.options import GIFT_CARD, LINE_NAME, ROW
from orchestration.programme.problems import enumerate_names, suggest
from orchestration.programme.sql import quote_literal, quote_name


@dataclass(frozen=True)
class Match:
    """`positions` maps a column to the position of its header in the file; `ignored` headers feed no column;
    `constants` are the entry's values.

    `made` maps a column that the entry makes of other headers (ids, flags, gift_cards) to these headers, `row_ids` are
    columns whose value is the row itself. `positions_by_header` are the headers that the entry's options name. `paths`
    says where a column's value is inside the JSON of its cell.
    """

    extract: Extract
    constants: Mapping[str, str]
    headers: tuple[str, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    made: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row_ids: tuple[str, ...] = ()
    positions_by_header: Mapping[str, int] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fed(self) -> tuple[Column, ...]:
        """The columns that come from cells of the file, in declared order."""
        return tuple(column for column in self.extract.columns if column.name in {*self.positions, *self.made})

    @property
    def staged(self) -> list[int]:
        """The positions of all headers that are read."""
        return sorted({*self.positions.values(), *self.positions_by_header.values()})

    @property
    def expressions(self) -> dict[str, str]:
        """SQL by name for every column of the extract: from the file, else the entry's constant, else null. A row id is
        in no relation of rows, because it counts the records that could not be read, too."""
        fed = {column.name for column in self.fed}
        return {
            name: quote_name(name) if name in fed else f"{quote_literal(self.constants.get(name))}::varchar"
            for name in self.extract.column_names
        }

    def cell(self, header: str) -> str:
        """The staged column of a header that the entry's options name."""
        return f"c{self.positions_by_header[header.strip()]}"

    def describe_headers(self, column: str) -> str:
        """The header of a column that comes from the file, or its headers."""
        return ", ".join(self.made[column]) if column in self.made else self.headers[self.positions[column]]


def match_headers(extract: Extract, entry: Entry, headers: tuple[str, ...]) -> Match:
    """Match every column. Raises FileRefused that lists everything that is wrong. An empty file has no headers.

    A column that the entry does not name is fed by a header of its own name, if there is one.
    """
    row_ids = tuple(name for name, parts in entry.ids.items() if parts == ROW)
    if not headers:
        return Match(extract, entry.values, row_ids=row_ids)
    made = {name: tuple(parts) for name, parts in entry.ids.items() if parts != ROW}
    made |= {name: tuple(header.values()) for name, header in entry.flags.items()}
    if entry.gift_cards:
        made[GIFT_CARD] = extract.find_column(LINE_NAME).headers
    times = Counter(headers)
    constants = dict(entry.values)
    for sibling in extract.format.siblings if extract.format else ():
        if all(times[header] for header in sibling.headers):
            raise FileRefused(
                f"is not {extract.name}: {sibling.message}", "Export the other report, or remove the file"
            )
    positions: dict[str, int] = {}
    paths: dict[str, tuple[str, ...]] = {}
    faults: dict[str, str] = {}
    for column in extract.columns:
        if column.name in constants or column.name in made or column.name in row_ids:
            continue
        if not column.headers and column.name not in entry.columns:
            if column.required:
                fault = f"has nothing for {column.name}, which its entry must give"
                faults[fault] = f"Write values: {{{column.name}: ...}} in extracts.yml"
            continue
        found = column.find_headers(times)
        header = _choose_header(column, entry, found)
        if column.name not in entry.columns and len(set(filter(None, found.values()))) > 1:
            fault = f"has {enumerate_names(tuple(found))}, and {column.name} needs one currency"
            faults[fault] = f"Write columns: {{{column.name}: its header}} in extracts.yml, an entry a currency"
        elif times[header] == 1:
            positions[column.name] = headers.index(header)
            if column.name not in entry.columns and (path := column.find_path(header)):
                paths[column.name] = path
            constants |= _name_currency(extract, entry, column.find_headers([header]).get(header, ""), times)
        elif times[header] > 1:
            fault = f"has the header '{header}' {times[header]} times, and {column.name} needs one"
            faults[fault] = "Give each column its own header at the source"
        elif column.name in entry.columns:
            fault = f"has no header '{header}', which feeds {column.name}"
            faults[fault] = f"{suggest(header, headers)}Correct columns: {{{column.name}: ...}} in extracts.yml"
        elif column.required:
            expected = "" if column.headers == (column.name,) else f" (expected is {' or '.join(column.headers)})"
            fault = f"has nothing for {column.name}{expected}, which is required"
            none = f"or values: {{{column.name}: ...}} where no header holds it"
            if column.name in extract.key and column.data_type == "text":
                none += f", or ids: {{{column.name}: [...]}} to make it of several columns"
            remedy = f"Write columns: {{{column.name}: its header}} in extracts.yml, {none}"
            remedy = f"{column.remedy}. {remedy}" if column.remedy else remedy
            faults[fault] = suggest(header, headers) + remedy
    if extract.format and extract.needs_one_of and not {*positions, *constants, *made} & set(extract.needs_one_of):
        remedy = f"Write columns: {{{extract.needs_one_of[0]}: its header}} in extracts.yml"
        faults[f"has nothing for {' or '.join(extract.needs_one_of)}, of which one is needed"] = remedy
    if GIFT_CARD in made and LINE_NAME not in positions:
        fault = f"has nothing for {LINE_NAME}, which gift_cards needs"
        faults[fault] = f"Write columns: {{{LINE_NAME}: its header}} in extracts.yml, or remove gift_cards"
    positions_by_header: dict[str, int] = {}
    for header, place in list_named_headers(entry):
        if times[header] == 1:
            positions_by_header[header] = headers.index(header)
        else:
            number = (
                f"has the header '{header}' {times[header]} times" if times[header] else f"has no header '{header}'"
            )
            fault = f"{number}, which {place} names"
            faults[fault] = f"{suggest(header, headers)}Correct {place}: in extracts.yml"
    if faults:
        message = f"{' and '.join(faults)} ({extract.name}; its headers are {enumerate_names(headers)})"
        raise FileRefused(message, ". ".join(dict.fromkeys(faults.values())))
    used = {*positions.values(), *positions_by_header.values()}
    ignored = tuple(header for position, header in enumerate(headers) if position not in used and header)
    return Match(extract, constants, headers, positions, ignored, made, row_ids, positions_by_header, paths)


def list_named_headers(entry: Entry) -> Iterator[tuple[str, str]]:
    """The headers that options other than columns name, each with its option."""
    for place, headers in (
        ("keep", entry.keep),
        ("drop", entry.drop),
        ("ids", chain.from_iterable(parts for parts in entry.ids.values() if parts != ROW)),
        ("flags", chain.from_iterable(words.values() for words in entry.flags.values())),
        ("orders_per_row", entry.orders_per_row or {}),
    ):
        for header in headers:
            yield header.strip(), place


def _choose_header(column: Column, entry: Entry, found: Mapping[str, str]) -> str:
    """The entry's header, else the first of the column's headers that the file has, else the first of them."""
    if column.name in entry.columns:
        return entry.columns[column.name].strip()
    return next(iter(found), column.headers[0])


def _name_currency(extract: Extract, entry: Entry, currency: str, times: Mapping[str, int]) -> dict[str, str]:
    """The currency in a header, as the constant of the currency's column, unless the file has a column of it."""
    names = [column.name for column in extract.columns if column.data_type == "currency"]
    is_given = {*entry.columns, *entry.values} & set(names)
    has_column = any(extract.find_column(name).find_headers(times) for name in names)
    return dict.fromkeys(names, currency) if currency and not is_given and not has_column else {}
