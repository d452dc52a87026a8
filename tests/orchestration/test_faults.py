"""Damaged, old and foreign files of the warehouse and of what was published, a clock set back, a folder to read only."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from orchestration.building import damage
from orchestration.building.damage import drop_damaged, remember_left, state_file

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.goal_versions import HISTORY_FIELDS, read_published_goals, update_goal_versions
from orchestration.programme.programme import read_programme
from orchestration.publishing.versions import list_nights, name_night, order_nights
from orchestration.runtime.connections import connect, seal
from orchestration.runtime.dagster_home import prepare_home
from orchestration.runtime.disk_space import NoRoom, check_room
from orchestration.warehouse.database import warehouse_file
from tests.conftest import REPOSITORY, SAMPLE
from tests.namespace import in_a_namespace


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    folder = ProgrammeFolder(tmp_path / "Jo's [programme]")
    folder.warehouse.mkdir(parents=True)
    return folder


def make_warehouse(folder: ProgrammeFolder) -> Path:
    with duckdb.connect(warehouse_file(folder)) as warehouse:
        warehouse.execute("create schema results")
        warehouse.execute("create table results.orders as select range as id, 'x' || range as text from range(100000)")
    return warehouse_file(folder)


def flip_every_block(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(12_288 + 5_000, len(content), 2**18):
        content[place] ^= 0xFF
    file.write_bytes(content)


DAMAGES = {
    "emptied": lambda file: os.truncate(file, 0),
    "garbage": lambda file: file.write_bytes(os.urandom(100_000)),
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "flipped bytes": flip_every_block,
    "of a later DuckDB": lambda file: file.write_bytes(file.read_bytes()[:12] + bytes([99]) + file.read_bytes()[13:]),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_warehouse_is_said_and_dropped(folder, caplog, what):
    file = make_warehouse(folder)
    DAMAGES[what](file)
    drop_damaged(folder)
    assert not file.exists()
    assert f"{file} cannot be read, so it is built anew from raw" in caplog.text


def test_a_healthy_warehouse_stays_also_beside_the_log_of_another(folder, caplog):
    file = make_warehouse(folder)
    file.with_name("warehouse.duckdb.wal").write_bytes(os.urandom(300))
    drop_damaged(folder)
    assert file.exists() and not caplog.text
    with duckdb.connect(file, read_only=True) as warehouse:
        assert warehouse.execute("select count(*) from results.orders").fetchone() == (100_000,)


def test_a_warehouse_is_not_read_again_if_it_is_as_the_last_whole_run_left_it(folder, monkeypatch):
    file = make_warehouse(folder)
    remember_left(folder)
    reads = []
    monkeypatch.setattr(damage, "read_all", reads.append)
    drop_damaged(folder)
    assert file.exists() and not reads
    # The run that looked has not come to its end.
    drop_damaged(folder)
    assert reads == [folder]


@pytest.mark.parametrize("content", [b"", b"\0" * 60, b"\xff\xfe garbage"])
def test_a_state_that_cannot_be_read_only_means_that_the_warehouse_is(folder, monkeypatch, content: bytes):
    file = make_warehouse(folder)
    state_file(folder).write_bytes(content)
    reads = []
    monkeypatch.setattr(damage, "read_all", reads.append)
    drop_damaged(folder)
    assert file.exists() and reads == [folder]


def test_damage_is_found_though_the_files_time_was_set_back(folder):
    file = make_warehouse(folder)
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    remember_left(folder)
    flip_every_block(file)
    os.utime(file, ns=times)
    drop_damaged(folder)
    assert not file.exists()


def test_a_warehouse_that_another_process_holds_is_not_thrown_away(folder):
    file = make_warehouse(folder)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        with pytest.raises(duckdb.IOException, match="lock"):
            drop_damaged(folder)
        holder.stdin.close()
    assert file.exists()


def test_a_sealed_connection_sees_its_folders_and_nothing_else(folder, tmp_path):
    (folder.path / "in").mkdir()
    (folder.path / "in" / "a.csv").write_text("x\n1\n")
    (tmp_path / "secret.csv").write_text("x\n1\n")
    (folder.path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with connect(folder.path / "in") as connection:
        inside = str(folder.path / "in" / "a.csv").replace("'", "''").replace("[", "[[]")
        assert connection.execute(f"select x from read_csv('{inside}')").fetchall() == [(1,)]
        for hostile in (
            "select * from read_text('/etc/passwd')",
            f"select * from read_csv('{tmp_path}/secret.csv')",
            f"select * from read_csv('{inside.replace('a.csv', '../../secret.csv')}')",
            f"select * from read_csv('{inside.replace('a.csv', 'link.csv')}')",
            f"copy (select 1) to '{tmp_path}/stolen.csv'",
            f"attach '{tmp_path}/stolen.duckdb'",
            "install httpfs",
            "load httpfs",
            "select * from read_csv('https://example.org/x.csv')",
            "set enable_external_access = true",
            "set allowed_directories = ['/']",
            "set memory_limit = '1TB'",
            "set lock_configuration = false",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(hostile)
    assert not list(tmp_path.glob("stolen*"))


def test_what_is_sealed_once_stays_sealed(tmp_path):
    with duckdb.connect() as connection:
        seal(connection, tmp_path)
        seal(connection, Path("/"))
        with pytest.raises(duckdb.PermissionException):
            connection.execute("select * from read_text('/etc/passwd')")


def test_dbt_builds_under_the_same_seal(folder, monkeypatch):
    import importlib.util
    from types import SimpleNamespace

    spec = importlib.util.spec_from_file_location("sealed", REPOSITORY / "dbt_project/plugins/sealed.py")
    sealed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sealed)
    assert "- module: sealed" in (REPOSITORY / "dbt_project/profiles.yml").read_text()
    plugin = sealed.Plugin("sealed", {}, SimpleNamespace(path=str(warehouse_file(folder))))
    with duckdb.connect(warehouse_file(folder)) as connection:
        plugin.configure_connection(connection)
        connection.execute("create table t as select 1")
        for hostile in ("from read_text('/etc/passwd')", "load httpfs", "set enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                connection.execute(hostile)


def keep_nights(nights: Path, *names: str) -> None:
    for name in names:
        (nights / name).mkdir(parents=True)


def test_a_clock_set_back_does_not_change_which_night_is_the_newest(tmp_path):
    """Eight nights, the last under a clock a year back: by their names it would be the first to go."""
    names = [f"2027-01-0{day}T030000Z" for day in range(1, 8)]
    keep_nights(tmp_path, *names, "2026-01-08T030000Z", ".being-made")
    (tmp_path / ".DS_Store").write_text("x")
    order = order_nights(tmp_path, {"nights": [*names, "2026-01-08T030000Z"]})
    assert order == [*names, "2026-01-08T030000Z"]
    assert set(list_nights(tmp_path)) == set(order)


def test_nights_that_latest_json_does_not_know_are_the_oldest_by_name(tmp_path):
    keep_nights(tmp_path, "b", "a", "c")
    assert order_nights(tmp_path, {"nights": ["c", "gone"]}) == ["a", "b", "c"]
    assert order_nights(tmp_path, {}) == ["a", "b", "c"]


def test_two_nights_of_one_second_have_two_names_also_when_the_first_is_gone(tmp_path):
    moment = datetime(2026, 5, 1, 3, tzinfo=UTC)
    keep_nights(tmp_path, "2026-05-01T030000Z-001")
    first = name_night(moment, tmp_path)
    keep_nights(tmp_path, first)
    assert (first, name_night(moment, tmp_path)) == ("2026-05-01T030000Z-002", "2026-05-01T030000Z-003")


@pytest.mark.parametrize("dropped", ["evidence", "narrowed_to", "target", "starts_on"])
def test_a_column_that_an_older_version_did_not_publish_moves_no_goal(tmp_path, dropped):
    plan = read_programme(SAMPLE).plan
    versions = update_goal_versions(plan, [], date(2026, 1, 1))
    names = [name for name in HISTORY_FIELDS if name != dropped]
    table = pa.table({name: [getattr(version, name) for version in versions] for name in names})
    with duckdb.connect(tmp_path / "marts.duckdb") as published:
        published.execute("create schema goals")
        published.register("definitions", table)
        published.execute("create table goals.definitions as from definitions")
    known = read_published_goals(tmp_path / "marts.duckdb")
    assert {version.unknown for version in known} == {frozenset([dropped])}
    again = update_goal_versions(plan, known, date(2026, 5, 1))
    assert {(v.goal_id, v.version, v.definition) for v in again} == {(v.goal_id, 1, v.definition) for v in versions}


def open_history(folder: ProgrammeFolder) -> Path:
    from dagster import DagsterInstance

    home = prepare_home(folder)
    with DagsterInstance.get() as instance:
        instance.get_runs()
    return home


@pytest.mark.parametrize("revision", ["f495c27d5019", "ffffffffffff"])
def test_a_history_of_another_dagster_is_migrated_or_starts_anew(folder, caplog, monkeypatch, revision):
    """The revision before the newest, and one that this Dagster has never heard of."""
    caplog.set_level("INFO")
    for name in ("DAGSTER_HOME", "PROGRAMME", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")
    home = open_history(folder)
    for found in (["1.0.0"], [revision]):
        if found == [revision]:
            with closing(sqlite3.connect(home / "history" / "runs.db")) as history:
                history.execute("update alembic_version set version_num = ?", found)
                history.commit()
        (home / "made_by").write_text("1.0.0")
        caplog.clear()
        open_history(folder)
    said = "starts anew" if revision == "ffffffffffff" else "Dagster's history is that of version"
    assert said in caplog.text
    with closing(sqlite3.connect(home / "history" / "runs.db")) as history:
        assert history.execute("select version_num from alembic_version").fetchone()[0] != revision


@pytest.mark.parametrize("place", ["", "warehouse", "published", "published/nights"])
def test_a_folder_to_read_only_is_said_before_anything_is_done(tmp_path, place):
    programme = tmp_path / "programme"
    for name in ("landing", "warehouse", "published/nights"):
        (programme / name).mkdir(parents=True)
    for name in ("plan.yml", "extracts.yml"):
        (programme / name).write_text((SAMPLE / name).read_text())
    done = in_a_namespace(
        'mount --bind "$P" "$P" && mount -o remount,ro,bind "$P" && exec "$PYTHON" -m orchestration.cli.nightly',
        P=str(programme / place), PROGRAMME=str(programme),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"nothing can be written into {programme / place}: Read-only file system. See who owns"
    )
    assert len(done.stderr.splitlines()) == 1
    assert not list((programme / "published").rglob("*.*")) and not list((programme / "warehouse").iterdir())


def test_a_disk_that_is_full_is_said_before_anything_is_done(folder, monkeypatch):
    monkeypatch.setattr("orchestration.runtime.disk_space.LEAST_FREE_BYTES", 2**60)
    with pytest.raises(NoRoom, match=r"only [0-9,.]+ MB of disk are free for .*LEAST_FREE_BYTES"):
        check_room(folder)


def test_a_latest_json_that_is_damaged_counts_as_none(folder):
    from orchestration.publishing.versions import read_latest

    folder.published.mkdir()
    for content in ("", "{", "[]", json.dumps({"nights": ["a"]})[:-3]):
        (folder.published / "latest.json").write_text(content)
        assert read_latest(folder) == {}
