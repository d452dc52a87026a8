"""Versions in an object store (moto's S3 server): whole ones only, whatever fails and whenever a run is killed."""

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import duckdb
import pandas as pd
import pytest

from orchestration.programme.connections import Connection, FilledConnection
from orchestration.publishing.targets import object_store
from orchestration.publishing.targets.object_store import list_parquet, publish_to_store, read_md5
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed
from orchestration.runtime.remotes import open_files
from tests.publishing.targets.small_versions import make_version
from tests.servers.s3 import ObjectStore, run_store

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def running() -> Iterator[ObjectStore]:
    with run_store() as started:
        yield started


@pytest.fixture
def store(running: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    running.fail_next, running.fail_always = 0, None
    # The libraries' own attempts wait for seconds; ours are what is tested.
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    monkeypatch.setattr(object_store, "SECONDS_BEFORE_SECOND", 0.001)
    return running


@pytest.fixture
def lake(store: ObjectStore, request: pytest.FixtureRequest) -> FilledConnection:
    bucket = f"bucket{abs(hash(request.node.name)) % 10**9}"
    urlopen(Request(f"{store.url}/{bucket}", method="PUT")).close()
    return connect(store, bucket)


def connect(store: ObjectStore, bucket: str) -> FilledConnection:
    written = {
        "url": f"s3://{bucket}/pre/fix", "endpoint_url": store.url, "region": "us-east-1",
        "access_key_id": "id", "secret_access_key": "${KEY}",
    }  # fmt: skip
    return Connection.model_validate(written).fill("lake", {"KEY": "s3cr3t-key"})


def make(folder: Path, number: int, **latest: Any) -> PublishedVersion:
    """With the Parquet files of each mart, as published/ has them."""
    version = make_version(folder, number, **latest)
    with duckdb.connect(version.database, read_only=True) as marts:
        for mart in version.rows:
            file = version.folder / f"{mart.replace('.', '/')}.parquet"
            file.parent.mkdir(exist_ok=True)
            marts.execute(f"copy {mart} to '{file}' (format parquet)")
    return version


def read_latest(lake: FilledConnection) -> dict[str, Any]:
    files, root = open_files(lake)
    return json.loads(files.cat_file(f"{root}/marts/latest.json"))


def check_whole(lake: FilledConnection) -> str:
    """The version that a reader finds; fails unless every object that latest.json names has the bytes that it says."""
    files, root = open_files(lake)
    latest = read_latest(lake)
    for path, said in latest["objects"].items():
        content = files.cat_file(f"{root}/marts/{path}")
        assert (len(content), hashlib.sha256(content).hexdigest()) == (said["bytes"], said["sha256"])
    return latest["version"][-3:]


def list_versions(lake: FilledConnection) -> list[str]:
    files, root = open_files(lake)
    return sorted(place[-3:] for place in files.ls(f"{root}/marts/versions", detail=False))


def test_readers_find_the_marts_through_latest_json(lake: FilledConnection, tmp_path: Path):
    publish_to_store(make(tmp_path, 4), lake, "marts")
    files, root = open_files(lake)
    latest = read_latest(lake)
    [orders] = [f"{root}/marts/{path}" for path in latest["parquet"]["results.orders"]]
    with files.open(orders) as opened:
        frame = pd.read_parquet(opened)
    assert (len(frame), set(frame["version"])) == (20, {4})
    with duckdb.connect() as reader:
        reader.register_filesystem(files)
        assert reader.execute(f"select count(*), min(version) from 's3://{orders}'").fetchall() == [(20, 4)]
    assert check_whole(lake) == "04Z"


def test_old_versions_are_removed_after_the_new_one_is_there(
    lake: FilledConnection, store: ObjectStore, tmp_path: Path
):
    for number in (1, 2):
        publish_to_store(
            make(tmp_path, number, versions=["2026-03-01T030001Z", "2026-03-01T030002Z"][:number]), lake, "marts"
        )
    files, root = open_files(lake)
    files.pipe_file(f"{root}/marts/versions/mine/notes.txt", b"kept")
    store.requests.clear()
    publish_to_store(make(tmp_path, 3, versions=["2026-03-01T030002Z", "2026-03-01T030003Z"]), lake, "marts")
    assert [name for name in list_versions(lake) if name != "ine"] == ["02Z", "03Z"]
    assert files.exists(f"{root}/marts/versions/mine/notes.txt")
    sent = [number for number, request in enumerate(store.requests) if request.startswith("PUT")]
    removed = [number for number, request in enumerate(store.requests) if request.startswith(("DELETE", "POST"))]
    assert "latest.json" in store.requests[sent[-1]] and removed[0] > sent[-1]
    assert sum("latest.json" in store.requests[number] for number in sent) == 1


def test_nothing_is_sent_twice(lake: FilledConnection, store: ObjectStore, tmp_path: Path):
    version = make(tmp_path, 1)
    publish_to_store(version, lake, "marts")
    store.requests.clear()
    publish_to_store(version, lake, "marts")
    assert not [request for request in store.requests if request.startswith("PUT")]


def test_a_large_file_is_sent_in_parts_and_compared_by_reading_it_again(
    lake: FilledConnection, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # s3fs sends what is larger than 100 MiB in parts of 50; S3 takes no part smaller than 5.
    monkeypatch.setattr("s3fs.core.calculate_chunksize", lambda size, chunksize=None: 5 * 2**20)
    version = make(tmp_path, 1)
    with (version.folder / "marts.xlsx").open("wb") as large:
        large.truncate(11 * 2**20)
    store.requests.clear()
    publish_to_store(version, lake, "marts")
    of_it = [request.partition("?") for request in store.requests if "marts.xlsx" in request]
    parts = sorted(query[: query.index("&")] for request, _, query in of_it if request.startswith("PUT"))
    assert parts == ["partNumber=1", "partNumber=2", "partNumber=3"], "of 5, 5 and 1 MiB"
    assert any(request.startswith("GET") for request, *_ in of_it), "the store has made no checksum of the whole"
    assert read_latest(lake)["objects"][f"versions/{version.name}/marts.xlsx"]["bytes"] == 11 * 2**20
    assert check_whole(lake) == "01Z"


def test_requests_that_fail_are_tried_again(lake: FilledConnection, store: ObjectStore, tmp_path: Path):
    store.fail_next = 4
    publish_to_store(make(tmp_path, 1), lake, "marts")
    assert check_whole(lake) == "01Z"


def test_a_store_that_keeps_failing_keeps_its_version_and_catches_up(
    lake: FilledConnection, store: ObjectStore, tmp_path: Path
):
    publish_to_store(make(tmp_path, 1), lake, "marts")
    version = make(tmp_path, 2)
    store.fail_always = "orders.parquet"
    with pytest.raises(
        TargetFailed, match=r"could not .* versions/2026-03-01T030002Z/results/orders.parquet"
    ) as caught:
        publish_to_store(version, lake, "marts")
    assert "s3cr3t" not in str(caught.value)
    store.fail_always = None
    assert check_whole(lake) == "01Z"
    publish_to_store(version, lake, "marts")
    assert check_whole(lake) == "02Z"


def test_a_run_that_is_killed_before_any_change_leaves_a_whole_version(
    lake: FilledConnection, store: ObjectStore, tmp_path: Path
):
    publish_to_store(make(tmp_path, 1), lake, "marts")
    seen, number = [], 2
    while not publish_in_child(make(tmp_path, number), connect(store, lake.host), killed_before=number - 1):
        seen.append(check_whole(lake))
        publish_to_store(make_again(tmp_path, number), lake, "marts")
        assert (check_whole(lake), list_versions(lake)) == (f"{number:02}Z", [f"{number:02}Z"])
        number += 1
    # Before marts.duckdb, two Parquet files and latest.json; then before the version before is removed, at once.
    assert seen == ["01Z", "02Z", "03Z", "04Z", "06Z"]


def make_again(folder: Path, number: int) -> PublishedVersion:
    """The version as it was made before."""
    name = f"2026-03-01T0300{number:02}Z"
    latest = {
        "version": name,
        "programme": "Tiny",
        "versions": [name],
        "rows": {"results.orders": 20, "reach.posts": 21},
    }
    return PublishedVersion(folder / name, latest)


def publish_in_child(version: PublishedVersion, lake: FilledConnection, killed_before: int) -> bool:
    """Whether it came to its end."""
    if not (child := os.fork()):
        status = 1
        try:
            files, root = open_files(lake)
            made = 0
            for name in ("put_file", "pipe_file", "rm"):
                action = getattr(files, name)

                def change(*arguments: Any, action: Any = action, **options: Any) -> Any:
                    nonlocal made
                    made += 1
                    if made == killed_before:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return action(*arguments, **options)

                setattr(files, name, change)
            object_store.Store(files, f"{root}/marts", lake).publish(version)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


def test_a_changed_object_is_noticed_and_another_programme_is_left_alone(
    lake: FilledConnection, store: ObjectStore, tmp_path: Path
):
    publish_to_store(make(tmp_path, 1), lake, "marts")
    with pytest.raises(TargetFailed, match="is of the programme Tiny, not of Other"):
        publish_to_store(make(tmp_path, 2, programme="Other"), lake, "marts")
    files, root = open_files(lake)
    version = make(tmp_path, 3)
    # Left by a run that was killed, of the same size: it is sent again.
    file = version.folder / "results" / "orders.parquet"
    files.pipe_file(f"{root}/marts/versions/{version.name}/results/orders.parquet", b"x" * file.stat().st_size)
    publish_to_store(version, lake, "marts")
    assert check_whole(lake) == "03Z"


def test_checksums_are_those_that_stores_make():
    md5 = hashlib.md5(b"x").hexdigest()
    assert read_md5({"ETag": f'"{md5}"'}) == md5
    assert read_md5({"ETag": f'"{md5}-3"'}) is None, "of parts"
    assert read_md5({"md5Hash": "nd1Y/Tvf6PsQ0dJpcvtXKg=="}) == "9ddd58fd3bdfe8fb10d1d26972fb572a"
    assert read_md5({"content_settings": {"content_md5": bytearray(b"\x01\xff")}}) == "01ff"


def test_a_mart_of_many_files_is_listed_whole(tmp_path: Path):
    version = PublishedVersion(tmp_path, {"version": "v", "rows": {"results.credits": 1, "results.credit": 1}})
    sent = dict.fromkeys(["versions/v/results/credits/month=2026-03/0.parquet", "versions/v/results/credit.parquet"])
    assert list_parquet(version, sent) == {
        "results.credits": ["versions/v/results/credits/month=2026-03/0.parquet"],
        "results.credit": ["versions/v/results/credit.parquet"],
    }


def write_files_of_engine(version: PublishedVersion, folder: Path) -> dict[str, list[Path]]:
    """Each mart as two files with names that nobody else gives."""
    written = {}
    with duckdb.connect(version.database, read_only=True) as marts:
        for mart in version.rows:
            (folder / mart).mkdir(parents=True)
            written[mart] = [folder / mart / f"part-{half}-{version.name[-3:]}-c000.snappy.parquet" for half in (0, 1)]
            for half, file in enumerate(written[mart]):
                marts.execute(f"copy (from {mart} where rowid % 2 = {half}) to '{file}' (format parquet)")
    return written


def read_mart(lake: FilledConnection, mart: str) -> tuple[int, int]:
    """Rows and sum of a key, of the files that latest.json names."""
    files, root = open_files(lake)
    with duckdb.connect() as reader:
        reader.register_filesystem(files)
        listed = ", ".join(f"'s3://{root}/marts/{path}'" for path in read_latest(lake)["parquet"][mart])
        return reader.execute(f"select count(*), sum(version) from read_parquet([{listed}])").fetchall()[0]


def test_a_target_can_have_the_files_of_the_engine(lake: FilledConnection, tmp_path: Path):
    version = make(tmp_path, 4)
    written = write_files_of_engine(version, tmp_path / "a folder #1")
    urls = {mart: [file.as_uri() for file in files] for mart, files in written.items()}
    publish_to_store(replace(version, engine_files=urls), lake, "marts", of_engine=True)
    latest = read_latest(lake)
    assert {mart: [Path(path).name for path in paths] for mart, paths in latest["parquet"].items()} == {
        mart: [file.name for file in files] for mart, files in written.items()
    }
    assert check_whole(lake) == "04Z"
    assert [read_mart(lake, mart) for mart in ("results.orders", "reach.posts")] == [(20, 80), (21, 84)]


def test_files_of_the_engine_in_the_same_store_are_copied_there(
    lake: FilledConnection, store: ObjectStore, tmp_path: Path
):
    version = make(tmp_path, 4)
    files, _ = open_files(lake)
    urls = {}
    for mart, written in write_files_of_engine(version, tmp_path / "engine").items():
        urls[mart] = [f"s3a://{lake.host}/storage/{mart}/{file.name}" for file in written]
        for file, url in zip(written, urls[mart], strict=True):
            files.put_file(str(file), url.removeprefix("s3a://"))
    store.requests.clear()
    publish_to_store(replace(version, engine_files=urls), lake, "marts", of_engine=True)
    read = [request for request in store.requests if request.startswith("GET") and "list-type" not in request]
    assert not [request for request in read if "storage" in request]
    assert [read_mart(lake, mart) for mart in ("results.orders", "reach.posts")] == [(20, 80), (21, 84)]
    copied = [said for path, said in read_latest(lake)["objects"].items() if path.endswith(".parquet")]
    assert all(said.keys() == {"bytes"} for said in copied) and len(copied) == 4
    elsewhere = {mart: [url.replace("s3a://", "gs://") for url in listed] for mart, listed in urls.items()}
    with pytest.raises(TargetFailed, match=r"storage is gs://.* the target is s3://"):
        publish_to_store(replace(make(tmp_path, 5), engine_files=elsewhere), lake, "marts", of_engine=True)


def test_files_of_the_engine_that_are_gone_keep_the_version_before(lake: FilledConnection, tmp_path: Path):
    publish_to_store(make(tmp_path, 1), lake, "marts")
    version = make(tmp_path, 2)
    with pytest.raises(TargetFailed, match="the engine has no files of version 2026-03-01T030002Z"):
        publish_to_store(version, lake, "marts", of_engine=True)
    written = write_files_of_engine(version, tmp_path / "engine")
    urls = {mart: [file.as_uri() for file in files] for mart, files in written.items()}
    written["results.orders"][1].unlink()
    with pytest.raises(TargetFailed, match="is gone from the engine's storage: a later run has begun to build"):
        publish_to_store(replace(version, engine_files=urls), lake, "marts", of_engine=True)
    assert check_whole(lake) == "01Z"
