"""Models that are built month by month: an incremental build gives the rows of a full refresh, whatever changed.

Everything before them is built whole in each run, so what they read is made at random here: orders that come late, change
or go, with their touches, refunds and removal effects. The SQL is what dbt compiles, with and without tables to add to;
dbt's delete+insert and the hook before it are repeated here by DuckDB alone (tests/nightly/test_incremental.py runs dbt).
"""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import dbt_environment, warehouse_file
from tests.conftest import SLOW, make_once, run_dbt
from tests.warehouse.bare import CompiledProject

MODELS = ("int_credit_months", "int_touches_weighted", "int_credits_moved", "int_credits_after_refunds")
RESULTS = MODELS[1:]
STEPS = 4
Sql = dict[str, str]
Orders = dict[str, dict]
"""By id: day, net, refunds (day and amount) and touches (day, partner and campaign)."""


def read_sql(target: Path) -> Sql:
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    return {name: nodes[f"model.reach_and_results.{name}"]["compiled_code"] for name in MODELS}


@pytest.fixture(scope="session")
def full(project: CompiledProject) -> Sql:
    return read_sql(project.target)


@pytest.fixture(scope="session")
def incremental(tmp_path_factory: pytest.TempPathFactory) -> Sql:
    """Compiled where the four tables exist."""

    def compile_models(folder: Path) -> None:
        programme = ProgrammeFolder(folder)
        programme.warehouse.mkdir()
        environment = dbt_environment(programme)
        with duckdb.connect(warehouse_file(programme)) as warehouse:
            warehouse.execute("create schema intermediate")
            for name in MODELS:
                warehouse.execute(f"create table intermediate.{name} (order_month date)")
        compiled = run_dbt("compile", "--select", *MODELS, "--target-path", str(folder / "target"), **environment)
        assert compiled.returncode == 0, compiled.stdout[-3000:]

    sql = read_sql(make_once(tmp_path_factory, "compiled_incremental", compile_models) / "target")
    assert all(f'"{name}"' in sql[name] for name in MODELS)  # each reads its own table
    return sql


@pytest.fixture(scope="session")
def hooks(project: CompiledProject) -> dict[str, str]:
    """By model, the model whose months it keeps."""
    found = {
        name: hook["sql"]
        for name in RESULTS
        for hook in project.nodes[f"model.reach_and_results.{name}"]["config"]["pre-hook"]
    }
    return {name: re.search(r"delete_missing_months\(ref\('(\w+)'\)\)", sql)[1] for name, sql in found.items()}


def draw_order(dice: random.Random) -> dict:
    month, day = dice.randint(1, 3), dice.randint(1, 28)
    return {
        "day": f"2026-{month:02}-{day:02}",
        "net": dice.randint(1, 5000),
        "refunds": {f"2026-{dice.randint(month, 5):02}-28": dice.randint(1, 50) for _ in range(dice.randint(0, 2))},
        "touches": [
            (dice.randint(0, 9), dice.choice(["mira", "leo", None]), dice.choice(["spring", "tea"]))
            for _ in range(dice.randint(1, 4))
        ],
    }


def change(dice: random.Random, orders: Orders, effects: dict[str, float]) -> None:
    """One delivery: late orders, corrected ones, refunds of old ones, orders of a month gone, another owner, effects."""
    if orders:
        some = dice.choice(sorted(orders))
        match dice.randint(0, 5):
            case 0:
                orders[some]["net"] += 1
            case 1:
                orders[some]["refunds"]["2026-05-30"] = 1
            case 2:
                place = dice.randrange(len(orders[some]["touches"]))
                orders[some]["touches"][place] = (*orders[some]["touches"][place][:1], "ann", "tea")
            case 3:
                for name in [name for name, order in orders.items() if order["day"][:7] == orders[some]["day"][:7]]:
                    del orders[name]
            case 4:
                effects |= {key: dice.random() for key in effects}
                return  # nothing else, so that nothing else makes the months build again
            case 5:
                orders[some]["day"] = draw_order(dice)["day"]
    for _ in range(dice.randint(0, 2)):
        orders[f"o{dice.randint(0, 10**9)}"] = draw_order(dice)


def write_inputs(connection: duckdb.DuckDBPyConnection, orders: Orders, effects: dict[str, float]) -> None:
    """What the four models read, as the models before them would make it."""
    connection.execute("create schema if not exists intermediate")
    touches = [
        (order_id, order["day"], age, partner, campaign, f"click {place}")
        for order_id, order in orders.items()
        for place, (age, partner, campaign) in enumerate(order["touches"])
    ]
    moves = [(order_id, "sale", order["day"], order["net"]) for order_id, order in orders.items()]
    moves += [
        (order_id, "refund", day, -amount)
        for order_id, order in orders.items()
        for day, amount in order["refunds"].items()
    ]
    write_rows(
        connection,
        "touches",
        "order_id text, day date, age int, partner_id text, campaign_id text, touch_id text",
        touches,
    )
    write_rows(connection, "moves", "order_id text, kind text, moved_on date, cents int", moves)
    connection.execute("""
        create or replace table intermediate.int_touches_counted as
        select
            'a' as shop, order_id, touch_id, 'click' as evidence, day - age * interval '1' day as touched_at,
            day - age as touched_on, partner_id, campaign_id, null::text as platform, 'person' as matched_by,
            date_trunc('month', day)::date as order_month, count(*) over w as touches_of_order,
            min(day - age * interval '1' day) over w as first_touched_at,
            max(day - age * interval '1' day) over w as last_touched_at,
            row_number() over (partition by order_id order by age desc, touch_id) as nth_from_first,
            row_number() over (partition by order_id order by age, touch_id desc) as nth_from_last,
            row_number() over (partition by order_id order by age, touch_id) as nth_by_evidence
        from touches window w as (partition by order_id)
    """)
    connection.execute("""
        create or replace table intermediate.int_touches_related as
        select
            *, coalesce('partner ' || partner_id, 'campaign ' || campaign_id) as player, 'customer' as relationship,
            null::boolean as is_connected, true as is_new_customer
        from intermediate.int_touches_counted
    """)
    connection.execute("""
        create or replace table intermediate.int_revenue_movements as
        select
            'a' as shop, order_id, kind, moved_on, (cents / 100)::decimal(18, 2) as amount,
            row_number() over (partition by order_id order by kind = 'refund', moved_on) as nth_movement,
            sum((cents / 100)::decimal(18, 2)) over (
                partition by order_id order by kind = 'refund', moved_on
                rows between unbounded preceding and current row
            )::decimal(18, 2) as balance
        from moves
    """)
    rows = [(f"{key[:7]}-01", "credited", key[8:], effect) for key, effect in effects.items()]
    columns = "month timestamp, level text, player text, removal_effect double"
    write_rows(connection, "intermediate.int_removal_effects", columns, rows)


def write_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[tuple]) -> None:
    connection.execute(f"create or replace table {table} ({columns})")
    if rows:
        values = ", ".join(f"({', '.join(map(quote, row))})" for row in rows)
        connection.execute(f"insert into {table} values {values}")


def quote(value: str | float | None) -> str:
    return "null" if value is None else f"'{value}'"


def refresh(connection: duckdb.DuckDBPyConnection, full: Sql) -> None:
    for name in MODELS:
        connection.execute(f"create or replace table intermediate.{name} as {full[name]}")


def update(connection: duckdb.DuckDBPyConnection, incremental: Sql, hooks: dict[str, str]) -> None:
    """As dbt does it: the hook, then the rows of changed months in place of those that were there."""
    for name in MODELS:
        table = f"intermediate.{name}"
        if name in hooks:
            kept = f"select order_month from intermediate.{hooks[name]} where inputs_hash is not null"
            connection.execute(f"delete from {table} where order_month not in ({kept})")
        connection.execute(f"create or replace temp table new as {incremental[name]}")
        connection.execute(f"delete from {table} where order_month in (select order_month from new)")
        connection.execute(f"insert into {table} by name from new")


def read_results(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple]]:
    return {name: connection.execute(f"from intermediate.{name} order by all").fetchall() for name in RESULTS}


def find_difference(seed: int, full: Sql, incremental: Sql, hooks: dict[str, str]) -> str | None:
    """The first step and table in which incremental builds differ from a full refresh."""
    dice = random.Random(seed)
    orders = {f"o{number}": draw_order(dice) for number in range(8)}
    players = ("partner mira", "partner leo", "partner ann", "campaign spring", "campaign tea")
    effects = {f"2026-0{month} {player}": dice.random() for month in (1, 2, 3) for player in players}
    with duckdb.connect(config={"threads": 1}) as built, duckdb.connect(config={"threads": 1}) as rebuilt:
        # Compiled names have three parts.
        for connection in (built, rebuilt):
            connection.execute("attach ':memory:' as warehouse; use warehouse")
        write_inputs(built, orders, effects)
        refresh(built, full)
        for step in range(STEPS):
            change(dice, orders, effects)
            write_inputs(built, orders, effects)
            update(built, incremental, hooks)
            write_inputs(rebuilt, orders, effects)
            refresh(rebuilt, full)
            found, expected = read_results(built), read_results(rebuilt)
            for name in RESULTS:
                if found[name] != expected[name]:
                    return f"step {step}: {name}"
    return None


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=SLOW) for seed in range(3, 30))])
def test_an_incremental_build_is_a_full_refresh(seed: int, full: Sql, incremental: Sql, hooks: dict[str, str]):
    assert find_difference(seed, full, incremental, hooks) is None


def replace(name: str, old: str, new: str) -> Callable[[Sql], Sql]:
    def mutate(sql: Sql) -> Sql:
        assert old in sql[name], f"{name} has no {old}"
        return {**sql, name: sql[name].replace(old, new)}

    return mutate


FAULTS: dict[str, Callable[[Sql], Sql]] = {
    "touches are not part of the hash": replace("int_credit_months", "hash(touches)", "1"),
    "money is not part of the hash": replace("int_credit_months", "hash(movements)", "1"),
    "removal effects are not part of the hash": replace("int_credit_months", "hash(player, removal_effect)", "1"),
    "the second model never builds a month again": replace("int_credits_moved", "except", "intersect"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, full: Sql, incremental: Sql, hooks: dict[str, str]):
    sql, first = FAULTS[fault](incremental), FAULTS[fault](full) if "hash" in fault else full
    assert any(find_difference(seed, first, sql, hooks) for seed in range(1, 9))


def test_a_run_says_which_months_changed_and_why(full: Sql, incremental: Sql, hooks: dict[str, str]):
    """Two orders of March come late, the only one of January is gone, one of February is refunded."""
    dice = random.Random(0)
    orders = {name: {**draw_order(dice), "refunds": {}} for name in ("january", "february", "march", "april")}
    for number, order in enumerate(orders.values(), start=1):
        order |= {"day": f"2026-0{number}-02", "touches": [(1, "mira", "tea")]}
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        write_inputs(connection, orders, {})
        refresh(connection, full)
        orders |= {"late": orders["march"], "later": orders["march"]}
        del orders["january"]
        orders["february"]["refunds"]["2026-05-30"] = 1
        write_inputs(connection, orders, {})
        update(connection, incremental, hooks)
        for name in RESULTS:  # January is empty in each of them, too
            months = f"select distinct month(order_month) from intermediate.{name} order by 1"
            assert connection.execute(months).fetchall() == [(2,), (3,), (4,)]
        changes = "select month(order_month), change from intermediate.int_credit_months order by 1"
        assert connection.execute(changes).fetchall() == [
            (1, "1 order fewer, 1 touch fewer"),
            (2, "1 refund more"),
            (3, "2 orders more, 2 touches more"),
            (4, None),
        ]
        update(connection, incremental, hooks)
        assert connection.execute(changes).fetchall() == [(1, None), (2, None), (3, None), (4, None)]
