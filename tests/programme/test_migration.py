"""Files that an earlier release left (published/nights, latest.json, keep_nights) are renamed once, and nothing is lost."""

import json
import os
from pathlib import Path

import pytest

from orchestration.programme import ProgrammeFolder, read_programme
from orchestration.programme.migration import migrate, needs_migration
from orchestration.programme.published import read_latest
from tests.namespace import in_a_namespace

PLAN = "programme: N\ncurrency: EUR\ntimezone: UTC\n"
NAMES = ["2026-03-01T030000Z", "2026-03-02T030000Z"]
LATEST = {
    "night": NAMES[1],
    "programme": "Northwind Coffee",
    "objectives": [{"objective_id": "nights", "statement": "Sell nights/coffee", "owner": None}],
    "marts": f"nights/{NAMES[1]}/marts.duckdb",
    "report": f"nights/{NAMES[1]}/report.html",
    "docs": "docs/index.html",
    "rows": {"goals.progress": 3},
    "nights": NAMES,
    "keeps_nights": 30,
}


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    """A programme of this release that has published nothing."""
    folder = ProgrammeFolder(tmp_path / "Jo's [1] programme")
    folder.landing.mkdir(parents=True)
    folder.plan_file.write_text(PLAN)
    folder.extracts_file.write_text("extracts: []\n")
    return folder


def publish_nights(folder: ProgrammeFolder) -> None:
    """What an earlier release published."""
    for name in NAMES:
        night = folder.published / "nights" / name
        night.mkdir(parents=True)
        (night / "report.html").write_text(name)
    (folder.published / "latest.json").write_text(json.dumps(LATEST))


def test_nothing_is_to_be_migrated_in_a_programme_of_this_release(folder: ProgrammeFolder):
    folder.versions.mkdir(parents=True)
    (folder.published / "latest.json").write_text(json.dumps({"version": NAMES[0], "versions": NAMES[:1]}))
    folder.settings_file.write_text("keep_versions: 3\n")
    before = {file: file.read_bytes() for file in folder.path.rglob("*") if file.is_file()}
    assert not needs_migration(folder)
    assert migrate(folder) == []
    assert {file: file.read_bytes() for file in folder.path.rglob("*") if file.is_file()} == before


def test_the_folder_of_nights_is_renamed_with_everything_in_it(folder: ProgrammeFolder):
    publish_nights(folder)
    assert needs_migration(folder)
    messages = migrate(folder)
    assert not (folder.published / "nights").exists()
    assert {file.parent.name: file.read_text() for file in folder.versions.glob("*/report.html")} == {
        name: name for name in NAMES
    }
    assert [message.partition(":")[0].split()[0] for message in messages] == ["published/nights/", "latest.json"]


def test_latest_json_names_versions_and_keeps_the_rest(folder: ProgrammeFolder):
    publish_nights(folder)
    migrate(folder)
    latest = read_latest(folder)
    assert latest == {
        "version": NAMES[1],
        "programme": "Northwind Coffee",
        "objectives": LATEST["objectives"],
        "marts": f"versions/{NAMES[1]}/marts.duckdb",
        "report": f"versions/{NAMES[1]}/report.html",
        "docs": "docs/index.html",
        "rows": {"goals.progress": 3},
        "versions": NAMES,
        "keep_versions": 30,
    }
    assert (folder.published / latest["report"]).read_text() == NAMES[1]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("keep_nights: 30\n", "30"),
        ("keep_nights:30\n", "30"),
        ("keep_nights :\t30 # a month\n", "30"),
        ("keep_nights: 30\r\n", "30"),
        ("keep_nights: 30 # a month\r\n", "30"),
        ("keep_nights: 30", "30"),
        ("keep_nights: '30'\n", "'30'"),
    ],
)
@pytest.mark.parametrize("after", ["", "lookback_days: 20\n"])
def test_the_line_of_the_plan_moves_to_the_settings(folder: ProgrammeFolder, line: str, value: str, after: str):
    if after and not line.endswith("\n"):
        line += "\n"
    folder.plan_file.write_bytes(f"# Our plan\r\n{PLAN}{line}{after}".encode())
    assert needs_migration(folder)
    [message] = migrate(folder)
    assert all(word in message for word in ("plan.yml", "keep_nights", "keep_versions", "settings.yml"))
    assert folder.plan_file.read_bytes() == f"# Our plan\r\n{PLAN}{after}".encode()
    assert folder.settings_file.read_text() == f"keep_versions: {value}\n"
    assert read_programme(folder.path).settings.keep_versions == 30


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", "keep_versions: 30\n"),
        ("# engine: duckdb\n", "# engine: duckdb\nkeep_versions: 30\n"),
        ("# engine: duckdb", "# engine: duckdb\nkeep_versions: 30\n"),
        ("keep_versions: 5\n", "keep_versions: 5\n"),
    ],
)
def test_settings_that_are_there_are_kept_and_win(folder: ProgrammeFolder, settings: str, expected: str):
    folder.plan_file.write_text(f"{PLAN}keep_nights: 30\n")
    folder.settings_file.write_text(settings)
    migrate(folder)
    assert folder.settings_file.read_text() == expected
    assert folder.plan_file.read_text() == PLAN


@pytest.mark.parametrize(
    "line",
    ["# keep_nights: 30\n", "  keep_nights: 30\n", "objectives: [] # keep_nights: 30\n", "keep_nightsx: 30\n"],
)
def test_a_line_that_is_not_the_option_stays(folder: ProgrammeFolder, line: str):
    folder.plan_file.write_text(PLAN + line)
    assert not needs_migration(folder)
    assert migrate(folder) == []
    assert folder.plan_file.read_text() == PLAN + line


def test_a_plan_that_is_not_utf8_keeps_its_bytes(folder: ProgrammeFolder):
    folder.plan_file.write_bytes(b"programme: Caf\xe9\nkeep_nights: 30\n")
    migrate(folder)
    assert folder.plan_file.read_bytes() == b"programme: Caf\xe9\n"
    assert folder.settings_file.read_text() == "keep_versions: 30\n"


def test_a_second_migration_changes_nothing(folder: ProgrammeFolder):
    publish_nights(folder)
    folder.plan_file.write_text(f"{PLAN}keep_nights: 30\n")
    assert len(migrate(folder)) == 3
    before = {file: file.read_bytes() for file in folder.path.rglob("*") if file.is_file()}
    assert not needs_migration(folder)
    assert migrate(folder) == []
    assert {file: file.read_bytes() for file in folder.path.rglob("*") if file.is_file()} == before


def test_a_migration_that_was_killed_half_way_is_finished(folder: ProgrammeFolder):
    """The folder was renamed and nothing else: a killed migration leaves each file old or new, never half."""
    publish_nights(folder)
    os.rename(folder.published / "nights", folder.versions)
    folder.plan_file.write_text(f"{PLAN}keep_nights: 30\n")
    folder.settings_file.write_text("keep_versions: 30\n")
    assert needs_migration(folder)
    migrate(folder)
    assert read_latest(folder)["version"] == NAMES[1]
    assert (folder.settings_file.read_text(), folder.plan_file.read_text()) == ("keep_versions: 30\n", PLAN)
    assert not needs_migration(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_damaged_latest_json_stays_as_it_is(folder: ProgrammeFolder, content: str):
    publish_nights(folder)
    (folder.published / "latest.json").write_text(content)
    assert len(migrate(folder)) == 1
    assert (folder.published / "latest.json").read_text() == content
    assert not needs_migration(folder)


def test_a_run_migrates_before_it_reads_the_plan(folder: ProgrammeFolder, capsys: pytest.CaptureFixture):
    from orchestration.cli.nightly import check_programme

    publish_nights(folder)
    folder.plan_file.write_text(f"{PLAN}keep_nights: 30\n")
    check_programme(folder)
    screen = capsys.readouterr().out
    assert "published/versions/" in screen and "keep_versions" in screen
    assert read_programme(folder.path).settings.keep_versions == 30
    check_programme(folder)
    assert not capsys.readouterr().out


def test_what_cannot_be_written_is_an_error_and_nothing_is_lost(folder: ProgrammeFolder):
    folder.plan_file.write_text(f"{PLAN}keep_nights: 30\n")
    done = in_a_namespace(
        'mount --bind "$P" "$P" && mount -o remount,ro,bind "$P" && exec "$PYTHON" -c "$CODE"',
        P=str(folder.path),
        CODE="import os; from pathlib import Path; from orchestration.programme import ProgrammeFolder;"
        " from orchestration.programme.migration import migrate; migrate(ProgrammeFolder(Path(os.environ['P'])))",
    )
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr.splitlines()[-1]
    assert folder.plan_file.read_text() == f"{PLAN}keep_nights: 30\n"
    assert not folder.settings_file.exists()
