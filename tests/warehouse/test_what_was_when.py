"""The history of the rosters, and what became of promises, against plain simulations of the rules in Python."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.bare import CompiledProject

MANY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIRST_DAY = date(2026, 1, 1)
DAYS = 12
RELATIONSHIPS = (None, "customer", "employee")
day_numbers = st.integers(0, DAYS - 1)


def run_model(project: CompiledProject, name: str, inputs: dict[str, pa.Table]) -> list[tuple]:
    """The rows of one model, its inputs (`schema.table`) being exactly these."""
    [node] = [node for node in project.models if node["name"] == name]
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse; set TimeZone = 'UTC'")
        for table, rows in inputs.items():
            connection.execute(f"create schema if not exists {table.split('.')[0]}")
            connection.register("rows", rows)
            connection.execute(f"create table {table} as from rows")
        return connection.execute(f"from ({node['compiled_code']}) order by all").fetchall()


def day_of(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


# --- rosters ----------------------------------------

# A roster has, for mira (under her id and under an alias) and leo, what they are; absent is not listed.
rosters = st.dictionaries(
    st.sampled_from([("mira", False), ("mira", True), ("leo", False)]), st.sampled_from(RELATIONSHIPS), max_size=3
)
entries = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["snapshot", "append"]),
        "deliveries": st.lists(st.tuples(day_numbers, rosters), max_size=5, unique_by=lambda delivery: delivery[0]),
    }
)


def hold_rosters(lists: list[dict], partner: str, today: int) -> str:
    """What the roster of a day says: of snapshots the newest, of appended rows all; the id that counts before an alias,
    then the later delivery."""
    said = []
    for number, entry in enumerate(lists):
        delivered = sorted((delivery for delivery in entry["deliveries"] if delivery[0] <= today), key=lambda d: d[0])
        for day, roster in delivered[-1:] if entry["kind"] == "snapshot" else delivered:
            for (listed, is_alias), relationship in roster.items():
                if listed == partner:
                    said.append((not is_alias, day, number, relationship or "unknown"))
    return max(said)[3] if said else "unknown"


@MANY
@given(lists=st.lists(entries, min_size=1, max_size=2))
def test_on_every_day_a_partner_is_what_the_roster_of_that_day_said(project: CompiledProject, lists: list[dict]):
    deliveries, rows = [], []
    for number, entry in enumerate(lists):
        for day, roster in entry["deliveries"]:
            name = f"{number}-{day}"
            # Two lists of one day: the later file wins, here that of the later entry.
            order = f"{day_of(day)}T00:00:00.000000000Z 2026-06-01T00:00:0{number}.000000000Z file"
            deliveries.append((name, str(number), entry["kind"], order, order))
            rows += [
                (partner, relationship, is_alias, str(number), name, nth)
                for nth, ((partner, is_alias), relationship) in enumerate(roster.items())
            ]
    text, flag, count = pa.string(), pa.bool_(), pa.int64()
    spans = run_model(
        project,
        "int_partner_relationships",
        {
            "staging.stg_plan__settings": pa.table({"timezone": ["UTC"]}),
            "staging.stg_ledger__deliveries": make_table(
                ["delivery_id", "entry_id", "delivery_kind", "delivery_order", "last_seen_order"],
                [text] * 5,
                deliveries,
            ),
            "intermediate.int_partners_delivered": make_table(
                ["partner_id", "relationship", "_is_alias", "_entry", "_delivery", "_row"],
                [text, text, flag, text, text, count],
                rows,
            ),
        },
    )
    assert {span[0] for span in spans} == {row[0] for row in rows}
    for partner in {row[0] for row in rows}:
        listed = [hold_rosters(lists, partner, day) for day in range(DAYS)]
        first_known = next((what for what in listed if what != "unknown"), "unknown")
        is_known_yet = False
        for day, what in enumerate(listed):
            is_known_yet |= what != "unknown"
            expected = what if is_known_yet else first_known
            holding = [
                span[1]
                for span in spans
                if span[0] == partner
                and (span[2] is None or span[2] <= day_of(day))
                and (span[3] is None or span[3] >= day_of(day))
            ]
            assert holding == [expected], (partner, day)


def make_table(names: list[str], types: list[pa.DataType], rows: list[tuple]) -> pa.Table:
    return pa.table(
        [
            pa.array([row[position] for row in rows], data_type)
            for position, data_type in zip(range(len(names)), types, strict=True)
        ],
        names,
    )


# --- promises ----------------------------------------

days_or_none = st.none() | day_numbers


def judge(made: int | None, due: int | None, kept: int | None, today: int) -> str | None:
    """None: not promised yet."""
    if made is not None and made > today:
        return None
    if kept is not None and kept <= today:
        return "kept" if due is None or kept <= due else "late"
    return "open" if due is None or due >= today else "broken"


@MANY
@given(promises=st.lists(st.tuples(days_or_none, days_or_none, days_or_none), max_size=12), today=day_numbers)
def test_every_promise_is_in_exactly_one_state(project: CompiledProject, promises: list[tuple], today: int):
    rows = [
        (str(number), "mira", "", *(None if day is None else day_of(day) for day in days))
        for number, days in enumerate(promises)
    ]
    text, day = pa.string(), pa.date32()
    found = run_model(
        project,
        "relationships__commitments",
        {
            "staging.stg_plan__today": pa.table({"as_of": [day_of(today)]}),
            "intermediate.int_partners_latest": make_table(["partner_id", "name"], [text, text], []),
            "intermediate.int_partner_relationships": make_table(
                ["partner_id", "relationship", "valid_from", "valid_to"], [text, text, day, day], []
            ),
            "intermediate.int_commitments_latest": make_table(
                ["commitment_id", "partner_id", "promise", "made_on", "due_on", "kept_on"],
                [text, text, text, day, day, day],
                rows,
            ),
        },
    )
    expected = {str(number): state for number, days in enumerate(promises) if (state := judge(*days, today))}
    assert {row[0]: row[8] for row in found} == expected
