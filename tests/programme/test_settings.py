"""settings.yml: optional, every setting has a default, and every problem in it has its line."""

from pathlib import Path

import pytest

from orchestration.programme import ProgrammeError, read_programme
from orchestration.programme.settings import Settings

PLAN = "programme: N\ncurrency: EUR\ntimezone: UTC\n"


@pytest.fixture
def read(tmp_path: Path):
    """Read a programme with these settings, and none where they are None."""
    (tmp_path / "landing").mkdir()
    (tmp_path / "extracts.yml").write_text("extracts: []\n")

    def write_and_read(settings: str | bytes | None, plan: str = PLAN) -> Settings:
        (tmp_path / "plan.yml").write_text(plan)
        if settings is not None:
            content = settings.encode() if isinstance(settings, str) else settings
            (tmp_path / "settings.yml").write_bytes(content)
        return read_programme(tmp_path).settings

    return write_and_read


@pytest.mark.parametrize("settings", [None, "", "# nothing yet\n", "{}\n"])
def test_without_settings_the_defaults_are_used(read, settings: str | None):
    assert read(settings) == Settings(keep_versions=7)


@pytest.mark.parametrize(("written", "kept"), [("1", 1), ("30 # a month", 30), ("36500", 36500), ("'12'", 12)])
def test_keep_versions_is_read(read, written: str, kept: int):
    assert read(f"keep_versions: {written}\n").keep_versions == kept


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("keep_versions: 0\n", "settings.yml line 1: keep_versions is 0"),
        (
            "# a\nkeep_versions: 36501\n",
            "settings.yml line 2: keep_versions is 36501. Write a whole number up to 36500",
        ),
        ("keep_versions: -1\n", "settings.yml line 1: keep_versions is -1"),
        ("keep_versions: many\n", "settings.yml line 1: keep_versions is 'many'"),
        ("keep_versions: 1.5\n", "settings.yml line 1: keep_versions is '1.5'"),
        ("keep_versions:\n", "settings.yml line 1: keep_versions"),
        ("keep_versions: [7]\n", "settings.yml line 1: keep_versions"),
        ("keep_version: 7\n", "settings.yml line 1: 'keep_version' is not known here. Did you mean 'keep_versions'?"),
        ("keep_versions: 7\nkeep_versions: 8\n", "settings.yml line 2: 'keep_versions' is there twice"),
        ("- keep_versions\n", "settings.yml line 1: "),
        ("keep_versions: [7\n", "settings.yml line 2: is not valid YAML"),
        ("publish: [{to: lake}]\n", "settings.yml line 1: publish names the connection 'lake', which is not there"),
        (
            "connections: {bi_db: 'postgresql://h/d'}\npublish:\n  - {to: bi_bd}\n",
            "settings.yml line 2: publish names the connection 'bi_bd', which is not there. Did you mean 'bi_db'?",
        ),
        (
            "connections: {m: 'mysql://h/d'}\npublish: [{to: m}]\n",
            "settings.yml line 2: marts cannot be published to mysql",
        ),
        ("connections: {b: 's3://b'}\npublish: [{to: b}, {to: b}]\n", "settings.yml line 2: publish names b twice"),
        (
            "connections: {b: 's3://b'}\npublish:\n  - {to: b, path: ../x}\n",
            "settings.yml line 3: path is '../x'. Write a folder below that of the connection",
        ),
        (
            "connections: {b: 'postgresql://h/d'}\npublish:\n  - {to: b, schemas: results}\n",
            "settings.yml line 3: schemas is 'results'. Write {schema} in it once",
        ),
        ("schedule: nightly\n", "settings.yml line 1: schedule is 'nightly': it has 1 fields instead of 5"),
        ("history: db\n", "settings.yml line 1: history is 'db', which is no connection to PostgreSQL"),
        ("keep_versions: 7 # caf\xe9\n".encode("latin-1"), "settings.yml line 1: is not UTF-8"),
        ("keep_versions: !!python/object:os.system x\n", "settings.yml line 1: the tag"),
    ],
)
def test_a_mistake_in_the_settings_is_named_with_its_line(read, settings: str | bytes, said: str):
    with pytest.raises(ProgrammeError) as caught:
        read(settings)
    messages = str(caught.value).splitlines()
    assert any(message.startswith(said) for message in messages), messages


def test_a_mistake_in_the_settings_is_reported_with_those_in_the_plan(read):
    with pytest.raises(ProgrammeError) as caught:
        read("keep_versions: 0\n", plan=PLAN.replace("EUR", "euro"))
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        ("plan.yml", 2),
        ("settings.yml", 1),
    ]


def test_keep_versions_is_no_option_of_the_plan(read):
    with pytest.raises(ProgrammeError, match=r"plan\.yml line 4: 'keep_versions' is not known here"):
        read(None, plan=f"{PLAN}keep_versions: 3\n")


def test_targets_schedule_and_history_are_read(read):
    settings = read(
        "connections: {bi: 'postgresql://h/d', lake: 's3://b/x'}\n"
        "publish:\n  - {to: bi, schemas: 'nw_{schema}'}\n  - {to: lake, path: marts/, timeout_minutes: 5}\n"
        "schedule: 30 5 * * mon-fri\nhistory: bi\n"
    )
    assert [(target.to, target.schemas, target.path, target.timeout_minutes) for target in settings.publish] == [
        ("bi", "nw_{schema}", "", 60),
        ("lake", "rr_{schema}", "marts", 5),
    ]
    assert (settings.schedule, settings.history) == ("30 5 * * mon-fri", "bi")
