"""A standalone cluster on this machine: one master, two workers and a Spark Connect server, each a process of its own,
started by what comes with pyspark."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

SECONDS = 120
# Whose pseudonym the tests build.
PERSON = " Jo@Northwind.example"
Found = TypeVar("Found")
# Little compiling in every Java process: they are many, and short.
JAVA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m"


@dataclass
class Process:
    """One of Spark's processes, with what it logs."""

    process: subprocess.Popen
    log: Path

    def kill(self) -> None:
        """It and what it started: the executors of a worker."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Cluster:
    """`folder` has what it logs and writes, `config` are settings of the Connect server."""

    folder: Path
    config: Mapping[str, object] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    master: str = ""
    remote: str = ""

    def complete(self) -> "Cluster":
        """Start what is not there: master, two workers, Connect server."""
        if "master" not in self.processes:
            self.start_master()
        for worker in {"one", "two"} - self.processes.keys():
            self.start_worker(worker)
        if "connect" not in self.processes:
            self.start_connect(self.config)
        return self

    def start(self, name: str, *command: str, hidden: Path | None = None, **environment: str) -> Process:
        # Here, because these tests are collected also where Spark is not installed.
        spark = Path(find_spec("pyspark").origin).parent
        hide = (
            ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(hidden)) if hidden else ()
        )
        log = self.folder / f"{name}-{len(list(self.folder.glob('*.log')))}.log"
        place = self.folder / name
        place.mkdir(exist_ok=True)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*hide, str(spark / "bin" / command[0]), *command[1:]],
                cwd=place,
                env={
                    **{key: value for key, value in os.environ.items() if key != "PSEUDONYM_KEY"},
                    "SPARK_HOME": str(spark),
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "SPARK_DAEMON_MEMORY": "256m",
                    "SPARK_DAEMON_JAVA_OPTS": JAVA,
                    **environment,
                },
                stdout=out,
                stderr=subprocess.STDOUT,
                # A group of its own, to be killed with what it starts.
                start_new_session=True,
            )
        self.processes[name] = Process(process, log)
        return self.processes[name]

    def start_master(self) -> None:
        names = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        master = self.start("master", "spark-class", "org.apache.spark.deploy.master.Master", *names)
        self.master = wait_for_line(master, r"Starting Spark master at (spark://\S+)")

    def start_worker(self, name: str, hidden: Path | None = None) -> None:
        """`hidden` is a folder that is another, empty one for this worker."""
        worker = self.start(
            name,
            *("spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0"),
            *("--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / f"{name}-work"), self.master),
            hidden=hidden,
        )
        wait_for_line(worker, r"(Successfully registered with master)")

    def start_connect(self, config: Mapping[str, object]) -> None:
        settings = {
            "spark.connect.grpc.binding.port": 0,
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.executor.memory": "768m",
            "spark.driver.extraJavaOptions": JAVA,
            "spark.executor.extraJavaOptions": JAVA,
            **config,
        }
        server = self.start(
            "connect",
            *("spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
            *("--master", self.master),
            *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
            # Not spark.driver.memory: it is a daemon, too.
            SPARK_CONNECT_MODE="0",
            SPARK_DAEMON_MEMORY="1g",
        )
        self.remote = f"sc://{wait_for_line(server, r'server started at: ?/?(127[.]0[.]0[.]1:[0-9]+)')}"

    def kill(self, name: str) -> None:
        self.processes.pop(name).kill()


def log_events(folder: Path) -> dict[str, object]:
    """Settings with which Spark writes its event log into this folder, as text that can be searched."""
    folder.mkdir()
    return {
        "spark.eventLog.enabled": True,
        "spark.eventLog.compress": False,
        "spark.eventLog.dir": f"file://{folder}",
    }


@contextmanager
def run_cluster(folder: Path, config: Mapping[str, object]) -> Iterator[Cluster]:
    """A cluster without any process yet; all that are started are killed at the end."""
    folder.mkdir(exist_ok=True)
    cluster = Cluster(folder, config)
    try:
        yield cluster
    finally:
        for process in cluster.processes.values():
            process.kill()


def wait_for_line(process: Process, pattern: str, since: int = 0) -> str:
    """The group of the first line that a process logs, after so many bytes."""

    def find() -> str | None:
        text = process.log.read_bytes()[since:].decode(errors="replace")
        found = re.search(pattern, text)
        if found is None and process.process.poll() is not None:
            raise AssertionError(f"{process.log.name} ended: {text[-3000:]}")
        return found[1] if found else None

    return wait_for(find, f"{pattern} in {process.log}")


def wait_for(find: Callable[[], Found | None], what: str, seconds: float = SECONDS) -> Found:
    """The first result that is not None."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := find()) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds} seconds")
