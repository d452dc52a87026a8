"""Who a row means: people as connected components, against networkx; the values of each kind of export by hand."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import duckdb
import networkx
import pytest

from orchestration.landing.erased_people import hash_ids
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import warehouse_file
from orchestration.warehouse.identities import find_people
from tests.warehouse.bare import CompiledProject, build, build_model
from tests.warehouse.programmes import Extracts, deliver, start_programme

LIMIT = 3
COLUMNS = ("customer_id", "customer_email", "customer_phone")
PLAN = "{programme: People, currency: EUR, timezone: UTC}\n"
Row = tuple[str, str | None, str | None, str | None, datetime | None]


def draw_rows(seed: int) -> list[Row]:
    """Orders of two shops: mostly few people with several identifiers, some identifiers that everybody uses."""
    draw = random.Random(seed)
    people = draw.randrange(5, 60)

    def pick(kind: str, chance: float) -> str | None:
        return f"{kind} {kind[0]}{draw.randrange(people)}" if draw.random() < chance else None

    start = datetime(2026, 1, 1)
    return [
        (
            draw.choice(["a", "b"]),
            pick("account", 0.7),
            pick("email", 0.6),
            pick("phone", 0.4),
            start + timedelta(minutes=draw.randrange(100_000)) if draw.random() < 0.9 else None,
        )
        for _ in range(draw.randrange(1, 150))
    ]


def name_nodes(row: Row) -> list[tuple[str, str]]:
    """The identifiers of a row, each with where it means one person."""
    shop, *identifiers, _ = row
    return [(one, shop if one.startswith("account") else "") for one in identifiers if one]


def find_components(rows: list[Row], limit: int) -> tuple[list[set[tuple[str, str]]], set[tuple[str, str]]]:
    """Connected components of identifiers that are not shared, and those that are."""
    counterparts: dict[tuple[tuple[str, str], str, str], set[str]] = defaultdict(set)
    graph: networkx.Graph = networkx.Graph()
    for row in rows:
        nodes = name_nodes(row)
        graph.add_nodes_from(nodes)
        graph.add_edges_from(combinations(nodes, 2))
        for one in nodes:
            for other, _ in nodes:
                if other != one[0]:
                    counterparts[one, other.split()[0], row[0]].add(other)
    shared = {node for (node, _, _), others in counterparts.items() if len(others) > limit}
    graph.remove_nodes_from(shared)
    return list(networkx.connected_components(graph)), shared


def identify(project: CompiledProject, rows: list[Row]) -> duckdb.DuckDBPyConnection:
    """A warehouse with the models that say who an identifier means, made from these orders."""
    connection = duckdb.connect()
    connection.execute(
        "attach ':memory:' as warehouse; use warehouse; create schema staging; create schema intermediate"
    )
    connection.execute(f"create table staging.stg_plan__settings as select {LIMIT} as identity_limit")
    columns = ", ".join(f"{name} varchar" for name in ("shop", *COLUMNS))
    connection.execute(f"create table intermediate.int_orders_latest ({columns}, ordered_at timestamp)")
    connection.execute(f"create table intermediate.int_customers_latest ({columns}, first_ordered_at timestamp)")
    for table, part in (("orders", rows[::2]), ("customers", rows[1::2])):
        if part:
            connection.executemany(f"insert into intermediate.int_{table}_latest values (?, ?, ?, ?, ?)", part)
    for name in ("int_identifiers_tied", "int_identifiers", "int_identities"):
        build_model(connection, project.nodes[f"model.reach_and_results.{name}"])
    return connection


@pytest.mark.parametrize("seed", range(40))
def test_people_are_the_connected_components_of_identifiers_that_are_not_shared(project: CompiledProject, seed: int):
    rows = draw_rows(seed)
    components, shared = find_components(rows, LIMIT)
    connection = identify(project, rows)
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    query = "select identifier, shop, person_id from intermediate.int_identities where shop <> '' or identifier not like 'account%'"
    for identifier, shop, person in connection.execute(query).fetchall():
        if person is None:
            assert (identifier, shop) in shared
        else:
            found[person].add((identifier, shop))
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, components))


def test_a_chain_of_a_thousand_identifiers_is_one_person(project: CompiledProject):
    numbers = list(range(1_000))
    random.Random(1).shuffle(numbers)
    rows: list[Row] = []
    for one, other in pairwise(numbers):
        rows.append(("a", f"account a{one}", f"email e{one}", None, None))
        rows.append(("a", f"account a{one}", f"email e{other}", None, None))
    connection = identify(project, rows)
    [(people,)] = connection.execute(
        "select count(distinct person_id) from intermediate.int_identities where shop <> '' or identifier not like 'account%'"
    ).fetchall()
    assert people == 1


# Expected, in words: one person with two orders in each pair below, unless it says otherwise.
ORDERS = [
    # A guest of a shop who is known by nothing but an address.
    {
        "shop": "a",
        "order_id": "1",
        "customer_id": "",
        "customer_email": "Guest@Example.com ",
        "ordered_at": "2026-03-01",
        "net": "10",
    },
    {
        "shop": "a",
        "order_id": "2",
        "customer_id": "",
        "customer_email": "guest@example.com",
        "ordered_at": "2026-03-02",
        "net": "10",
    },
    # Account 17 in two shops: two people.
    {
        "shop": "a",
        "order_id": "3",
        "customer_id": "17",
        "customer_email": "ann@example.com",
        "ordered_at": "2026-03-01",
        "net": "10",
    },
    {
        "shop": "b",
        "order_id": "4",
        "customer_id": "17",
        "customer_email": "ben@example.com",
        "ordered_at": "2026-03-02",
        "net": "10",
    },
    # The same address in both shops: one person.
    {
        "shop": "a",
        "order_id": "5",
        "customer_id": "18",
        "customer_email": "cem@example.com",
        "ordered_at": "2026-03-01",
        "net": "10",
    },
    {
        "shop": "b",
        "order_id": "6",
        "customer_id": "99",
        "customer_email": "cem@example.com",
        "ordered_at": "2026-03-02",
        "net": "10",
    },
    # An address as the id of one shop, a telephone number in common with an account of another.
    {
        "shop": "a",
        "order_id": "7",
        "customer_id": "dee@example.com",
        "customer_phone": "0475 12 34 56",
        "phone_country": "BE",
        "ordered_at": "2026-03-01",
        "net": "10",
    },
    {
        "shop": "b",
        "order_id": "8",
        "customer_id": "42",
        "customer_phone": "+32 (0)475 12.34.56",
        "ordered_at": "2026-03-02",
        "net": "10",
    },
    # A number without its country identifies nobody.
    {"shop": "b", "order_id": "9", "customer_phone": "0475 12 34 56", "ordered_at": "2026-03-02", "net": "10"},
    # The till: one address with twelve accounts is nobody's, and its order without an account has no person.
    *(
        {
            "shop": "a",
            "order_id": f"t{n}",
            "customer_id": f"till-{n}",
            "customer_email": "till@example.com",
            "ordered_at": "2026-03-03",
            "net": "10",
        }
        for n in range(12)
    ),
    {
        "shop": "a",
        "order_id": "t",
        "customer_id": "",
        "customer_email": "till@example.com",
        "ordered_at": "2026-03-03",
        "net": "10",
    },
]
EXTRACTS: Extracts = {
    "orders": [
        {
            **dict.fromkeys(
                (
                    "shop",
                    "order_id",
                    "customer_id",
                    "customer_email",
                    "customer_phone",
                    "phone_country",
                    "ordered_at",
                    "net",
                ),
                "",
            ),
            **row,
        }
        for row in ORDERS
    ],
    # Known to the shop only by its account, to the tool only by the address.
    "referrals": [
        {
            "referral_id": "r1",
            "referrer_id": "mira",
            "referred_customer_id": "ann@example.com",
            "registered_at": "2026-02-20",
        },
        {"referral_id": "r2", "referrer_id": "mira", "referred_customer_id": "18", "registered_at": "2026-02-20"},
        # An account of two shops, and none is named.
        {"referral_id": "r3", "referrer_id": "mira", "referred_customer_id": "17", "registered_at": "2026-02-20"},
    ],
    "partners": [{"partner_id": "mira", "relationship": "customer"}],
    "customers": [
        # Bought before the first delivered order.
        {"shop": "b", "customer_id": "17", "email": "", "first_ordered_at": "2024-05-01", "orders": "7"},
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = start_programme(tmp_path_factory.mktemp("identities"), PLAN, EXTRACTS)
    for extract, rows in EXTRACTS.items():
        deliver(folder, extract, rows)
    return folder


@pytest.fixture(scope="module")
def marts(project: CompiledProject, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(project, folder) as connection:
        yield connection


def read_people(marts: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    return dict(marts.execute("select order_id, customer_id from results.orders").fetchall())


@pytest.mark.parametrize(("one", "other"), [("1", "2"), ("5", "6"), ("7", "8")])
def test_two_orders_of_one_person_have_one_pseudonym(marts: duckdb.DuckDBPyConnection, one: str, other: str):
    people = read_people(marts)
    assert people[one] is not None and people[one] == people[other]
    query = "select order_id, is_new_customer from results.orders where order_id in (?, ?)"
    assert dict(marts.execute(query, [one, other]).fetchall()) == {one: True, other: False}


def test_the_same_account_id_in_two_shops_is_two_people(marts: duckdb.DuckDBPyConnection):
    people = read_people(marts)
    assert None not in (people["3"], people["4"]) and people["3"] != people["4"]


def test_what_is_nobodys_identifies_nobody(marts: duckdb.DuckDBPyConnection):
    people = read_people(marts)
    assert people["9"] is None and people["t"] is None
    assert len({people[f"t{n}"] for n in range(12)}) == 12


def test_a_referral_finds_its_customer_by_whatever_it_knows(marts: duckdb.DuckDBPyConnection):
    found = marts.execute(
        "select order_id, matched_by from results.orders where evidence = 'referral' order by 1"
    ).fetchall()
    assert found == [("3", "person"), ("5", "person"), ("6", "person")]


def test_who_bought_before_the_first_delivered_order_is_not_new(marts: duckdb.DuckDBPyConnection):
    query = "select order_id, is_new_customer from results.orders where order_id in ('3', '4') order by 1"
    assert marts.execute(query).fetchall() == [("3", True), ("4", False)]


def test_any_id_leads_to_everything_that_its_person_is_known_by(folder: Path, project: CompiledProject):
    programme = ProgrammeFolder(folder)
    with build(project, folder, database=warehouse_file(programme)):
        pass
    ids = ["cem@example.com", "99", "17", "till@example.com", "+32 475 12 34 56", "nobody"]
    pseudonyms = {text: pseudonym for text, (pseudonym, _) in hash_ids(programme, ids).items()}
    found = find_people(programme, pseudonyms.values())
    [cem] = found[pseudonyms["cem@example.com"]]
    assert found[pseudonyms["99"]] == [replace(cem, shop="b")]
    assert (pseudonyms["99"], "b") in cem.identifiers and (pseudonyms["cem@example.com"], None) in cem.identifiers
    # Only one shop has the account 99, so an export without a shop means it.
    assert (pseudonyms["99"], "") in cem.identifiers and len(cem.identifiers) == 5
    assert sorted(str(person.shop) for person in found[pseudonyms["17"]]) == ["a", "b"]
    assert all((pseudonyms["17"], "") not in person.identifiers for person in found[pseudonyms["17"]])
    [till] = found[pseudonyms["till@example.com"]]
    assert till.identifiers == {(pseudonyms["till@example.com"], None)}
    [dee] = found[pseudonyms["+32 475 12 34 56"]]
    assert len(dee.identifiers) == 4
    assert pseudonyms["nobody"] not in found


def test_no_published_value_is_an_address_or_a_number(marts: duckdb.DuckDBPyConnection):
    for schema, table in marts.execute(
        "select table_schema, table_name from information_schema.tables where table_schema not in ('raw', 'information_schema')"
    ).fetchall():
        [(named,)] = marts.execute(
            f"select count(*) from {schema}.{table} as t where t::varchar similar to '.*(@example|475123456|475 12).*'"
        ).fetchall()
        assert named == 0, table
