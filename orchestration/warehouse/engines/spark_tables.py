"""Copies Spark's tables into warehouse.duckdb: from their Parquet files, if these are on this machine, else through the
driver."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.sql import quote_literal, quote_name
from orchestration.warehouse.engines.spark_places import list_files


@dataclass(frozen=True)
class SparkTables:
    """`storage` is the folder that Spark writes to; None: it is none of this machine."""

    warehouse: duckdb.DuckDBPyConnection
    session: Any
    storage: Path | None

    def bring(self, schema: str, table: str, is_incremental: bool) -> None:
        """Copy a table; of an incremental one that the warehouse has, only the months that differ."""
        name = f"{quote_name(schema)}.{quote_name(table)}"
        if not (is_incremental and has_table(self.warehouse, schema, table)):
            self.warehouse.execute(f"create schema if not exists {quote_name(schema)}")
            with self._read(schema, table) as rows:
                self.warehouse.execute(f"create or replace table {name} as {rows}")
        elif months := self._find_changed_months(schema, table):
            listed = ", ".join(f"date '{month}'" for month in sorted(months))
            self.warehouse.execute(f"delete from {name} where cast(month as date) in ({listed})")
            with self._read(schema, table, where=f"cast(month as date) in ({listed})") as rows:
                self.warehouse.execute(f"insert into {name} by name {rows}")

    def _find_changed_months(self, schema: str, table: str) -> Collection[date]:
        """Those whose rows are made of something else than the warehouse's rows (macros/months_to_build.sql)."""
        hashes = "distinct cast(month as date) as month, inputs_hash"
        here = self.warehouse.execute(f"select {hashes} from {quote_name(schema)}.{quote_name(table)}").fetchall()
        with self._read(schema, table, hashes) as rows:
            there = self.warehouse.execute(rows).fetchall()
        return {month for month, _ in {*here} ^ {*there}}

    @contextmanager
    def _read(self, schema: str, table: str, select: str = "*", where: str = "true") -> Iterator[str]:
        """SQL of DuckDB that reads rows of a table of Spark; both engines understand `select` and `where`."""
        there = self.session.table(f"{schema}.{table}")
        if files := list_files(there, self.storage) if self.storage else []:
            listed = ", ".join(map(quote_literal, files))
            columns = ", ".join(map(quote_name, there.columns))
            # The month of a partition is in the name of its folder only.
            rows = f"(select {columns} from read_parquet([{listed}], hive_partitioning = true))"
            yield f"select {select} from {rows} where {where}"
            return
        rows = self.session.sql(f"select {select} from {schema}.{table} where {where}").toArrow()
        self.warehouse.register("rows_of_spark", rows)
        yield "from rows_of_spark"
        self.warehouse.unregister("rows_of_spark")


def has_table(warehouse: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = "select count(*) > 0 from information_schema.tables where table_schema = ? and table_name = ?"
    return bool(warehouse.execute(found, [schema, table]).fetchall()[0][0])
