"""Spark on a standalone cluster and behind a Spark Connect server: what works as in one process, what is refused, what
is said when a worker, the server or every worker is lost, and that no secret is in logs, event logs and pages."""

import base64
import hashlib
import hmac
import html
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.plugins.keyed import pads
from tests.conftest import REPOSITORY
from tests.spark.cluster import PERSON, Cluster, log_events, run_cluster, wait_for_line

pytestmark = pytest.mark.spark
KEY = "a key of the cluster that nobody else has"
TOKEN, S3_SECRET, AZURE_SECRET = "token-0f41c6", "s3-77b0e2", "azure-93dd1a"
# Some seconds of work in eight tasks, so that a worker can be lost while it runs.
ROWS = 3_000_000
SLOW_SUM = f"""
    select sum(cast(conv(substr(sha2(cast(id as string), 256), 1, 4), 16, 10) as bigint)) from range(0, {ROWS}, 1, 8)
"""
SAME_SUM = f"select sum(('0x' || substr(sha256(id::varchar), 1, 4))::int) from range({ROWS}) as numbers (id)"


@dataclass
class Running:
    """A cluster with a Connect server, and a folder that all its processes see."""

    cluster: Cluster
    folder: Path

    @property
    def settings(self) -> dict[str, Any]:
        return {"remote": self.cluster.remote, "storage": str(self.folder / "storage")}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("cluster")
    config = {**log_events(folder / "events"), "spark.ui.port": 0}
    with run_cluster(folder / "processes", config) as cluster:
        yield Running(cluster, folder)


def start_probe(probe: str, settings: dict[str, Any], **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.spark.probe", probe],
        cwd=REPOSITORY,
        env={**os.environ, "PSEUDONYM_KEY": KEY, "PROBE_SETTINGS": json.dumps(settings), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(probe: subprocess.Popen) -> dict[str, Any]:
    out, errors = probe.communicate("\n", timeout=300)
    assert probe.returncode == 0, errors[-3000:]
    assert not any(secret in out + errors for secret in (TOKEN, S3_SECRET, AZURE_SECRET, KEY))
    return json.loads(out.splitlines()[-1])


def wait_until_ready(probe: subprocess.Popen) -> None:
    line = probe.stdout.readline()
    assert line == "ready\n", line + probe.stderr.read()[-3000:]


def test_spark_connect_builds_what_a_build_consists_of_and_shows_no_secret(running: Running):
    running.cluster.complete()
    built = finish(start_probe("build", running.settings))
    assert "refused" not in built, built
    person = PERSON.strip().lower().encode()
    assert hmac.new(KEY.encode(), person, hashlib.sha256).hexdigest()[:32] in built["pseudonyms"]
    assert built["counted"] == [[2, "2026-03-01 00:00:00"]]
    assert built["reached"] == 9
    # Spark's workers wrote them, and they are read here without a driver.
    assert built["files"] > 0
    assert built["schemas"] == ["engine", "probe"]
    assert not list(running.folder.glob("storage/**/*.db/**/*.parquet"))

    logs = [file for file in running.folder.rglob("*") if file.is_file()]
    pages = read_pages(running.cluster)
    # They show what is looked for: statements, plans and settings.
    searched = {str(file): file.read_bytes() for file in logs} | pages
    text = b"".join(searched.values())
    for shown in (b"engine.pads", b"inner_pad", b"probe.people", b"LocalRelation"):
        assert shown in text, shown
    assert sum("events" in name for name in searched) > 0
    assert search(searched, list_secrets(KEY)) == []


def list_secrets(key: str) -> list[bytes]:
    """The key of pseudonyms, and what is made of it, as texts and protocols write bytes."""
    secrets = [key.encode()]
    for pad in pads(key.encode()):
        escaped = pad.decode("latin-1").encode("unicode_escape")
        secrets += [pad, pad.hex().encode(), pad.hex().upper().encode(), base64.b64encode(pad), escaped]
    return secrets


def search(contents: Mapping[str, bytes], secrets: Sequence[bytes]) -> list[str]:
    """The names of what has a secret in it."""
    return [name for name, content in contents.items() if any(secret in content for secret in secrets)]


def read_pages(cluster: Cluster) -> dict[str, bytes]:
    """Every page and answer of the REST API of the Connect server's UI, by path."""
    port = wait_for_line(cluster.processes["connect"], r"Successfully started service 'SparkUI' on port ([0-9]+)")

    def read(path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.read()

    [application] = json.loads(read("/api/v1/applications"))
    api = f"/api/v1/applications/{application['id']}"
    statements = json.loads(read(f"{api}/sql?details=true&planDescription=true&offset=0&length=100000"))
    sessions = {html.unescape(link) for link in re.findall(r"/connect/session/[^\"' >]+", read("/connect/").decode())}
    assert len(statements) > 20
    assert sessions
    paths = [
        *(f"{api}/{part}" for part in ("sql?details=true&planDescription=true&length=100000", "environment", "jobs")),
        *(f"{api}/{part}" for part in ("stages?details=true", "executors", "storage/rdd")),
        *("/jobs/", "/stages/", "/environment/", "/executors/", "/SQL/", "/connect/", *sessions),
        *(f"/SQL/execution/?id={statement['id']}" for statement in statements),
    ]
    return {path: read(path) for path in paths}


def start_and_wait_for_a_task(running: Running, **settings: Any) -> subprocess.Popen:
    """A statement of some seconds, of which some task runs."""
    running.cluster.complete()
    probe = start_probe(SLOW_SUM, {**running.settings, **settings})
    wait_until_ready(probe)
    server = running.cluster.processes["connect"]
    since = server.log.stat().st_size
    probe.stdin.write("\n")
    probe.stdin.flush()
    wait_for_line(server, r"(Starting task [0-9.]+ in stage)", since)
    return probe


def test_a_worker_that_is_lost_in_the_middle_changes_no_result(running: Running):
    probe = start_and_wait_for_a_task(running)
    server = running.cluster.processes["connect"]
    since = server.log.stat().st_size
    running.cluster.kill("two")
    result = finish(probe)
    with duckdb.connect() as connection:
        assert result["rows"] == [list(row) for row in connection.execute(SAME_SUM).fetchall()]
    assert result["messages"] == []
    wait_for_line(server, r"(Lost executor [0-9]+ on 127[.]0[.]0[.]1)", since)


def test_a_cluster_without_workers_fails_the_run_instead_of_waiting(running: Running):
    probe = start_and_wait_for_a_task(running, wait_minutes=0.1)
    for worker in ("one", "two"):
        running.cluster.kill(worker)
    result = finish(probe)
    assert len(result["messages"]) == 3
    assert {message[:16] for message in result["messages"]} == {"Spark waits for "}
    assert "no executor has run any for 0.1 minutes: the cluster has no worker left" in result["messages"][0]
    assert max(result["seconds"][1:]) < 1


def test_a_driver_of_the_cluster_says_that_it_has_no_workers(running: Running):
    running.cluster.complete()
    config = {"spark.executor.memory": "700m", "spark.driver.host": "127.0.0.1", "spark.cores.max": 1}
    # Its Connect server has the memory of both workers.
    storage = str(running.folder / "storage-of-driver")
    settings = {"master": running.cluster.master, "storage": storage, "config": config, "wait_minutes": 0.1}
    result = finish(start_probe("select 1", settings))
    assert result["refused"].startswith("Spark waits for "), result


def test_a_server_that_is_lost_is_named_once_and_every_later_statement_fails_at_once(running: Running):
    probe = start_and_wait_for_a_task(running)
    running.cluster.kill("connect")
    result = finish(probe)
    assert len(result["messages"]) == 3
    assert len(set(result["messages"])) == 1
    place = running.cluster.remote.removeprefix("sc://")
    message = result["messages"][0]
    assert message.startswith(f"The Spark Connect server at sc://{place} cannot be reached or has ended: "), message
    assert (
        "Connection refused. What to do: See its log. Then run again; nothing has to be repaired, and the published version"
        in message
    )
    assert result["seconds"][0] < 120
    assert max(result["seconds"][1:]) < 1
    # What it left does not hinder the next.
    running.cluster.complete()
    assert finish(start_probe("build", running.settings))["reached"] == 9


def test_what_a_server_cannot_do_is_refused_before_anything_is_built(running: Running, tmp_path: Path):
    running.cluster.complete()
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "deliveries.parquet").write_bytes(b"not where the workers look")
    refused = [
        finish(start_probe("build", {**running.settings, **settings}, **environment))["refused"]
        for settings, environment in (
            ({"config": {"spark.executor.memory": "2g"}}, {}),
            ({}, {"RAW_LOCATION": os.path.relpath(tmp_path, REPOSITORY)}),
        )
    ]
    assert "does not let a session set spark.executor.memory. Take it out of `config`" in refused[0]
    assert "workers do not see" in refused[1]
    assert "set storage of the engine" in refused[1]


def test_a_token_is_in_no_message(monkeypatch: pytest.MonkeyPatch):
    from dbt.adapters.sparksession import session
    from dbt.adapters.sparksession.connections import SparkSessionCredentials

    credentials = SparkSessionCredentials(
        database=None,
        schema="main",
        remote=f"sc://host:15002/;token={TOKEN};user_id=jo",
        config={"spark.hadoop.fs.azure.account.key.shop": AZURE_SECRET},
    )
    monkeypatch.setattr(session, "_credentials", credentials)
    told = session.describe_failure(ValueError(f"[INVALID_CONNECT_URL] {credentials.remote}: {TOKEN}, {AZURE_SECRET}"))
    assert told.msg == "[INVALID_CONNECT_URL] sc://host:15002/;…;…: …, …"
    lost = session.describe_failure(OSError(f"UNAVAILABLE, Bearer {TOKEN}"))
    assert lost.msg.startswith(
        "The Spark Connect server at sc://host:15002 cannot be reached or has ended: UNAVAILABLE, Bearer …. "
    )


def test_schemas_of_others_are_left_alone(running: Running):
    running.cluster.complete()
    holder = start_probe("select 1", running.settings)
    wait_until_ready(holder)
    other = {**running.settings, "storage": str(running.folder / "other")}
    refused = finish(start_probe("build", other))["refused"]
    assert "has the schema engine of another programme" in refused
    assert "One server builds one programme at a time" in refused
    assert finish(holder)["rows"] == [[1]]
    assert finish(start_probe("build", other))["reached"] == 9


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a process another view of a folder")
def test_a_storage_that_workers_do_not_share_is_refused(running: Running):
    # Each worker sees an empty folder of its own there, as if it were a disk of another machine.
    cluster, storage = running.cluster.complete(), running.folder / "not-shared"
    storage.mkdir()
    for worker in ("one", "two"):
        cluster.kill(worker)
        cluster.start_worker(worker, hidden=storage)
    try:
        refused = finish(start_probe("build", {**running.settings, "storage": str(storage)}))["refused"]
    finally:
        for worker in ("one", "two"):
            cluster.kill(worker)
    assert "Spark's workers wrote 64 rows to" in refused
    assert "set storage of the engine in settings.yml to a folder that all workers and the driver share" in refused


def test_secrets_of_a_driver_are_in_no_command_line_event_log_or_page(tmp_path: Path):
    secret = f"{AZURE_SECRET}=\\ ü#!"
    (tmp_path / "events").mkdir()
    config = {
        "spark.hadoop.fs.azure.account.key.shop": secret,
        "spark.hadoop.fs.s3a.secret.key": S3_SECRET,
        "spark.app.name": "shown",
        "spark.ui.enabled": "true",
        "spark.ui.port": "0",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": f"file://{tmp_path / 'events'}",
    }
    settings = {"master": "local[1]", "storage": str(tmp_path / "storage"), "config": config}
    found = finish(start_probe("what others see", settings))
    assert found["known"] == hashlib.sha256(secret.encode()).hexdigest()
    assert any("spark.app.name=shown" in line for line in found["command_lines"])
    seen = "".join([*found["command_lines"], *found["pages"].values()])
    seen += "".join(file.read_text() for file in (tmp_path / "events").rglob("*") if file.is_file())
    assert seen.count("fs.azure.account.key.shop") > 3 and "engine.pads" in seen
    assert search({"all": seen.encode()}, [*list_secrets(KEY), AZURE_SECRET.encode(), S3_SECRET.encode()]) == []
