"""Incremental models hold after any history of deliveries what a full refresh makes of them, and build no more than that.

Each of them is compared with its own full SQL on the same tables, in the order of the graph: where those that it reads are
right, and it equals that, it is right.
"""

import csv
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import SLOW, make_once
from tests.warehouse.bare import (
    CompiledProject,
    Warehouse,
    build,
    build_again,
    compile_incremental,
    run_python_model,
)

PLAN = """\
programme: Month by month
currency: EUR
timezone: Europe/Berlin
lookback_days: 30
markov: {{repeats: {repeats}}}
"""
EXTRACTS = ("orders", "refunds", "clicks", "codes", "referrals", "partners", "campaigns")
SNAPSHOTS = ("codes", "referrals")
TODAY = date(2026, 8, 31)
ROUNDS = 4


@pytest.fixture(scope="session")
def incremental(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The SQL of the incremental models as it is when their tables exist, by name."""
    programme = project.target.parent / "programme"
    target = make_once(
        tmp_path_factory,
        "compiled_incremental",
        lambda folder: [
            (folder / f"{name}.sql").write_text(sql)
            for name, sql in compile_incremental(project, programme, folder / "target").items()
        ],
    )
    return {file.stem: file.read_text() for file in target.glob("*.sql")}


@dataclass
class History:
    """A programme whose deliveries come one after the other."""

    folder: Path
    dice: random.Random
    orders: list[dict[str, str]] = field(default_factory=list)
    files: int = 0

    def start(self) -> "History":
        (self.folder / "landing").mkdir()
        entries = "".join(
            f"  - {{files: landing/{extract}_*.csv, feeds: {extract}{', delivery: snapshot' * (extract in SNAPSHOTS)}}}\n"
            for extract in EXTRACTS
        )
        (self.folder / "extracts.yml").write_text(f"extracts:\n{entries}")
        self.write_plan("keep")
        self.deliver("partners", *({"partner_id": one, "relationship": "influencer", "name": one} for one in PARTNERS))
        self.deliver("campaigns", {"campaign_id": "spring", "name": "Spring"})
        self.deliver("codes", {"code": "MIRA", "partner_id": "mira"}, {"code": "LEO", "partner_id": "leo"})
        self.deliver("orders", *(self.make_order() for _ in range(14)))
        self.deliver("clicks", *(self.make_click() for _ in range(40)))
        self.deliver("referrals", self.make_referral())
        return self

    def write_plan(self, repeats: str) -> None:
        (self.folder / "plan.yml").write_text(PLAN.format(repeats=repeats))

    def deliver(self, extract: str, *rows: Mapping[str, str], day: str | None = None) -> None:
        """One file; its name's date is `day`, or later than those of all files before."""
        self.files += 1
        name = f"{extract}_{day or TODAY - timedelta(days=80 - self.files)}_{self.files:02d}.csv"
        with (self.folder / "landing" / name).open("w", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    def draw_moment(self, first_day: int = 0, last_day: int = 150) -> str:
        moment = datetime(2026, 1, 1) + timedelta(
            days=self.dice.randint(first_day, last_day), seconds=self.dice.choice((0, 43_200, 86_399, 70_000))
        )
        return moment.isoformat(sep=" ")

    def make_order(self, **known: str) -> dict[str, str]:
        order = {
            "order_id": str(len(self.orders) + 1),
            "customer_id": self.dice.choice(CUSTOMERS),
            "ordered_at": self.draw_moment(),
            "net": f"{self.dice.randint(1, 20_000) / 100:.2f}",
            "discount_codes": self.dice.choice(("", "MIRA", "LEO", "MIRA;LEO")),
            "status": "paid",
        } | known
        self.orders.append(order)
        return order

    def make_click(self, **known: str) -> dict[str, str]:
        self.files += 1
        return {
            "click_id": f"{self.files}-{self.dice.random()}",
            "clicked_at": self.draw_moment(),
            "partner_id": self.dice.choice((*PARTNERS, "")),
            "campaign_id": self.dice.choice(("spring", "office", "")),
            "customer_id": self.dice.choice(CUSTOMERS),
            "visitor_id": self.dice.choice(("v", "w", "x", "")),
        } | known

    def make_referral(self) -> dict[str, str]:
        return {
            "referral_id": self.dice.choice("1234"),
            "referrer_id": self.dice.choice((*PARTNERS, "ada")),
            "referred_customer_id": self.dice.choice(CUSTOMERS),
            "registered_at": self.draw_moment(),
        }

    # What may happen between two runs

    def sell_late(self) -> None:
        self.deliver("orders", self.make_order())

    def correct_an_order(self) -> None:
        self.deliver("orders", self.dice.choice(self.orders) | {"net": "7.77"})

    def cancel_an_order(self) -> None:
        self.deliver("orders", self.dice.choice(self.orders) | {"status": "cancelled"})

    def refund_an_old_order(self) -> None:
        order = self.dice.choice(self.orders)
        refund = {"refund_id": str(self.files), "order_id": order["order_id"]}
        self.deliver("refunds", refund | {"refunded_at": self.draw_moment(150, 200), "amount": "0.01"})

    def find_an_older_first_order(self) -> None:
        first = {"ordered_at": "2025-12-24 10:00:00", "customer_id": self.dice.choice(CUSTOMERS)}
        self.deliver("orders", self.make_order(**first))

    def sell_in_december(self) -> None:
        self.deliver("orders", self.make_order(ordered_at="2025-12-10 10:00:00", discount_codes="MIRA"))

    def cancel_the_last_order(self) -> None:
        self.deliver("orders", self.orders[-1] | {"status": "cancelled"})

    def click_late(self) -> None:
        self.deliver("clicks", self.make_click(), self.make_click(customer_id=""))

    def give_a_code_to_somebody_else(self) -> None:
        self.deliver("codes", {"code": "MIRA", "partner_id": "mira"}, {"code": "LEO", "partner_id": "ann"})

    def withdraw_a_code(self) -> None:
        self.deliver("codes", {"code": "LEO", "partner_id": "leo"})

    def employ_a_partner(self) -> None:
        row = {"partner_id": "mira", "relationship": "employee", "name": "mira"}
        self.deliver("partners", row, day=self.draw_moment(0, 120)[:10])

    def rename_a_partner(self) -> None:
        self.deliver("partners", {"partner_id": "leo", "relationship": "influencer", "name": f"Leo {self.files}"})

    def refer_somebody_else(self) -> None:
        self.deliver("referrals", self.make_referral())

    def merge_repeats(self) -> None:
        self.write_plan("merge")


PARTNERS = ("mira", "leo", "ann")
CUSTOMERS = ("ada", "bo", "cy", "dee", "")
CHANGES: tuple[Callable[[History], None], ...] = (
    History.sell_late,
    History.correct_an_order,
    History.cancel_an_order,
    History.refund_an_old_order,
    History.find_an_older_first_order,
    History.click_late,
    History.give_a_code_to_somebody_else,
    History.withdraw_a_code,
    History.employ_a_partner,
    History.rename_a_partner,
    History.refer_somebody_else,
    History.merge_repeats,
)


def list_incremental(project: CompiledProject) -> list[dict]:
    return [node for node in project.models if node["config"]["materialized"] == "incremental"]


def start(project: CompiledProject, history: History) -> Warehouse:
    """The programme's first build, of the incremental models and what they are made of."""
    marts = build(project, history.folder, as_of=TODAY)
    marts.build({(node["schema"], node["alias"]) for node in list_incremental(project)})
    return marts


def run_again(marts: Warehouse, history: History, incremental: Mapping[str, str]) -> dict[str, set[date]]:
    """The months that each model has built."""
    names = {node["name"] for node in list_incremental(marts.project)}
    return build_again(marts, history.folder, incremental, TODAY, names)


def find_differences(marts: Warehouse, project: CompiledProject) -> list[str]:
    """Incremental models whose rows are not those of their full SQL. (A month that has become empty stays as a row in
    which the rest is null.)"""
    found = []
    for node in list_incremental(project):
        table = f"{node['schema']}.{node['alias']}"
        if node["language"] == "python":
            marts.connection.register("frame", run_python_model(marts.connection, node))
            marts.connection.execute("create or replace temp table fresh as from frame")
        else:
            marts.connection.execute(f"create or replace temp table fresh as {node['compiled_code']}")
        described = marts.connection.execute("from fresh limit 0").description
        columns = ", ".join(column[0] for column in described)
        made = "(select * from fresh where inputs_hash <> 'no journeys')"
        kept = f"(select * from {table} where inputs_hash <> 'no journeys')"
        [(count,)] = marts.connection.execute(
            f"select count(*) from ((select {columns} from {made} except all select {columns} from {kept})"
            f" union all (select {columns} from {kept} except all select {columns} from {made}))"
        ).fetchall()
        others = [f"{column[0]} is not null" for column in described if column[0] not in ("month", "inputs_hash")]
        [(left,)] = marts.connection.execute(
            f"select count(*) from {table} where inputs_hash = 'no journeys' and ({' or '.join(others)})"
        ).fetchall()
        if count or left:
            found.append(f"{node['name']}: {count + left} rows")
    return found


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=SLOW) for seed in range(2, 29))])
def test_incremental_models_equal_a_full_refresh_whatever_is_delivered(
    project: CompiledProject, incremental: Mapping[str, str], tmp_path: Path, seed: int
):
    history = History(tmp_path, random.Random(seed)).start()
    marts = start(project, history)
    for _ in range(ROUNDS):
        changes = history.dice.sample(CHANGES, history.dice.randint(1, 3))
        for change in changes:
            change(history)
        run_again(marts, history, incremental)
        assert find_differences(marts, project) == [], [change.__name__ for change in changes]


@pytest.fixture
def march_and_may(project: CompiledProject, tmp_path: Path) -> tuple[History, Warehouse]:
    """An order with a code in March, one in May, and a click in July of somebody who bought nothing."""
    history = History(tmp_path, random.Random(1))
    (tmp_path / "landing").mkdir()
    entries = "".join(f"  - {{files: landing/{extract}_*.csv, feeds: {extract}}}\n" for extract in EXTRACTS)
    (tmp_path / "extracts.yml").write_text(f"extracts:\n{entries}")
    history.write_plan("keep")
    history.deliver("codes", {"code": "MIRA", "partner_id": "mira"})
    in_march = history.make_order(ordered_at="2026-03-10 10:00:00", discount_codes="MIRA", customer_id="ada")
    in_may = history.make_order(ordered_at="2026-05-10 10:00:00", discount_codes="MIRA", customer_id="bo")
    history.deliver("orders", in_march, in_may)
    history.deliver("clicks", history.make_click(clicked_at="2026-07-01 10:00:00", customer_id="cy", partner_id="mira"))
    return history, start(project, history)


MARCH, MAY, JULY = date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)


def list_months(project: CompiledProject, *months: date) -> dict[str, set[date]]:
    return {node["name"]: set(months) for node in list_incremental(project)}


def test_only_months_that_differ_are_built(march_and_may, project: CompiledProject, incremental: Mapping[str, str]):
    history, marts = march_and_may
    assert run_again(marts, history, incremental) == list_months(project)
    history.refund_an_old_order()  # one of the two
    built = run_again(marts, history, incremental)
    assert built in (list_months(project, MARCH), list_months(project, MAY))
    history.deliver("orders", history.make_order(ordered_at="2026-04-01 00:30:00", discount_codes="MIRA"))
    # In Berlin; in UTC it is March.
    assert run_again(marts, history, incremental) == list_months(project, date(2026, 4, 1))


def test_a_month_that_becomes_empty_is_empty(march_and_may, project: CompiledProject, incremental: Mapping[str, str]):
    history, marts = march_and_may
    history.deliver("orders", history.orders[0] | {"status": "cancelled"})
    assert run_again(marts, history, incremental) == list_months(project, MARCH)
    assert find_differences(marts, project) == []
    months = "select distinct month from {} where {} is not null order by all"
    for table, column in {
        "int_credits_moved": "order_id",
        "int_touches_weighted": "touch_id",
        "int_journeys": "path",
        "int_paths": "path",
        "int_journey_transitions": "from_state",
    }.items():
        of_table = marts.execute(months.format(f"intermediate.{table}", column)).fetchall()
        assert of_table == [(MAY,)] if "credits" in table or "touches" in table else [(MAY,), (JULY,)], table
    # Nor is it built again each time.
    assert run_again(marts, history, incremental) == list_months(project)


# A fault each in what decides which months are built: the model, a part of its SQL, and by what it is replaced.
FAULTS: dict[str, tuple[str, str, str]] = {
    "a refund counts as no change": ("int_journey_months", "where touches.orders = 1", "where false"),
    "a partner's new name counts as no change": ("int_journey_months", "named.name", "0"),
    "what a partner was to us counts as no change": ("int_journey_months", "touches.relationship", "0"),
    "a click of somebody who bought nothing counts as no change": (
        "int_journey_months",
        '"int_touches_without_order" as touches',
        '"int_touches_without_order" as touches where false',
    ),
    "a month that becomes empty is kept": ("", "full outer join", "left join"),
    "how repeats count is not looked at": ("int_journey_months", "settings.markov_repeats", "settings.currency"),
}
SCENARIO = (
    History.sell_in_december,
    History.cancel_the_last_order,
    History.refund_an_old_order,
    History.rename_a_partner,
    History.employ_a_partner,
    History.click_late,
    History.merge_repeats,
)


@SLOW
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_what_decides_what_is_built_is_found(
    project: CompiledProject, incremental: Mapping[str, str], tmp_path: Path, fault: str
):
    model, part, instead = FAULTS[fault]
    nodes = {
        key: node | {"compiled_code": node["compiled_code"].replace(part, instead)} if node["name"] == model else node
        for key, node in project.nodes.items()
    }
    faulty = CompiledProject(project.target)
    faulty.__dict__["nodes"] = nodes
    if not model:
        incremental = {name: sql.replace(part, instead) for name, sql in incremental.items()}
        assert incremental
    else:
        assert nodes != project.nodes
    history = History(tmp_path, random.Random(3)).start()
    marts = start(faulty, history)
    found = []
    for change in SCENARIO:
        change(history)
        run_again(marts, history, incremental)
        found += find_differences(marts, project)
    assert found
