"""Compares the marts in two folders.

    python -m benchmarks.runs.equality FOLDER OTHER_FOLDER

Compares Parquet files and attribution models that both folders have. Columns must have the same names and types. Rows
are compared as a multiset: doubles (ratios and shares) to 1e-9, everything else exactly.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

MARTS = ("reach/posts", "reach/daily", "results/orders", "results/credits", "results/partners")
TOLERANCE = 1e-9
SIDES = ("one", "other")


@dataclass(frozen=True)
class Difference:
    """A difference in a mart; `rows` counts rows of either side without an equal row on the other side."""

    mart: str
    rows: int
    example: str


def compare_folders(one: Path, other: Path, marts: tuple[str, ...] = MARTS) -> list[Difference]:
    """Empty if there is no difference. Raises duckdb.IOException if a mart is missing, ValueError if two marts have no
    attribution model in common."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return [found for mart in marts if (found := compare_mart(connection, mart, one, other))]


def compare_mart(connection: duckdb.DuckDBPyConnection, mart: str, one: Path, other: Path) -> Difference | None:
    for side, folder in zip(SIDES, (one, other), strict=True):
        # A large mart that was published is a file per month.
        pattern = f"{mart}.parquet" if (folder / f"{mart}.parquet").exists() else f"{mart}/*/*.parquet"
        files = str(folder / pattern).replace("'", "''")
        connection.execute(f"create or replace view {side} as from read_parquet('{files}', hive_partitioning = false)")
    columns, others = (
        sorted((name, kind) for name, kind, *_ in connection.execute(f"describe {side}").fetchall()) for side in SIDES
    )
    if columns != others:
        unlike = [
            f"{column} ↔ {against}" for column, against in zip(columns, others, strict=False) if column != against
        ]
        return Difference(mart, 0, f"columns: {'; '.join(unlike) or f'{len(columns)} ↔ {len(others)}'}")
    for side in SIDES:
        connection.execute(f"create or replace temp table numbered_{side} as {number_rows(side, columns, connection)}")
    unmatched = find_unmatched(connection, columns)
    connection.execute("drop table numbered_one; drop table numbered_other")
    return Difference(mart, *unmatched) if unmatched else None


def number_rows(side: str, columns: list[tuple[str, str]], connection: duckdb.DuckDBPyConnection) -> str:
    """SQL: rows of the models that both have; rows that differ only in doubles are numbered in the order of these."""
    names = [quote(name) for name, _ in columns]
    exact = [quote(name) for name, kind in columns if kind != "DOUBLE"]
    doubles = [quote(name) for name, kind in columns if kind == "DOUBLE"]
    where = ""
    if ("attribution_model", "VARCHAR") in columns:
        common = "(select attribution_model from one intersect select attribution_model from other)"
        if not connection.execute(f"select 1 from {common} limit 1").fetchall():
            raise ValueError("the two have no attribution model in common")
        where = f"where attribution_model in {common}"
    order = f" order by {', '.join(doubles)}" if doubles else ""
    return (
        f"select {', '.join(names)}, row_number() over (partition by {', '.join(exact)}{order}) as nth_alike"
        f" from {side} {where}"
    )


def find_unmatched(connection: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]]) -> tuple[int, str] | None:
    """Number of rows without an equal on the other side, and an example."""
    same = [
        f"one.{quote(name)} is not distinct from other.{quote(name)}"
        for name, kind in [*columns, ("nth_alike", "BIGINT")]
        if kind != "DOUBLE"
    ]
    near = [
        f"(one.{name} is not distinct from other.{name}"
        f" or coalesce(abs(one.{name} - other.{name}) <= {TOLERANCE}, false))"
        for name in (quote(name) for name, kind in columns if kind == "DOUBLE")
    ]
    joined = f"on {' and '.join(same)} where one.nth_alike is null or other.nth_alike is null"
    if near:
        joined += f" or not ({' and '.join(near)})"
    counted = connection.execute(
        "select count(one.nth_alike) + count(other.nth_alike)"
        f" from numbered_one as one full join numbered_other as other {joined}"
    ).fetchone()[0]
    if not counted:
        return None
    names = ", ".join(f"{quote(name)} := {{side}}.{quote(name)}" for name, _ in columns)
    row = connection.execute(
        "select "
        + ", ".join(
            f"case when {side}.nth_alike is not null then struct_pack({names.format(side=side)}) end" for side in SIDES
        )
        + f" from numbered_one as one full join numbered_other as other {joined} order by all limit 1"
    ).fetchone()
    return counted, "\n".join(f"    {side}: {describe(value)}" for side, value in zip(SIDES, row, strict=True))


def describe(row: dict | None) -> str:
    return "has no such row" if row is None else ", ".join(f"{name}={value}" for name, value in row.items())


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def main(one: Path, other: Path) -> int:
    differences = compare_folders(one, other)
    for difference in differences:
        print(f"{difference.mart}: {difference.rows} rows differ\n{difference.example}")
    if not differences:
        print(f"the same: {', '.join(MARTS)}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
