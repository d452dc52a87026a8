"""One run of the sample on each engine, with the same key: pseudonyms must be the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run, run_make_nightly
from tests.spark.programmes import FOR_SMALL_TABLES, ask_for_spark, copy_sample

KEY = "a key that nobody else has"


@pytest.fixture(scope="session")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(copy_sample(tmp_path_factory.mktemp("duckdb") / "sample"))


@pytest.fixture(scope="session")
def on_spark(on_duckdb: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("spark")
    (folder / "events").mkdir()
    # With what landing wrote: the same deliveries have the same ids.
    shutil.copytree(on_duckdb.programme, folder / "sample", symlinks=True)
    programme = ask_for_spark(
        folder / "sample",
        **{
            "spark.eventLog.enabled": "true",
            # As text, to be searched.
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": f"file://{folder / 'events'}",
        },
    )
    return run(programme)


def run(programme: Path) -> Run:
    done = run_make_nightly(programme, PSEUDONYM_KEY=KEY)
    assert done.status == 0, done.screen[-5000:]
    return done


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session as dbt opens it."""
    from dbt.adapters.sparksession.connections import SparkSessionCredentials
    from dbt.adapters.sparksession.session import close_session, open_session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSEUDONYM_KEY", KEY)
        storage = str(tmp_path_factory.mktemp("storage"))
        credentials = SparkSessionCredentials(
            database=None, schema="main", master="local[2]", storage=storage, config=FOR_SMALL_TABLES
        )
        yield open_session(credentials)
        close_session()
