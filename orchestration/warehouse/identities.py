"""Who an id means, and what else that person is known by: read from the warehouse, to erase the person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import read_warehouse, warehouse_file

# Everything that is known of the people whom a pseudonym means; of a shared identifier only itself.
QUERY = """
    with
        identities as (
            select *, split_part(identifier, ' ', 1) as kind, split_part(identifier, ' ', 2) as pseudonym
            from intermediate.int_identities
        ),
        meant as (
            select distinct pseudonym, coalesce(person_id, identifier || ' ' || shop) as person, kind, shop
            from identities
            where pseudonym in (select unnest($pseudonyms)) and (kind <> 'account' or shop <> '')
        )
    select
        meant.pseudonym,
        meant.person,
        case when meant.kind = 'account' then meant.shop end,
        identities.pseudonym,
        case when identities.kind = 'account' then identities.shop end,
        -- An export that names no shop means this account.
        identities.kind = 'account' and exists (
            select 1
            from identities as unnamed
            where unnamed.identifier = identities.identifier and unnamed.shop = '' and unnamed.person_id = meant.person
        )
    from meant
    inner join identities
        on coalesce(identities.person_id, identities.identifier || ' ' || identities.shop) = meant.person
        and (identities.kind <> 'account' or identities.shop <> '')
    order by all
"""


@dataclass(frozen=True)
class Person:
    """`published` is the person's pseudonym in the marts; `shop` is where the id that was asked for is their account.
    `identifiers` are pseudonyms with the shop of the account that each is (empty where an export names no shop), or
    None. `own_pseudonyms` are those that nobody else has."""

    published: str
    shop: str | None
    identifiers: frozenset[tuple[str, str | None]]
    own_pseudonyms: frozenset[str]


def find_people(folder: ProgrammeFolder, pseudonyms: Collection[str]) -> Mapping[str, list[Person]]:
    """By pseudonym of an id, the people whom it means: several where shops use the same account id. Empty for an id
    that no order and no list of customers has, and before the first run."""
    if not warehouse_file(folder).exists():
        return {}
    try:
        with read_warehouse(folder) as warehouse:
            rows = warehouse.execute(QUERY, {"pseudonyms": list(pseudonyms)}).fetchall()
    except duckdb.CatalogException:  # A run was killed before it built this table.
        return {}
    people: dict[tuple[str, str, str | None], tuple[set[tuple[str, str | None]], set[str]]] = {}
    for asked, person, asked_shop, pseudonym, shop, is_unnamed in rows:
        identifiers, own = people.setdefault((asked, person, asked_shop), (set(), set()))
        identifiers.add((pseudonym, shop))
        if is_unnamed or shop == "default":
            identifiers.add((pseudonym, ""))
        if shop is None or is_unnamed:
            own.add(pseudonym)
    found: dict[str, list[Person]] = {}
    for (asked, person, shop), (identifiers, own) in people.items():
        found.setdefault(asked, []).append(Person(person, shop, frozenset(identifiers), frozenset(own)))
    return found
