"""Objects of Google Cloud Storage and Azure Blob Storage, as their emulators give them. The services themselves were never
asked."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.landing.pulling.results import PullFailed
from orchestration.runtime.remotes import open_files
from tests.pulling.conftest import Bench
from tests.pulling.test_objects import ENTRY, write
from tests.servers.emulators import ACCOUNT_KEY, run_azurite, run_gcs


@pytest.fixture(scope="module")
def google() -> Iterator[str]:
    pytest.importorskip("gcsfs", reason="make test-servers installs it")
    with run_gcs("shop") as url:
        yield f"{{url: gs://shop/exports, endpoint_url: '{url}', anonymous: true}}"


@pytest.fixture(scope="module")
def azure() -> Iterator[str]:
    pytest.importorskip("adlfs", reason="make test-servers installs it")
    with run_azurite() as connection:
        yield f"{{url: az://shop/exports, connection_string: '{connection}AccountKey=${{AZURE_KEY}};'}}"


@pytest.fixture(params=["google", "azure"])
def store(request: pytest.FixtureRequest, bench: Bench) -> tuple[Any, str]:
    """A file system of the store and the place of the connection in it."""
    bench.environment["AZURE_KEY"] = ACCOUNT_KEY
    bench.declare(request.getfixturevalue(request.param), ENTRY)
    files, root = open_files(bench.read().settings.connections["src"].fill("src", bench.environment))
    if request.param == "azure":
        files.mkdir("shop", exist_ok=True)
    return files, root


def test_each_object_is_fetched_once_and_a_changed_one_again(bench: Bench, store: tuple[Any, str]):
    files, root = store

    def put(path: str, content: bytes) -> None:
        with files.open(f"{root}/{path}", "wb") as opened:
            opened.write(content)

    put("in/orders_1.csv", write("1"))
    put("in/orders_2.csv", write("2"))
    put("in/other.csv", write("3"))
    first = bench.pull()
    assert sorted(Path(file).name for file in first.files) == ["orders_1.csv", "orders_2.csv"]
    assert bench.pull().files == () and len(bench.land().deliveries) == 2
    time.sleep(1.1)  # the store's times are whole seconds
    put("in/orders_1.csv", write("1", "99.00"))
    [changed] = bench.pull().files
    assert Path(changed).name == "orders_1.csv" and not bench.land().refusals
    last = bench.select_raw("order_id, max_by(net, _delivery_order) over (partition by order_id)")
    assert set(last) == {("1", "99.00"), ("2", "10.00")}


def test_a_wrong_key_is_not_shown(bench: Bench, azure: str):
    wrong = ACCOUNT_KEY.replace("Eby8", "Xby9")
    bench.environment["AZURE_KEY"] = wrong
    bench.declare(azure, ENTRY)
    with pytest.raises(PullFailed) as caught:
        bench.pull()
    assert wrong not in str(caught.value) and "orders ← src" in str(caught.value)
