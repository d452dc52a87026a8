"""Nights that add what is new end with the tables that one build of everything gives, in whatever order files come."""

import json
import shutil
from datetime import date
from pathlib import Path
from random import Random

import duckdb
import pytest
from orchestration.building.growth import find_ancestors
from orchestration.building.night import build_night

from orchestration.landing.load import land
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.programme.repository import DBT_PROJECT
from orchestration.warehouse.database import dbt_environment, warehouse_file
from orchestration.warehouse.dbt_build import describe_errors
from tests.conftest import SLOW
from tests.growing.deliveries import EXTRACTS, PLAN, make_deliveries

MANIFEST = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())
PACKAGE = "model.reach_and_results."
# All that grows, and all that is made of it on the way to the marts that are largest.
WANTED = ["results__credits", "results__daily", "results__orders", "reach__daily", "reach__posts"]
TODAY = date(2026, 7, 31)


def find_asked() -> list[str]:
    wanted = [PACKAGE + name for name in WANTED]
    return sorted({*wanted, *(node for name in wanted for node in find_ancestors(MANIFEST, name))})


def start(path: Path, lookback: int = 30) -> Path:
    (path / "landing").mkdir(parents=True)
    (path / "extracts.yml").write_text(EXTRACTS)
    (path / ".pseudonym_key").write_text("of both programmes")
    (path / ".pseudonym_key").chmod(0o600)
    write_plan(path, lookback)
    return path


def write_plan(path: Path, lookback: int) -> None:
    (path / "plan.yml").write_text(PLAN.format(lookback=lookback))


def build(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = read_programme(path)
    write_plan_tables(programme, TODAY)
    land(programme)
    for name, value in dbt_environment(programme.folder).items():
        monkeypatch.setenv(name, value)
    built = build_night(programme.folder, MANIFEST, find_asked())
    assert not describe_errors(built.results), describe_errors(built.results)
    assert all(result.status == "success" for result in built.results), built.results


def read_tables(path: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(warehouse_file(ProgrammeFolder(path)), read_only=True) as warehouse:
        names = warehouse.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'building'"
            " union select schema_name || '.' || view_name from duckdb_views() where schema_name = 'results' order by 1"
        ).fetchall()
        return {name: warehouse.execute(f"from {name} order by all").fetchall() for (name,) in names}


@pytest.mark.parametrize("seed", [2, 3, *(pytest.param(seed, marks=SLOW) for seed in (1, *range(4, 30)))])
def test_nights_in_any_order_of_deliveries_give_what_one_build_gives(tmp_path: Path, monkeypatch, seed: int):
    random = Random(seed)
    files = make_deliveries(random, 60)
    nights: list[list[str]] = [[], [], [], []]
    for name in files:
        random.choice(nights).append(name)
    growing = start(tmp_path / "growing")
    lookback, grew = 30, 0
    for nth, night in enumerate(nights):
        for name in night:
            (growing / "landing" / name).write_text(files[name])
        if nth == 1 and random.random() < 0.5:
            lookback = random.choice([7, 60])
            write_plan(growing, lookback)
        build(growing, monkeypatch)
        compiled = growing / "warehouse/dbt/compiled/reach_and_results/models/intermediate"
        grew += sum("_delivery in ('" in file.read_text() for file in compiled.rglob("*.sql"))
    assert grew > 3, "nothing was added to, so nothing was tried"

    whole = start(tmp_path / "whole", lookback)
    shutil.copytree(growing / "landing", whole / "landing", dirs_exist_ok=True)
    build(whole, monkeypatch)
    expected, found = read_tables(whole), read_tables(growing)
    assert found.keys() == expected.keys()
    for name in expected:
        assert found[name] == expected[name], name
    assert expected["results.credits"] and expected["results.daily"] and expected["reach.daily"]
