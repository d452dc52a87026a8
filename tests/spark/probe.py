"""What dbt does with a session, in a process of its own: one process can have a session of one kind only.

Usage: python -m tests.spark.probe PROBE, with PROBE_SETTINGS, JSON of SparkSessionCredentials, which has secrets. Prints
JSON as its last line."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from dbt.adapters.sparksession.connections import SessionHandle, SparkSessionCredentials
from dbt.adapters.sparksession.places import create_schema, list_schemas, tables_folder
from dbt.adapters.sparksession.session import close_session
from dbt_common.exceptions import DbtRuntimeError

PYTHON_MODEL = """
import pandas

class dbtObj:
    def __init__(self, load):
        self.ref = load

def model(dbt, session):
    frame = dbt.ref("probe.people").df()
    return pandas.DataFrame({"people": [len(frame)], "first_on": [frame["seen_on"].min()]})

table = "probe.counted"
partitioned_by = ""
place = ""
"""


def run(handle: SessionHandle, sql: str) -> list[tuple]:
    handle.cursor().execute(sql)
    return [tuple(row) for row in handle.fetchall()]


def build(credentials: Any, handle: SessionHandle) -> dict[str, Any]:
    """One of each thing that a build does: a pseudonym, a Python model, a recursive query, files."""
    from dbt.adapters.sparksession.python_models import run_python_model

    from orchestration.warehouse.engines.spark_places import list_files
    from tests.spark.cluster import PERSON
    from tests.spark.test_casts import load

    pseudonym = str(load("spark").spark__pseudonym("value"))
    create_schema(handle.session, tables_folder(credentials.storage), "probe")
    run(
        handle,
        f"create table probe.people using parquet as select {pseudonym} as person_id, date '2026-03-01' as seen_on"
        f" from (select '{PERSON}' as value union all select 'other')",
    )
    run_python_model(handle.session, PYTHON_MODEL, "probe.counted")
    reached = run(
        handle,
        "with recursive edges as (select * from values (1, 2), (2, 3), (3, 1) as edges (a, b)), reached as"
        " ( /* rounds start,node*/ select a as start, b as node from edges /* step*/ union select reached.start,"
        " edges.b as node from reached inner join edges on edges.a = reached.node /* end*/ )"
        " select count(*) from reached",
    )
    return {
        "pseudonyms": [row[0] for row in run(handle, "select person_id from probe.people order by person_id")],
        "counted": [[people, str(day)] for people, day in run(handle, "select * from probe.counted")],
        "reached": reached[0][0],
        "files": len(list_files(handle.session.table("probe.people"), Path(credentials.storage))),
        "schemas": sorted(list_schemas(handle.session, tables_folder(credentials.storage))),
    }


def wait_for_go(handle: SessionHandle, sql: str) -> dict[str, Any]:
    """Say that Spark is ready, run a statement when a line arrives, and two more if it fails."""
    run(handle, "select 1")
    print("ready", flush=True)
    sys.stdin.readline()
    messages, seconds, rows = [], [], []
    for _ in range(3):
        began = time.monotonic()
        try:
            rows = [list(row) for row in run(handle, sql)]
            break
        except DbtRuntimeError as error:
            messages.append(error.msg)
            seconds.append(time.monotonic() - began)
    return {"rows": rows, "messages": messages, "seconds": seconds}


def look(handle: SessionHandle) -> dict[str, Any]:
    """What other users of this machine see of a driver, and whether it got its secrets."""
    run(handle, "select count(*) from engine.pads")
    lines = [Path("/proc", process, "cmdline") for process in os.listdir("/proc") if process.isdigit()]
    context = handle.session.sparkContext
    api = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}"
    pages = {}
    for path in (f"{api}/environment", f"{api}/sql?details=true", f"{context.uiWebUrl}/environment/"):
        with urlopen(path, timeout=30) as answer:
            pages[path] = answer.read().decode()
    known = context.getConf().get("spark.hadoop.fs.azure.account.key.shop")
    return {
        "command_lines": [file.read_bytes().decode(errors="replace") for file in lines if file.exists()],
        "pages": pages,
        "known": hashlib.sha256(known.encode()).hexdigest(),
    }


def main(probe: str, settings: str) -> dict[str, Any]:
    credentials = SparkSessionCredentials(**{"database": None, "schema": "main", **json.loads(settings)})
    try:
        handle = SessionHandle(credentials)
        if probe == "build":
            return build(credentials, handle)
        if probe == "what others see":
            return look(handle)
        return wait_for_go(handle, probe)
    except DbtRuntimeError as error:
        return {"refused": error.msg}
    finally:
        close_session()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], os.environ["PROBE_SETTINGS"])))
