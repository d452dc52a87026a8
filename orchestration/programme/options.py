"""Options of an entry for what real exports need beyond names: their types, and what each may say about a table.

    map: {state: {paid: approved}}          keep: {source: [influencer]}       drop: {Campaign: ["", Total]}
    ids: {post_id: [Permalink, Date]}       units: {revenue: cents}            flags: {answer: {yes: Yes, no: No}}

How they are applied is landing's: see orchestration/landing/reading.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from orchestration.programme.contract import Column, Extract
from orchestration.programme.documents import Location
from orchestration.programme.problems import enumerate_names, suggest
from orchestration.programme.validation import refuse
from orchestration.programme.value_checks import find_unreadable_constants

# The value of an id that is made of the row itself.
ROW = "row"
# The column that tells lines of gift cards, which `gift_cards` names, and the column with the names of lines.
GIFT_CARD, LINE_NAME = "is_gift_card", "line_name"
Unit = Literal["cents", "thousandths", "epoch_s", "epoch_ms", "epoch_us", "percent"]
_TYPES_BY_UNIT = {
    **dict.fromkeys(("cents", "thousandths"), ("money", "number")),
    **dict.fromkeys(("epoch_s", "epoch_ms", "epoch_us"), ("timestamp", "timestamp_end", "date")),
    "percent": ("number",),
}
# Each gives a column its value, so a column can be in one of them only.
_SOURCES = ("columns", "values", "ids", "flags")


def _read_words(value: Any) -> Any:
    """A list of words; one word may be written without brackets, and null is the empty word."""
    words = value if isinstance(value, list) else [value]
    if not words or any(word is not None and not isinstance(word, str) for word in words) or value is None:
        raise refuse("the values are not a list of texts", 'Write a list such as [influencer, creator], "" for empty')
    return ["" if word is None else word for word in words]


def _read_id(value: Any) -> Any:
    if value == ROW or (isinstance(value, list) and value and all(isinstance(header, str) for header in value)):
        return value
    raise refuse(
        "an id is made of headers of the file or of the row",
        "Write a list of headers, such as [Permalink, Date], or `row`",
    )


def _read_orders_per_row(value: Any) -> Any:
    columns = {value: "each"} if isinstance(value, str) else value
    if not isinstance(columns, dict) or len(columns) != 1:
        remedy = "Write the header that counts orders, or {header: one} to count a row once"
        raise refuse("orders_per_row does not name one header", remedy)
    return columns


def _read_scale(value: Any) -> Any:
    return 5 if value == "5" else value


Words = Annotated[list[str], BeforeValidator(_read_words)]
IdParts = Annotated[list[str] | Literal["row"], PlainValidator(_read_id)]
OrdersPerRow = Annotated[dict[str, Literal["each", "one"]] | None, BeforeValidator(_read_orders_per_row)]
Scale = Annotated[Literal[5] | None, BeforeValidator(_read_scale)]

Mistake = tuple[Location, str, str]


def fold_word(word: str) -> str:
    """A word as it is compared: without surrounding blanks, in lower case."""
    return word.strip().lower()


def check_options(item: Mapping[str, Any], table: Extract) -> Iterator[Mistake]:
    """Location, message and remedy of every mistake between the options of an entry and its table of raw.

    On the raw entry, so that a mistake elsewhere cannot hide these; a value of the wrong type is reported where the
    entry is validated.
    """
    groups = {name: _read_mapping(item, name) for name in (*_SOURCES, "map", "units")}
    yield from _check_sources(groups)
    for group, names in groups.items():
        for name in names:
            if name not in table.column_names:
                remedy = f"{suggest(name, table.column_names)}Its columns are {enumerate_names(table.column_names)}"
                yield (group, name), f"{table.name} has no column '{name}'", remedy
    columns = {column.name: column for column in table.columns}
    for name, column in columns.items():
        if name in groups["ids"]:
            yield from _check_id(groups["ids"][name], column, table)
        if name in groups["units"]:
            yield from _check_unit(groups["units"][name], column)
        if name in groups["map"]:
            yield from _check_map(groups["map"][name], column, table, item)
        if name in groups["flags"]:
            yield from _check_flags(groups["flags"][name], column, table)
    yield from _check_subject(item, table)


def _check_sources(groups: Mapping[str, Mapping[str, Any]]) -> Iterator[Mistake]:
    for name in {name: None for group in _SOURCES for name in groups[group]}:
        given = [group for group in _SOURCES if name in groups[group]]
        if len(given) > 1:
            both = f"both {given[0]} and {given[1]}" if len(given) == 2 else ", ".join(given)
            yield (given[-1], name), f"{name} is in {both}", "Keep it in one of them"
        for group in ("map", "units"):
            for other in ("values", "ids", "flags"):
                if name in groups[group] and name in groups[other]:
                    message = f"{name} is in {group} and in {other}, but {group} is for a column of the file"
                    yield (group, name), message, f"Remove it from {group}"


def _check_id(parts: Any, column: Column, table: Extract) -> Iterator[Mistake]:
    place = ("ids", column.name)
    if column.data_type != "text":
        yield place, f"{column.name} is a {column.data_type}, not an id", "Remove it from ids"
    elif parts == ROW and table.key and column.name not in table.key:
        remedy = f"Write row for {enumerate_names(table.key)} only"
        yield place, f"{column.name} is not in the key of {table.name}, so it cannot be the row itself", remedy
    elif parts == ROW and column.identifies and column.name not in table.key:
        yield place, f"{column.name} is a person, and a row is none", "Remove it from ids"


def _check_unit(unit: Any, column: Column) -> Iterator[Mistake]:
    types = _TYPES_BY_UNIT.get(str(unit))
    if types is not None and column.data_type not in types:
        fitting = [name for name, fits in _TYPES_BY_UNIT.items() if column.data_type in fits]
        remedy = f"Its units are {enumerate_names(fitting)}" if fitting else "Remove it from units"
        yield ("units", column.name), f"{column.name} is a {column.data_type}, which has no unit {unit}", remedy


def _check_map(words: Any, column: Column, table: Extract, item: Mapping[str, Any]) -> Iterator[Mistake]:
    if not isinstance(words, dict):
        return
    place = ("map", column.name)
    first: dict[str, str] = {}
    nulls = item.get("nulls")
    empty = {fold_word(word) for word in nulls if isinstance(word, str)} if isinstance(nulls, list) else set()
    for word, ours in words.items():
        folded = fold_word(word)
        if folded in first:
            message = f"'{word}' is the same word as '{first[folded]}': case and blanks around it do not matter"
            yield (*place, word), message, "Keep one of them"
        if folded and folded in empty:
            yield (*place, word), f"'{word}' is also in nulls", "Keep it in one of them"
        first.setdefault(folded, word)
        if isinstance(ours, str):
            yield from _check_word(ours, column, table, (*place, word))


def _check_flags(headers: Any, column: Column, table: Extract) -> Iterator[Mistake]:
    if not isinstance(headers, dict):
        return
    place = ("flags", column.name)
    if column.data_type not in ("text", "boolean"):
        yield place, f"{column.name} is a {column.data_type}, which flags cannot give", "Remove it from flags"
        return
    if not headers:
        yield place, f"flags has no word for {column.name}", "Write its words and their headers, such as {yes: Yes}"
    for word in headers:
        yield from _check_word(word, column, table, (*place, word))


def _check_word(word: str, column: Column, table: Extract, place: Location) -> Iterator[Mistake]:
    options = {"_decimal": ".", "_date_order": None, "_timezone": "UTC"}
    for found in find_unreadable_constants(table, {column.name: word}, options):
        suggestion = suggest(word, column.accepted)
        remedy = suggestion + found.remedy[:1].upper() + found.remedy[1:]
        yield place, f"'{word}' for {column.name} {found.reason}", remedy


def _check_subject(item: Mapping[str, Any], table: Extract) -> Iterator[Mistake]:
    """Options that are for some extracts only."""
    feeds = table.format.feeds if table.format else (table.name,)
    if "match" in item and "codes" not in feeds:
        yield ("match",), f"match is for codes, and {table.name} has none", "Remove it"
    if "orders_per_row" in item and "orders" not in feeds:
        remedy = "Remove it; conversions have a column `orders`, and `drop` leaves out rows with 0"
        yield ("orders_per_row",), f"orders_per_row is for orders, and {table.name} has none", remedy
    if "gift_cards" in item and GIFT_CARD not in table.column_names:
        yield ("gift_cards",), f"gift_cards is for lines of orders, and {table.name} has none", "Remove it"
    names = item.get("gift_cards")
    if isinstance(names, list) and not all(isinstance(name, str) and name.strip() for name in names):
        yield ("gift_cards",), "a name in gift_cards is empty", "Write the names of products, such as [Gift card]"
    if "scale" in item and not ("answer" in table.column_names and "recommendations" in feeds):
        yield ("scale",), f"scale is for recommendations, and {table.name} has none", "Remove it"


def _read_mapping(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = item.get(name)
    return value if isinstance(value, dict) else {}
