"""Tables that stay for the next run, which replaces months of them. A catalog forgets them when a run ends, and their
files stay in a folder of their own (places.py). The table engine.kept says which run left them, and how many rows each
has: who wants to build upon them compares that with what the run noted elsewhere."""

from collections.abc import Collection
from typing import Any

from dbt.adapters.sparksession.places import create_schema, name_place, quote
from pyspark.errors import AnalysisException

KEPT = "engine.kept"


def write_kept(session: Any, folder: str, run: str, tables: Collection[str]) -> None:
    """Note that `run` has finished these tables. Of tables without rows nothing stays that can be found again, so that
    with such a one the note is empty."""
    place = quote(name_place(folder, KEPT))
    columns = "run string, table_name string, rows bigint"
    session.sql(f"create table if not exists {KEPT} ({columns}) using parquet location '{place}'")
    rows = [(run, table, count_rows(session, table)) for table in sorted(tables)]
    noted = rows if all(count for *_, count in rows) else []
    frame = session.createDataFrame(noted, session.table(KEPT).schema)
    frame.coalesce(1).write.insertInto(KEPT, overwrite=True)


def read_kept(session: Any) -> set[tuple[str, str, int]]:
    """Which run wrote the note, the tables it names, and how many rows each has now (0 if it is gone). Empty without a
    note."""
    if not session.catalog.tableExists(KEPT):
        return set()
    noted = [(row.run, row.table_name) for row in session.table(KEPT).collect()]
    return {(run, table, count_rows(session, table)) for run, table in noted}


def count_rows(session: Any, table: str) -> int:
    rows: int = session.table(table).count() if session.catalog.tableExists(table) else 0
    return rows


def recover_tables(session: Any, folder: str, tables: Collection[str]) -> None:
    """Tell the catalog of these tables, and of their partitions. One whose files are gone stays unknown."""
    for table in tables:
        create_schema(session, folder, table.split(".")[0])
        place = quote(name_place(folder, table))
        try:
            session.sql(f"create table {table} using parquet location '{place}'")
        except AnalysisException:
            continue
        if any(column.isPartition for column in session.catalog.listColumns(table)):
            session.sql(f"alter table {table} recover partitions")
