"""What a run would make of a file: its first rows, the values that would be quarantined, and the ids that collide."""

import glob
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from orchestration.landing.delivery import Delivery
from orchestration.landing.load import land
from orchestration.programme.contract import Extract
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme
from orchestration.programme.sql import quote_name, quote_path
from orchestration.runtime.connections import connect

ROWS = 5
EXAMPLES = 3
PLAN = "{programme: Onboarding, currency: EUR, timezone: UTC}\n"


def preview(file: Path, table: Extract, entry: dict[str, Any], folder: Path) -> Iterator[str]:
    """Lines for a person. Lands the file in the new programme `folder`."""
    programme = ProgrammeFolder(folder)
    programme.landing.mkdir(parents=True)
    shutil.copyfile(file, programme.landing / file.name)
    programme.plan_file.write_text(PLAN)
    entry = {**entry, "files": glob.escape(f"landing/{file.name}")}
    with programme.extracts_file.open("w", encoding="utf-8") as extracts:
        YAML().dump({"extracts": [entry]}, extracts)
    try:
        landing = land(read_programme(folder))
    except ProgrammeError as error:
        yield str(error)
        return
    yield from (str(refusal) for refusal in landing.refusals)
    for delivery in landing.deliveries:
        yield (
            f"It would load {delivery.rows_kept:,} rows, quarantine {delivery.rows_quarantined:,}"
            f" and drop {delivery.rows_dropped:,} by rule. The first {ROWS}:"
        )
        yield ""
        with connect(delivery.path.parent) as connection:
            yield from _show_rows(connection, delivery, table)
            yield from _show_collisions(connection, delivery, table)
    for found in landing.quarantined_examples:
        yield f"  line {found.line}, {found.column}: {found.value!r} {found.reason}; {found.what_to_do}"


def _show_rows(connection: duckdb.DuckDBPyConnection, delivery: Delivery, table: Extract) -> Iterator[str]:
    columns = ", ".join(quote_name(name) for name in table.column_names)
    query = f"select {columns} from read_parquet({quote_path(delivery.path)}) order by _row limit {ROWS}"
    for number, row in enumerate(connection.execute(query).fetchall(), start=1):
        filled = (f"{n}: {v}" for n, v in zip(table.column_names, row, strict=True) if v is not None)
        yield f"  {number}. {', '.join(filled)}"


def _show_collisions(connection: duckdb.DuckDBPyConnection, delivery: Delivery, table: Extract) -> Iterator[str]:
    """Rows that share a key and differ: only the last of each counts."""
    if not table.key:
        return
    keys = ", ".join(f"coalesce({quote_name(name)}, '')" for name in table.key)
    columns = ", ".join(quote_name(name) for name in table.column_names)
    [(shared, lost, examples)] = connection.execute(f"""
        with
            different as (select distinct {columns} from read_parquet({quote_path(delivery.path)})),
            keys as (select concat_ws(', ', {keys}) as key, count(*) as times from different group by {keys})
        select count(*), sum(times - 1), list(key order by times desc, key)[:{EXAMPLES}] from keys where times > 1
    """).fetchall()
    if not shared:
        return
    name = " and ".join(table.key)
    yield (
        f"  {lost:,} of its rows would be replaced, because a later row has the same {name}: {', '.join(examples)}"
        f"{' …' if shared > EXAMPLES else ''}."
    )
    yield (
        f"  If they are rows of their own, write ids: {{{table.key[0]}: row}} or make the id of several columns; if the"
        " last row is meant to win, write duplicates: last."
    )
