"""DuckDB, pandas, Polars and Spark, in an environment of their own, read the published version of an object store (moto's
S3 server) through latest.json (bi/parquet/read_store.py)."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import duckdb
import pytest

from orchestration.programme.connections import Connection
from orchestration.publishing.targets.object_store import publish_to_store
from orchestration.publishing.targets.version import PublishedVersion
from tests.conftest import REPOSITORY
from tests.publishing.targets.small_versions import make_version
from tests.servers.s3 import run_store

pytestmark = pytest.mark.servers

READERS = REPOSITORY / ".tools" / "bi" / "parquet" / "bin" / "python"
# Three orders of 10, 20 and 30 euro, each and as many cents as the version's number; the last one is of no shop.
MARTS = {
    "results.orders": """
        select i as order_id, case when i < 3 then 'eu' end as shop, (10 * i + {number} / 100)::decimal(18, 2) as net_revenue,
            timestamptz '2026-03-01 23:30:00Z' + i * interval 1 hour as ordered_at, {number} as version
        from range(1, 4) as numbers (i)
    """,
    "reach.posts": "select i as post_id, ['tea', 'läçk'] as topics, {number} as version from range(2) as numbers (i)",
}
EXPECTED = {
    "version": "2026-03-01T030002Z",
    "orders": 3,
    "net_revenue": "60.06",
    "shops": 2,
    "first_ordered_at": "2026-03-02T00:30:00+00:00",
    "topics": ["tea", "läçk"],
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a store with two published versions, of which the second is the newest."""
    folder = tmp_path_factory.mktemp("versions")
    with run_store() as store:
        urlopen(Request(f"{store.url}/lake", method="PUT")).close()
        written = {
            "url": "s3://lake", "endpoint_url": store.url, "region": "us-east-1", "access_key_id": "id",
            "secret_access_key": "${KEY}",
        }  # fmt: skip
        connection = Connection.model_validate(written).fill("lake", {"KEY": "secret"})
        first = make_version(folder, 1, marts=MARTS)
        second = make_version(folder, 2, marts=MARTS, versions=[first.name, EXPECTED["version"]])
        for version in (first, second):
            write_parquet(version)
            publish_to_store(version, connection, "marts")
        yield store.url


def write_parquet(version: PublishedVersion) -> None:
    with duckdb.connect(version.database, read_only=True) as marts:
        for mart in version.rows:
            file = version.folder / f"{mart.replace('.', '/')}.parquet"
            file.parent.mkdir(exist_ok=True)
            marts.execute(f"copy {mart} to '{file}' (format parquet)")


@pytest.mark.parametrize("tool", ["duckdb", "pandas", "polars", "spark"])
def test_a_reader_finds_the_newest_version_through_latest_json(tool: str, endpoint: str, tmp_path: Path):
    if not READERS.exists():
        pytest.skip("the readers are not installed here: make test-servers installs them in .tools/bi/parquet")
    if tool == "spark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later: make test-servers installs it with apt-get")
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    script = REPOSITORY / "bi" / "parquet" / "read_store.py"
    done = subprocess.run(
        [READERS, script, tool, "s3://lake/marts", tmp_path],
        env={**os.environ, **keys, "AWS_ENDPOINT_URL": endpoint}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == EXPECTED
