"""Words of an export: for empty, for a row of totals, and the entry's own `map` and `flags`."""

from collections.abc import Mapping, Sequence

from orchestration.landing.reading.empty_words import EMPTY_WORDS
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Column
from orchestration.programme.extracts import Entry
from orchestration.programme.options import fold_word
from orchestration.programme.sql import quote_literal

# What the first cell of a totals row says, folded and without a colon after it.
TOTALS_WORDS = (
    *("total", "totals", "grand total", "grand totals", "sum", "sums", "subtotal", "sub total", "sub-total"),
    *("summe", "gesamt", "gesamtsumme", "zwischensumme", "total général", "total general", "sous-total"),
    *("totaal", "totale", "suma total"),
)


def express_empty_word(cell: str, column: Column, entry: Entry) -> str | None:
    """SQL for whether a text is a word for empty in this column; None where none is."""
    # A word that the entry maps does not mean empty.
    mapped = {fold_word(word) for word in entry.map.get(column.name, ())}
    skipped = {"NA"} if column.empty_words == "except_na" else set()
    if column.empty_words == "none":
        return None
    return _express_words(cell, entry, mapped, skipped)


def express_empty_cell(cell: str, entry: Entry) -> str:
    """SQL for whether a cell, such as one of several flags, is blank or has a word for empty."""
    word = _express_words(cell, entry, set(), set())
    is_blank = f"coalesce(trim({cell}), '') = ''"
    return f"({is_blank} or {word})" if word else is_blank


def _express_words(cell: str, entry: Entry, mapped: set[str], skipped: set[str]) -> str | None:
    usual = () if entry.nulls == [] else EMPTY_WORDS
    words = [word for word in usual if word not in skipped and fold_word(word) not in mapped]
    own = [word for word in dict.fromkeys(map(fold_word, entry.nulls or ())) if word and word not in mapped]
    # Not `in`, which DuckDB plans as a join: for forty columns that takes a second.
    choices = [f"list_contains([{_list_literals(words)}], trim({cell}))"] if words else []
    choices += [f"list_contains([{_list_literals(own)}], lower(trim({cell})))"] if own else []
    return f"({' or '.join(choices)})" if choices else None


def express_mapped(cell: str, words: Mapping[str, str | None]) -> str:
    """SQL for a text after the entry's map; a word that is not in it stays as it is."""
    branches = " ".join(
        f"when {quote_literal(fold_word(word))} then {quote_literal(ours)}" for word, ours in words.items()
    )
    return f"case lower(trim(coalesce({cell}, ''))) {branches} else {cell} end"


def express_product(cell: str, names: Sequence[str]) -> str:
    """SQL for whether a text names one of these products, with or without a variant: `Gift card`, `Gift card - 50`, but
    not `Gift card holder`."""
    folded = f"lower(trim(coalesce({cell}, '')))"
    choices = (
        f"{folded} = {quote_literal(name)} or prefix({folded}, {quote_literal(f'{name} - ')})"
        for name in map(fold_word, names)
    )
    return f"({' or '.join(choices)})"


def express_flags(cells: Mapping[str, str], entry: Entry) -> tuple[str, str]:
    """SQL for the list of words whose cell is yes, and for whether a cell is neither yes, no nor empty."""
    words = ", ".join(
        f"case when {cast_expression('boolean', cell)} then {quote_literal(word)} end" for word, cell in cells.items()
    )
    unreadable = " or ".join(
        f"(not {express_empty_cell(cell, entry)} and ({cast_expression('boolean', cell)}) is null)"
        for cell in cells.values()
    )
    return f"list_filter([{words}], lambda word: word is not null)", f"({unreadable})"


def express_totals_row(cells: Mapping[int, str]) -> tuple[str, str]:
    """SQL for the position and the text of the first cell that is not empty, if it says that the row is a total.

    `cells` is SQL for the text of each cell by its position, in the order of the file. Null for every other row.
    """
    if not cells:
        return "null::integer", "null::varchar"
    texts = ", ".join(f"nullif(trim({cell}), '')" for cell in cells.values())
    first = f"coalesce({texts})"
    places = " ".join(f"when trim({cell}) <> '' then {position}" for position, cell in cells.items())
    # Lengths first: they are cheaper to compare than words, and few cells are so short.
    longest = max(map(len, TOTALS_WORDS)) + 2
    # Not `in`: DuckDB makes a join of many literals, and what it copies after a join is not in the order of the file.
    is_word = f"list_contains([{_list_literals(TOTALS_WORDS)}], rtrim(lower({first}), ' :'))"
    # `Total: Campaigns`, as Google Ads writes.
    says_total = f"((length({first}) <= {longest} and {is_word}) or prefix(lower({first}), 'total: '))"
    position = f"(case when {says_total} then case {places} end end)::integer"
    return position, f"case when {says_total} then {first} end"


def _list_literals(words: Sequence[str]) -> str:
    return ", ".join(map(quote_literal, words))
