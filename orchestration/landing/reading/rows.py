"""Which rows of a file are left out, by which rule: keep, drop, the format's own rules, rows that count no order.

Rules see the cells as they are in the file, before anything is read into them.
"""

from collections.abc import Sequence

from orchestration.landing.matching import Match
from orchestration.landing.reading.words import express_empty_cell
from orchestration.programme.casts import cast_expression
from orchestration.programme.extracts import Entry
from orchestration.programme.options import fold_word
from orchestration.programme.sql import quote_literal


def list_row_rules(entry: Entry, match: Match) -> dict[str, str]:
    """SQL that is true for the rows that a rule leaves out, by the rule's name (`keep: source`); the first rule counts.

    Over a relation with the file's cells c<position>, the columns of the extract and `_decimal`.
    """
    rules = {
        f"keep: {header}": f"not ({_express_any(match.cell(header), words)})" for header, words in entry.keep.items()
    }
    rules |= {f"drop: {header}": _express_any(match.cell(header), words) for header, words in entry.drop.items()}
    for header in entry.orders_per_row or ():
        orders = cast_expression("count", match.cell(header))
        rules[f"orders_per_row: {header} is 0"] = (
            f"not {express_empty_cell(match.cell(header), entry)} and {orders} = 0"
        )
    declared = match.extract.format
    rules |= {drop.because: drop.where for drop in declared.drops} if declared else {}
    return rules


def _express_any(cell: str, words: Sequence[str]) -> str:
    """SQL for whether a cell is one of the words, of which `*` at either end stands for anything."""
    folded = f"lower(trim(coalesce({cell}, '')))"
    exact = [fold_word(word) for word in words if "*" not in (word.strip()[:1], word.strip()[-1:])]
    choices = [f"{folded} in ({', '.join(map(quote_literal, exact))})"] if exact else []
    for word in map(fold_word, words):
        part = quote_literal(word.removeprefix("*").removesuffix("*"))
        match word.startswith("*"), word.endswith("*"):
            case True, True:
                choices.append(f"contains({folded}, {part})")
            case True, False:
                choices.append(f"suffix({folded}, {part})")
            case False, True:
                choices.append(f"prefix({folded}, {part})")
    return " or ".join(choices)
