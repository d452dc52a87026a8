"""What a new programme starts with: files that are valid, name every option, and overwrite nothing."""

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from orchestration.programme import Entry, ProgrammeFolder, read_programme
from orchestration.programme.new_programme import CannotCreateProgramme, create_programme
from orchestration.programme.plan import Filter, Goal, Objective, Plan, Step
from orchestration.programme.programme import TEMPLATES
from orchestration.programme.registries import read_attribution_models

# A line whose `#` has no blank after it is an option.
OPTION = re.compile(r"^( *)#(?=\S)", flags=re.MULTILINE)


def read_template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@pytest.fixture
def programme(tmp_path: Path) -> ProgrammeFolder:
    folder = ProgrammeFolder(tmp_path / 'Jo\'s "new" [1] ~')
    create_programme(folder)
    return folder


def test_a_new_programme_is_valid_and_its_first_goal_is_undefined(programme: ProgrammeFolder):
    read = read_programme(programme.path)
    [goal] = read.plan.objectives[0].goals
    assert (goal.kpi, goal.target, goal.starts_on) == ("net_revenue", None, None)
    assert read.entries == ()
    assert sorted(file.name for file in programme.path.iterdir()) == [
        ".gitignore",
        "extracts.yml",
        "landing",
        "plan.yml",
    ]


def test_every_option_can_be_switched_on(programme: ProgrammeFolder):
    for file in (programme.plan_file, programme.extracts_file):
        text = file.read_text(encoding="utf-8")
        assert OPTION.search(text)
        file.write_text(OPTION.sub(r"\1", text), encoding="utf-8")
    programme.settings_file.write_text("connections: {shop_db: 'postgresql://${U}:${P}@h/shop'}\n")
    read = read_programme(programme.path)
    assert len(read.entries) == 3 and len(read.plan.objectives[0].steps) == 1
    # Each default that the template names is the real one.
    for name in ("lookback_days", "attribution_model", "evidence_order", "excluded_statuses"):
        assert getattr(read.plan, name) == Plan.model_fields[name].default, name


@pytest.mark.parametrize(
    ("model", "file"),
    [*((model, "plan.yml") for model in (Plan, Objective, Goal, Filter, Step)), (Entry, "extracts.yml")],
)
def test_every_option_is_in_the_template(model: type[BaseModel], file: str):
    text = read_template(file)
    names = [field.alias or name for name, field in model.model_fields.items()]
    assert not [name for name in names if not re.search(rf"\b{name}:", text)]


def test_every_attribution_model_is_in_the_template():
    assert not [name for name in read_attribution_models() if name not in read_template("plan.yml")]


def test_what_must_not_be_shared_is_in_gitignore(programme: ProgrammeFolder):
    ignored = (programme.path / ".gitignore").read_text().splitlines()
    private = (programme.landing, programme.warehouse, programme.quarantine, programme.published)
    assert {f"{folder.name}/" for folder in private} | {programme.pseudonym_key_file.name} <= set(ignored)


@pytest.mark.parametrize("name", ["plan.yml", "extracts.yml"])
def test_no_file_is_overwritten_and_no_part_is_laid_out(tmp_path: Path, name: str):
    (tmp_path / name).write_text("mine")
    with pytest.raises(CannotCreateProgramme, match=f"has {name} already.* make nightly PROGRAMME="):
        create_programme(ProgrammeFolder(tmp_path))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "mine")]


def test_files_that_are_there_already_stay(tmp_path: Path):
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "orders.csv").write_text("order_id\n")
    (tmp_path / ".gitignore").write_text("mine\n")
    assert create_programme(ProgrammeFolder(tmp_path)) == ["plan.yml", "extracts.yml"]
    assert (tmp_path / "landing" / "orders.csv").read_text() == "order_id\n"
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path):
    (tmp_path / "x").write_text("")
    with pytest.raises(CannotCreateProgramme, match="is not a folder"):
        create_programme(ProgrammeFolder(tmp_path / "x"))


def test_a_first_goal_and_a_database_can_be_given(tmp_path: Path):
    folder = ProgrammeFolder(tmp_path / "new")
    choices = {
        "currency": "USD",
        "timezone": "America/New_York",
        "owner": "Jo: sales",
        "target": "100.5",
        "baseline": "40",
    }
    written = create_programme(folder, choices, "postgres://reader:s3cr%2Ft@db.internal:5433/shop?sslmode=require")
    assert "settings.yml" in written and "s3cr" not in folder.settings_file.read_text(encoding="utf-8")
    read = read_programme(folder.path)
    [objective] = read.plan.objectives
    [goal] = objective.goals
    assert (read.plan.currency, read.plan.timezone, objective.owner) == ("USD", "America/New_York", "Jo: sales")
    assert (str(goal.target), str(goal.baseline), goal.evidence) == ("100.5", "40", "tracked")
    year = date.today().year
    assert (goal.starts_on, goal.ends_on) == (date(year, 1, 1), date(year, 12, 31))
    assert read.settings.connections["shop_db"].url == (
        "postgresql://reader:${SHOP_DB_PASSWORD}@db.internal:5433/shop?sslmode=require"
    )
    filled = read.settings.connections["shop_db"].fill("shop_db", {"SHOP_DB_PASSWORD": "s3cr/t"})
    assert (filled.username, filled.password, filled.port) == ("reader", "s3cr/t", 5433)


@pytest.mark.parametrize(
    ("choices", "database", "said"),
    [
        ({"target": "ten"}, "", "'ten' is not a number"),
        ({"currency": "Euro"}, "", "'Euro' is not a currency"),
        ({"target": "1", "starts_on": "2026-05-01", "ends_on": "2026-04-01"}, "", "2026-04-01"),
        ({"owner": "a\nb"}, "", "OWNER has a line break"),
        ({}, "s3://bucket/exports", "DATABASE is no database"),
        ({}, "db.internal/shop", "DATABASE cannot be used"),
        ({}, "postgresql://h/d?password=s3cret", "DATABASE cannot be used"),
    ],
)
def test_what_cannot_be_given_writes_nothing(tmp_path: Path, choices: dict[str, str], database: str, said: str):
    folder = ProgrammeFolder(tmp_path / "new")
    with pytest.raises(CannotCreateProgramme) as caught:
        create_programme(folder, choices, database)
    assert said in str(caught.value) and "s3cret" not in str(caught.value) and not folder.path.exists()
