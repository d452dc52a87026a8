"""Which header is called what: the names that exports use for canonical columns.

They are declared with the columns, as `synonyms` in dbt_project/models/raw/*.yml. shared_synonyms.yml has the lists
that many columns share.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from orchestration.programme.contract import Column

SHARED = Path(__file__).with_name("shared_synonyms.yml")
_UNITS = re.compile(r" (?:in )?(?:cents|utc|gmt)$")


def normalise(name: str) -> str:
    """Lower case with blanks between words: `OrderDate`, `order_date` and `Order date` become the same."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[^0-9a-z]+", apart.lower())).strip()


def rank_header(column: Column, header: str) -> int | None:
    """How well a header's name fits a column: 0 for the column's own name, 1 for its first synonym, and so on.

    None if it does not. What is in brackets and a unit at the end do not matter: `Amount spent (USD)`, `total_cents`.
    """
    names, patterns = _rank_names(column)
    forms = _list_forms(header)
    ranks = [names[form] for form in forms if form in names]
    ranks += [rank for pattern, rank in patterns.items() for form in forms if fnmatchcase(form, pattern)]
    return min(ranks, default=None)


@lru_cache(maxsize=4096)  # every column of every extract asks for the same headers
def _list_forms(header: str) -> tuple[str, ...]:
    names = [normalise(text) for text in (header, re.sub(r"[(\[].*?[)\]]", " ", header))]
    return tuple(dict.fromkeys(form for name in names for form in (name, _UNITS.sub("", name))))


@cache
def _rank_names(column: Column) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The rank of each name, and of each pattern (`* code`); of one that is there twice, the first."""
    ranks = {name: rank for rank, name in reversed(list(enumerate(list_names(column))))}
    patterns = {name: rank for name, rank in ranks.items() if re.search(r"[*?[]", name)}
    return {name: rank for name, rank in ranks.items() if name not in patterns}, patterns


def list_names(column: Column) -> list[str]:
    """What a column is called, in the order of preference."""
    names = [normalise(column.name)]
    for synonym in column.synonyms:
        shared = re.fullmatch(r"<(\w+)>", synonym)
        names += _read_shared()[shared[1]] if shared else [synonym]
    return names


@cache
def _read_shared() -> Mapping[str, list[str]]:
    """Raises KeyError, where it is used, for a list that is not declared."""
    lists: dict[str, list[str]] = YAML(typ="safe", pure=True).load(SHARED)
    return lists
