"""People who are to be forgotten: who they are, and rows without them.

The record is forgotten.csv, beside the key of the pseudonyms. It holds no id: a person stands there as the pseudonym of
their pseudonym, which is in no table, and which nobody can make or try out without the key. Which columns name a person
is declared in dbt_project/models/raw (`identifies`, `describes`):

- an id of the person becomes empty, and so does what else its row tells of them (`describes`), and other ids of them;
- where an id is required, or part of the key, the row is nothing without it, and is dropped.

So an order stays in every total, with nobody's name on it.
"""

import csv
import importlib.util
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import ModuleType

import duckdb

from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.programme.atomic import replace_whole
from orchestration.programme.casts import MACROS, load_macros
from orchestration.programme.contract import Column, Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name

HEADER = ("person", "forgotten_at", "key")
HIDDEN = "(forgotten)"
# What may stand around an id in a line that could not be read, or in the key of a row.
_AROUND = "[][\\s,;|\"''<>()=:]+"


class AnotherKey(Exception):
    """The record was written under another key, so nobody in it could be recognised."""


@dataclass(frozen=True)
class Forgotten:
    """`people` as the record has them; `newest` is when the last of them was added, empty if there is nobody."""

    people: frozenset[str]
    newest: str

    @property
    def version(self) -> str:
        """Changes with who is in it."""
        return " ".join(sorted(self.people))


def read_forgotten(folder: ProgrammeFolder) -> Forgotten:
    """The record of a programme; raises AnotherKey if it cannot be held against today's pseudonyms."""
    if not folder.forgotten_file.exists():
        return Forgotten(frozenset(), "")
    with folder.forgotten_file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    key = name_key(folder)
    if any(row["key"] != key for row in rows):
        raise AnotherKey(
            f"{folder.forgotten_file} was written under another key than {folder.pseudonym_key_file} (or PSEUDONYM_KEY)"
            " is now, so the people in it would come back. What to do: put the old key back; or, if it is lost, remove"
            " the file and say with make forget who is to be forgotten"
        )
    return Forgotten(frozenset(row["person"] for row in rows), max((row["forgotten_at"] for row in rows), default=""))


def add_forgotten(folder: ProgrammeFolder, ids: Collection[str]) -> int:
    """Add people by their ids; gives how many are new in the record."""
    known = read_forgotten(folder).people
    new = sorted({person for _, person in name_people(folder, ids).values()} - known)
    if new:
        there = folder.forgotten_file.read_text(encoding="utf-8") if known else ",".join(HEADER) + "\n"
        now, key = f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}", name_key(folder)
        with replace_whole(folder.forgotten_file) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_text(there + "".join(f"{person},{now},{key}\n" for person in new), encoding="utf-8")
    return len(new)


def name_people(folder: ProgrammeFolder, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """By id: the pseudonym, which is what tables have, and what the record has."""
    with duckdb.connect() as connection:
        give_key(connection, folder)
        once, twice = name_person("id", times=1), name_person("id")
        rows = connection.execute(f"select id, {once}, {twice} from (select unnest($ids) as id)", {"ids": list(ids)})
        return {row[0]: (row[1], row[2]) for row in rows.fetchall()}


def name_key(folder: ProgrammeFolder) -> str:
    """Something by which to know the key again."""
    with duckdb.connect() as connection:
        give_key(connection, folder)
        [(name,)] = connection.execute(f"select {name_person(quote_literal('the key itself'))}").fetchall()
        return name[:8]


def give_key(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder) -> None:
    keyed = load_keyed()
    make_pseudonym_key(folder.pseudonym_key_file)
    keyed.set_pads(connection, keyed.read_key(folder.pseudonym_key_file))


@cache
def load_keyed() -> ModuleType:
    spec = importlib.util.spec_from_file_location("keyed", MACROS.parent / "plugins" / "keyed.py")
    keyed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(keyed)
    return keyed


def name_person(column_sql: str, times: int = 2) -> str:
    """SQL for what the record calls the person whose id is `column_sql`, by the macro that makes the pseudonyms."""
    for _ in range(times):
        column_sql = f"({load_macros('pseudonym.sql').duckdb__pseudonym(column_sql)})"
    return column_sql


def is_forgotten(column_sql: str, people: Collection[str]) -> str:
    """SQL for whether `column_sql` is the id of one of `people`; never null."""
    return f"coalesce({name_person(column_sql)} in ({', '.join(map(quote_literal, sorted(people)))}), false)"


def hide_forgotten(column_sql: str, people: Collection[str], hidden: str | None = HIDDEN) -> str:
    """SQL for a text of any kind, or `hidden` where one of `people` is named in it."""
    if not people:
        return column_sql
    word = is_forgotten("word", people)
    named = f"len(list_filter(regexp_split_to_array({column_sql}, '{_AROUND}'), lambda word: {word})) > 0"
    return f"case when coalesce({named}, false) then {quote_literal(hidden)}::varchar else {column_sql} end"


def leave_out(relation: str, extract: Extract, present: Collection[str], people: Collection[str]) -> str:
    """A relation without `people`; `present` are the columns of the extract that `relation` has."""
    columns = [column for column in extract.columns if column.name in present]
    by_whom: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        if column.identifies:
            by_whom[column.identifies].append(column)
    if not people or not by_whom:
        return relation
    found = {
        whom: " or ".join(is_forgotten(quote_name(column.name), people) for column in ids)
        for whom, ids in by_whom.items()
    }
    flags = ", ".join(f"{condition} as {quote_name(f'_is_{whom}')}" for whom, condition in found.items())
    vital = [whom for whom, ids in by_whom.items() if any(is_vital(column, extract) for column in ids)]
    kept = " and ".join(f"not {quote_name(f'_is_{whom}')}" for whom in vital) or "true"
    emptied = ", ".join(
        f"case when {quote_name(f'_is_{whom}')} then null else {quote_name(column.name)} end as"
        f" {quote_name(column.name)}"
        for column in columns
        if (whom := column.identifies or column.describes) in found and not is_vital(column, extract)
    )
    names = ", ".join(quote_name(f"_is_{whom}") for whom in found)
    replaced = f" replace ({emptied})" if emptied else ""
    return f"(select * exclude ({names}){replaced} from (select *, {flags} from {relation}) where {kept})"


def is_vital(column: Column, extract: Extract) -> bool:
    return column.required or column.name in extract.key
