"""A client of the published marts: a plain process that knows DuckDB and nothing of us. It reads until it is stopped.

    python reader.py <how> <published folder> <its own folder>

It appends a byte to `reads` in its own folder after each read, stops when `stop` is there, and then prints what it saw
as JSON: `reads`, `failed` (messages) and `mixed` (what did not agree).
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

PAUSE = 0.2  # leave some of the processor to whoever publishes

Read = Callable[[Path], set[int]]


def open_file(file: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(file, read_only=True, config={"threads": 1})


def count_all(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """Rows of every mart; all are alike in one version."""
    names = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    counts = " union ".join(f"select count(*) from {name}" for (name,) in names)
    return {count for (count,) in connection.execute(counts).fetchall()}


def read_newest_file(published: Path) -> set[int]:
    with open_file(published / "marts.duckdb") as marts:
        return count_all(marts) | count_all(marts)


def read_by_name(published: Path) -> set[int]:
    """The newest version by latest.json: its own database and its Parquet files."""
    latest = json.loads((published / "latest.json").read_text())
    version = (published / latest["marts"]).parent
    with open_file(version / "marts.duckdb") as marts:
        found = count_all(marts) | set(latest["rows"].values())
        for file in sorted(version.glob("*/*.parquet")):
            found |= {marts.execute("select count(*) from read_parquet(?)", [str(file)]).fetchone()[0]}
    return found


def hold_open() -> Read:
    """One connection for all reads."""
    opened: list[duckdb.DuckDBPyConnection] = []

    def read_what_was_opened(published: Path) -> set[int]:
        if not opened:
            opened.append(open_file(published / "marts.duckdb"))
            first.update(count_all(opened[0]))
        return count_all(opened[0]) | first

    first: set[int] = set()
    return read_what_was_opened


WAYS: dict[str, Read] = {"newest": read_newest_file, "by_name": read_by_name, "held": hold_open()}


def read_until_stopped(read: Read, published: Path, own: Path) -> Iterator[tuple[set[int], str | None]]:
    while not (own / "stop").exists():
        try:
            yield read(published), None
        except (duckdb.Error, OSError, ValueError) as error:
            yield set(), f"{type(error).__name__}: {error}"
        with (own / "reads").open("ab") as reads:
            reads.write(b".")
        time.sleep(PAUSE)


def main(how: str, published: str, own: str) -> None:
    seen = list(read_until_stopped(WAYS[how], Path(published), Path(own)))
    summary = {
        "reads": len(seen),
        "failed": [problem for _, problem in seen if problem],
        "mixed": [sorted(numbers) for numbers, _ in seen if len(numbers) > 1],
        "versions": len({min(numbers) for numbers, _ in seen if numbers}),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main(*sys.argv[1:])
