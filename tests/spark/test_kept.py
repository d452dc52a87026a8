"""What a run leaves for the next one: found again by a catalog that has forgotten it, written to by month, and counted."""

import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.spark
ROWS = "select * from values (1, date '2026-01-01'), (2, date '2026-02-01') as rows (number, month)"


def make_table(spark: Any, table: str, where: str = "true") -> Path:
    """A table as dbt makes an incremental one; returns the folder of the session's tables."""
    from dbt.adapters.sparksession.places import name_place

    folder = spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:")
    spark.sql(f"create schema if not exists {table.split('.')[0]}")
    place = f"using parquet partitioned by (month) location '{name_place(folder, table)}'"
    spark.sql(f"create table {table} {place} as {ROWS} where {where}")
    return Path(folder)


def test_tables_are_found_again_by_their_folder_with_their_months(spark: Any, tmp_path: Path):
    from dbt.adapters.sparksession.kept import recover_tables
    from dbt.adapters.sparksession.places import name_place

    folder = make_table(spark, "of_months.numbers")
    spark.sql("drop schema of_months cascade")
    shutil.copytree(
        name_place(str(folder), "of_months.numbers"), name_place(str(tmp_path / "it's"), "of_months.numbers")
    )

    recover_tables(spark, str(tmp_path / "it's"), ["of_months.numbers", "of_months.gone"])
    assert not spark.catalog.tableExists("of_months.gone")
    spark.sql("insert overwrite of_months.numbers partition (month) select 3, date '2026-02-01'")
    found = spark.sql("select number, cast(month as string) from of_months.numbers order by 1").collect()
    assert [tuple(row) for row in found] == [(1, "2026-01-01"), (3, "2026-02-01")]


def test_what_is_not_as_the_run_left_it_is_noticed(spark: Any):
    from dbt.adapters.sparksession.kept import read_kept, write_kept

    folder = str(make_table(spark, "noted.full"))
    make_table(spark, "noted.empty", "false")
    write_kept(spark, folder, "monday", ["noted.full"])
    assert read_kept(spark) == {("monday", "noted.full", 2)}
    spark.sql("insert into noted.full select 4, date '2026-03-01'")
    assert read_kept(spark) == {("monday", "noted.full", 3)}
    spark.sql("drop table noted.full")
    assert read_kept(spark) == {("monday", "noted.full", 0)}
    # Of an empty table nothing is left that could be found again; a run that has begun has nothing to leave yet.
    for tables in (["noted.empty"], []):
        write_kept(spark, folder, "tuesday", tables)
        assert read_kept(spark) == set()
