"""Two runs of the sample on each engine, with the same key: pseudonyms must be the same. Some files come after the first
run, so that the second builds upon its tables."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE, Run, run_make_nightly
from tests.spark.cluster import log_events
from tests.spark.programmes import FOR_SMALL_TABLES, ask_for_spark, copy_sample

KEY = "a key that nobody else has"
# Corrections, refunds, cancelled conversions and partners who changed sides: some months differ, others do not.
LATE = (
    "shop_eu/orders_corrected_2026-07-04.csv",
    "shop_eu/refunds_2026-08.csv",
    "affiliate/conversions_2026-07-07.csv",
    "crm/partners_2026-10-05.csv",
)


@pytest.fixture(scope="session")
def first_on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Run:
    programme = copy_sample(tmp_path_factory.mktemp("duckdb") / "sample")
    for file in LATE:
        (programme / "landing" / file).unlink()
    return run(programme)


@pytest.fixture(scope="session")
def first_on_spark(first_on_duckdb: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("spark")
    shutil.copytree(first_on_duckdb.programme, folder / "sample", symlinks=True)
    return run(ask_for_spark(folder / "sample", **log_events(folder / "events")))


@pytest.fixture(scope="session")
def without_late_files(first_on_duckdb: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The programme as the first run left it."""
    copy = tmp_path_factory.mktemp("without_late_files") / "sample"
    shutil.copytree(first_on_duckdb.programme, copy, symlinks=True)
    return replace(first_on_duckdb, programme=copy)


@pytest.fixture(scope="session")
def on_duckdb(first_on_duckdb: Run, first_on_spark: Run, without_late_files: Run) -> Run:
    for file in LATE:
        shutil.copy2(SAMPLE / "landing" / file, first_on_duckdb.programme / "landing" / file)
    return run(first_on_duckdb.programme)


@pytest.fixture(scope="session")
def on_spark(on_duckdb: Run, first_on_spark: Run) -> Run:
    copy_landed(on_duckdb.programme, first_on_spark.programme)
    return run(first_on_spark.programme)


def copy_landed(there: Path, here: Path) -> None:
    """The files of a programme and what landing made of them: the same deliveries have the same ids."""
    for landed in ("landing", "warehouse/raw"):
        shutil.rmtree(here / landed)
        shutil.copytree(there / landed, here / landed)
    shutil.copy2(there / "warehouse/ledger.sqlite", here / "warehouse/ledger.sqlite")


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
