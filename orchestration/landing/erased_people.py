"""Erased people: who they are, and rows without their data (right to erasure).

The record is forgotten.csv, beside the key of the pseudonyms. It holds no ids: each identifier of a person is recorded
as the pseudonym of its pseudonym, which is in no table and cannot be computed without the key. An account is recorded
with its shop, because another shop's account may have the same id; without one, as in older records, it is that id in
any shop.

dbt_project/models/raw declares which columns identify a person (`identifies`) or describe one (`describes`):

- an id of the person becomes null, as do other ids of the person and columns that describe them;
- a row is dropped if the id is required or part of the key.

So an order stays in every total, without its customer.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.machinery import SourceFileLoader
from types import ModuleType

import duckdb

from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.programme.atomic import replace_whole
from orchestration.programme.casts import ENGINE_MACROS, MACROS, load_macros
from orchestration.programme.contract import Column, Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name

HEADER = ("person", "forgotten_at", "key")
HIDDEN = "(erased)"
_MACROS = (*ENGINE_MACROS, "phones.sql", "pseudonym.sql")
# Characters that can surround an id in a line that could not be read, or in the key of a row.
_AROUND = "[][\\s,;|\"''<>()=:]+"


class PseudonymKeyChanged(Exception):
    """The record was written with another key, so nobody in it can be recognised."""


@dataclass(frozen=True)
class ErasedPeople:
    """`people` are the hashes in the record; `newest` is when the last one was added, empty if there is none."""

    people: frozenset[str]
    newest: str

    @property
    def version(self) -> str:
        """A text that changes with the people in the record."""
        return " ".join(sorted(self.people))


def read_erased_people(folder: ProgrammeFolder) -> ErasedPeople:
    """The record of a programme. Raises PseudonymKeyChanged if it was written with another key."""
    if not folder.forgotten_file.exists():
        return ErasedPeople(frozenset(), "")
    with folder.forgotten_file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    key = fingerprint_key(folder)
    if any(row["key"] != key for row in rows):
        raise PseudonymKeyChanged(
            f"{folder.forgotten_file} was written with another key than the one in {folder.pseudonym_key_file} (or"
            " PSEUDONYM_KEY), so the people in it would come back. Put the old key back; if it is lost, remove the"
            " file and erase them again with make forget"
        )
    added = [row["forgotten_at"] for row in rows]
    return ErasedPeople(frozenset(row["person"] for row in rows), max(added, default=""))


def add_erased_people(
    folder: ProgrammeFolder, ids: Collection[str], identifiers: Collection[tuple[str, str | None]] = ()
) -> int:
    """Add people to the record; returns how many hashes are new.

    `ids` are theirs wherever they occur; `identifiers` are pseudonyms, each with the shop of the account that it is
    (empty: no shop is named), or None for what means the same person everywhere.
    """
    known = read_erased_people(folder).people
    people = {person for _, person in hash_ids(folder, ids).values()} | hash_identifiers(folder, identifiers)
    new = sorted(people - known)
    if new:
        text = folder.forgotten_file.read_text(encoding="utf-8") if known else ",".join(HEADER) + "\n"
        now, key = f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}", fingerprint_key(folder)
        with replace_whole(folder.forgotten_file) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_text(text + "".join(f"{person},{now},{key}\n" for person in new), encoding="utf-8")
    return len(new)


def hash_ids(folder: ProgrammeFolder, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """By id: the pseudonym that tables hold, and the hash that the record holds. A telephone number begins with `+`."""
    with duckdb.connect() as connection:
        set_pseudonym_key(connection, folder)
        phone = load_macros(*_MACROS).as_international_phone("id")
        read = f"case when left(trim(id), 1) = '+' then coalesce({phone}, id) else id end"
        pseudonym, person = express_hash("read", times=1), express_hash("read")
        query = f"select id, {pseudonym}, {person} from (select id, {read} as read from (select unnest($ids) as id))"
        return {row[0]: (row[1], row[2]) for row in connection.execute(query, {"ids": list(ids)}).fetchall()}


def hash_identifiers(folder: ProgrammeFolder, identifiers: Collection[tuple[str, str | None]]) -> frozenset[str]:
    """The hashes that the record holds of identifiers (add_erased_people)."""
    texts = [pseudonym if shop is None else f"account {pseudonym} {shop}" for pseudonym, shop in identifiers]
    with duckdb.connect() as connection:
        set_pseudonym_key(connection, folder)
        query = f"select {express_hash('id', times=1)} from (select unnest($texts) as id)"
        return frozenset(row[0] for row in connection.execute(query, {"texts": texts}).fetchall())


def fingerprint_key(folder: ProgrammeFolder) -> str:
    """A short hash by which the key is recognised."""
    # The text is part of existing records.
    text = "the key itself"
    return hash_ids(folder, [text])[text][1][:8]


def set_pseudonym_key(connection: duckdb.DuckDBPyConnection, folder: ProgrammeFolder) -> None:
    """Set the key in a connection, for the macro that makes pseudonyms."""
    plugin = load_pseudonym_plugin()
    make_pseudonym_key(folder.pseudonym_key_file)
    plugin.set_pads(connection, plugin.read_key(folder.pseudonym_key_file))


@cache
def load_pseudonym_plugin() -> ModuleType:
    """dbt's plugin that sets the key, which is not in a package."""
    plugin = ModuleType("keyed")
    file = str(MACROS.parent / "plugins" / "keyed.py")
    plugin.__file__ = file
    SourceFileLoader("keyed", file).exec_module(plugin)
    return plugin


def express_hash(column_sql: str, times: int = 2) -> str:
    """SQL for the hash in the record of the person whose id is `column_sql`, by the macro that makes pseudonyms."""
    for _ in range(times):
        column_sql = f"({load_macros(*_MACROS).duckdb__pseudonym(column_sql)})"
    return column_sql


def express_phone(column_sql: str, country_sql: str) -> str:
    """SQL for a telephone number as staging reads it; null where its country is not known."""
    return f"({load_macros(*_MACROS).as_phone(column_sql, country_sql)})"


def express_is_erased(column_sql: str, people: Collection[str], shop_sql: str = "''") -> str:
    """SQL for whether `column_sql` identifies one of `people`, in its shop where it is an account; never null."""
    known = ", ".join(map(quote_literal, sorted(people)))
    named = f"('account ' || {express_hash(column_sql, times=1)} || ' ' || coalesce(trim({shop_sql}), ''))"
    account = express_hash(named, times=1)
    return f"(coalesce({express_hash(column_sql)} in ({known}), false) or coalesce({account} in ({known}), false))"


def hide_erased(column_sql: str, people: Collection[str], hidden: str | None = HIDDEN) -> str:
    """SQL for a text, or `hidden` where the text names one of `people`."""
    if not people:
        return column_sql
    is_erased = express_is_erased("word", people)
    named = f"len(list_filter(regexp_split_to_array({column_sql}, '{_AROUND}'), lambda word: {is_erased})) > 0"
    return f"case when coalesce({named}, false) then {quote_literal(hidden)}::varchar else {column_sql} end"


def exclude_erased(relation: str, extract: Extract, present: Collection[str], people: Collection[str]) -> str:
    """A relation without data of `people`; `present` are the columns of the extract that `relation` has."""
    columns = [column for column in extract.columns if column.name in present]
    ids_by_role: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        if column.identifies:
            ids_by_role[column.identifies].append(column)
    if not people or not ids_by_role:
        return relation
    flags = {role: quote_name(f"_is_{role}") for role in ids_by_role}
    # As columns of their own: the hashes repeat what they hash, and a telephone number takes 11 kB of SQL.
    phones = {column.name: f"_international_{column.name}" for column in columns if column.phone_countries}
    international = [f"{express_own_phone(name, extract, present)} as {quote_name(phones[name])}" for name in phones]
    found = ", ".join(
        f"{' or '.join(express_names_erased(column, people, present, phones) for column in ids)} as {flags[role]}"
        for role, ids in ids_by_role.items()
    )
    kept = " and ".join(
        f"not {flags[role]}"
        for role, ids in ids_by_role.items()
        if any(is_essential(column, extract) for column in ids)
    )
    emptied = ", ".join(
        f"case when {flags[role]} then null else {quote_name(column.name)} end as {quote_name(column.name)}"
        for column in columns
        if (role := column.identifies or column.describes) in flags and not is_essential(column, extract)
    )
    added = [*flags.values(), *map(quote_name, phones.values())]
    selected = f"* exclude ({', '.join(added)})" + (f" replace ({emptied})" if emptied else "")
    rows = f"(select {', '.join(['*', *international])} from {relation})"
    return f"(select {selected} from (select *, {found} from {rows}) where {kept or 'true'})"


def express_own_phone(name: str, extract: Extract, present: Collection[str]) -> str:
    """SQL for the telephone number in a column of a row, with the country that the row has for it."""
    countries = [
        f"nullif(trim({quote_name(one)}), '')" for one in extract.find_column(name).phone_countries if one in present
    ]
    return express_phone(quote_name(name), f"coalesce({', '.join([*countries, 'null'])})")


def express_names_erased(
    column: Column, people: Collection[str], present: Collection[str], phones: Mapping[str, str]
) -> str:
    """SQL for whether a column of a row identifies one of `people`; `present` are the columns that the row has,
    `phones` are by column those with its telephone number as staging reads it."""
    if column.name in phones:
        return express_is_erased(quote_name(phones[column.name]), people)
    return express_is_erased(quote_name(column.name), people, quote_name("shop") if "shop" in present else "''")


def is_essential(column: Column, extract: Extract) -> bool:
    """Whether a row cannot exist without a value in the column."""
    return column.required or column.name in extract.key
