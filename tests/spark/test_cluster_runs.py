"""Whole runs of the sample on a standalone cluster: the same tables as on DuckDB, whatever is lost in the middle."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import duckdb
import pytest
from pyarrow.parquet import read_metadata

from orchestration.programme.sql import quote_literal
from tests.conftest import REPOSITORY, TODAY, Run
from tests.servers.s3 import ObjectStore, run_store
from tests.spark.cluster import Cluster, log_events, run_cluster, wait_for
from tests.spark.conftest import KEY, copy_landed
from tests.spark.programmes import FOR_SMALL_TABLES
from tests.spark.test_cluster import list_secrets, search
from tests.spark.test_sample import MARTS, differences, warehouse

pytestmark = [pytest.mark.spark, pytest.mark.slow]
# What sessions may set; the rest is given to the server when it starts.
OF_SESSION = {name: value for name, value in FOR_SMALL_TABLES.items() if name.startswith("spark.sql.")}
SECONDS = 1800
# Incremental tables, whose people are pseudonyms; rows of a check are numbers.
LEFT = {"rows_of_a_check", "tables_that_stay"}


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with run_store() as started:
        urlopen(Request(f"{started.url}/bucket", method="PUT")).close()
        yield started


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    config = {**log_events(tmp_path / "events"), "spark.ui.port": 0}
    with run_cluster(tmp_path / "processes", config) as started:
        yield started.complete()


def copy_programme(done: Run, folder: Path, settings: dict[str, Any]) -> Path:
    """With what landing wrote and what is published."""
    shutil.copytree(done.programme, folder / "sample", symlinks=True)
    (folder / "sample" / "settings.yml").write_text(json.dumps(settings))
    return folder / "sample"


def start_run(programme: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli.nightly"],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(programme), "AS_OF": TODAY, "PSEUDONYM_KEY": KEY, "S3_KEY": "s3cr3t-7f3a"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(run: subprocess.Popen, programme: Path) -> Run:
    screen, _ = run.communicate(timeout=SECONDS)
    return Run(programme, run.returncode, screen)


def wait_for_tables(storage: Path, count: int) -> None:
    def find() -> bool | None:
        return len(list(storage.glob("*/tables_of_reach_and_results/*.db/*"))) >= count or None

    wait_for(find, f"{count} tables in {storage}", SECONDS)


def find_tables_left(storage: Path) -> set[str]:
    """Folders of files that have rows: emptying a folder leaves a file without any."""
    files = storage.glob("*/tables_of_reach_and_results/**/*.parquet")
    return {file.relative_to(storage).parts[2] for file in files if read_metadata(file).num_rows}


def test_behind_spark_connect_a_lost_server_and_a_lost_worker_change_no_mart(
    without_late_files: Run, on_duckdb: Run, cluster: Cluster, store: ObjectStore, tmp_path: Path
):
    """The first run loses its server and the second a worker; the third builds upon the second's tables."""
    storage = tmp_path / "storage"
    lake = {
        "url": "s3://bucket/lake", "endpoint_url": store.url, "region": "us-east-1",
        "access_key_id": "id", "secret_access_key": "${S3_KEY}",
    }  # fmt: skip
    settings = {
        "engine": {"spark": {"remote": cluster.remote, "storage": str(storage), "config": OF_SESSION}},
        "connections": {"lake": lake},
        "publish": [{"to": "lake", "parquet": "engine"}],
    }
    programme = copy_programme(without_late_files, tmp_path, settings)
    latest = programme / "published" / "latest.json"
    before = latest.read_bytes()

    run = start_run(programme)
    wait_for_tables(storage, 30)
    cluster.kill("connect")
    lost = finish(run, programme)
    assert lost.status != 0
    assert f"The Spark Connect server at {cluster.remote} cannot be reached or has ended" in lost.screen
    assert "nothing has to be repaired, and the published version stays" in lost.screen
    assert latest.read_bytes() == before

    cluster.complete()
    settings["engine"]["spark"]["remote"] = cluster.remote
    (programme / "settings.yml").write_text(json.dumps(settings))
    run = start_run(programme)
    wait_for_tables(storage, 60)
    cluster.kill("two")
    done = finish(run, programme)
    assert done.status == 0, done.screen[-5000:]
    assert f"Built with spark on {cluster.remote}." in done.screen
    assert "Lost executor" in cluster.processes["connect"].log.read_text()
    assert differences(warehouse(without_late_files), warehouse(done), ("intermediate", "staging", *MARTS)) == {}

    copy_landed(on_duckdb.programme, programme)
    late = finish(start_run(programme), programme)
    assert late.status == 0, late.screen[-5000:]
    assert "everything is built: " in done.screen and "everything is built" not in late.screen
    assert differences(warehouse(on_duckdb), warehouse(late), ("intermediate", "staging", *MARTS)) == {}

    # The store has Spark's files, with the rows of the marts.
    with duckdb.connect(programme / "published" / "marts.duckdb", read_only=True) as marts:
        import s3fs

        files = s3fs.S3FileSystem(key="id", secret="s3cr3t-7f3a", endpoint_url=store.url)
        marts.register_filesystem(files)
        there = json.loads(files.cat_file("bucket/lake/latest.json"))
        assert there["parquet"].keys() == there["rows"].keys() and len(there["rows"]) > 40
        for mart, paths in there["parquet"].items():
            assert all("/part-" in path for path in paths)
            listed = ", ".join(quote_literal(f"s3://bucket/lake/{path}") for path in paths)
            for one, two in ((mart, f"read_parquet([{listed}])"), (f"read_parquet([{listed}])", mart)):
                assert marts.execute(f"select count(*) from (from {one} except all from {two})").fetchall() == [(0,)]

    secrets = [*list_secrets(KEY), b"s3cr3t-7f3a"]
    places = [programme, tmp_path / "events", tmp_path / "processes"]
    searched = {str(file): file.read_bytes() for place in places for file in place.rglob("*") if file.is_file()}
    assert sum(len(content) for name, content in searched.items() if "/events/" in name) > 1_000_000
    assert search(searched, secrets) == []
    assert "s3cr3t-7f3a" not in lost.screen + done.screen + late.screen
    left = {file.relative_to(storage).parts[1] for file in storage.rglob("*.parquet")}
    assert left == {"marts_of_reach_and_results", "tables_of_reach_and_results"}
    assert find_tables_left(storage) == LEFT


def test_a_driver_of_this_machine_on_the_cluster_builds_the_same(on_duckdb: Run, cluster: Cluster, tmp_path: Path):
    cluster.kill("connect")
    config = {**FOR_SMALL_TABLES, "spark.driver.host": "127.0.0.1", "spark.executor.memory": "768m"}
    engine = {"spark": {"master": cluster.master, "storage": str(tmp_path / "storage"), "config": config}}
    programme = copy_programme(on_duckdb, tmp_path, {"engine": engine})
    run = start_run(programme)
    wait_for_tables(tmp_path / "storage", 60)
    cluster.kill("one")
    done = finish(run, programme)
    assert done.status == 0, done.screen[-5000:]
    assert f"Built with spark on {cluster.master}." in done.screen
    assert differences(warehouse(on_duckdb), warehouse(done), ("intermediate", "staging", *MARTS)) == {}
    assert find_tables_left(tmp_path / "storage") == LEFT
