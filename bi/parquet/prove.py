"""Proves that the Parquet files of each mart of the newest version are the same table in all four readers.

Compares the columns and, for every column, the number of values and the sum of numbers.
Spark needs Java 17 or newer. Raises AssertionError with what differs.
"""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet
import pyarrow.types
from pyspark.sql import SparkSession
from pyspark.sql import functions as spark_functions

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme"
PUBLISHED = Path(os.environ.get("PROGRAMME", SAMPLE)) / "published"

Files = Sequence[str]
# By column: number of values, and the sum of numbers.
Facts = Mapping[str, tuple[int, float | None]]


def describe_by_duckdb(files: Files, numbers: set[str]) -> Facts:
    table = duckdb.read_parquet(list(files))
    return {
        name: table.aggregate(f'count("{name}"), {f"""sum("{name}")""" if name in numbers else "null"}').fetchone()
        for name in table.columns
    }


def describe_by_pandas(files: Files, numbers: set[str]) -> Facts:
    table = pandas.concat(pandas.read_parquet(file) for file in files)
    return {
        name: (int(table[name].count()), table[name].dropna().sum() if name in numbers else None)
        for name in table.columns
    }


def describe_by_polars(files: Files, numbers: set[str]) -> Facts:
    table = polars.read_parquet(list(files))
    return {name: (table[name].count(), table[name].sum() if name in numbers else None) for name in table.columns}


def describe_by_spark(spark: SparkSession, files: Files, numbers: set[str]) -> Facts:
    table = spark.read.parquet(*files)
    asked = [spark_functions.count(f"`{name}`") for name in table.columns]
    asked += [spark_functions.sum(f"`{name}`") for name in table.columns if name in numbers]
    row = list(table.agg(*asked).first())
    sums = iter(row[len(table.columns) :])
    return {
        name: (count, next(sums) if name in numbers else None)
        for name, count in zip(table.columns, row[: len(table.columns)], strict=True)
    }


def list_numbers(file: str) -> set[str]:
    kinds = pyarrow.types
    tests = (kinds.is_integer, kinds.is_floating, kinds.is_decimal)
    return {field.name for field in pyarrow.parquet.read_schema(file) if any(test(field.type) for test in tests)}


def is_alike(one: Facts, other: Facts) -> bool:
    return list(one) == list(other) and all(
        one[name][0] == other[name][0]
        and math.isclose(float(one[name][1] or 0), float(other[name][1] or 0), rel_tol=1e-9, abs_tol=1e-6)
        for name in one
    )


def main() -> None:
    latest = json.loads((PUBLISHED / "latest.json").read_text(encoding="utf-8"))
    marts = {mart: [str(PUBLISHED / file) for file in files] for mart, files in latest["parquet"].items()}
    assert marts, latest["version"]
    settings = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for mart, files in marts.items():
        numbers = list_numbers(files[0])
        expected = describe_by_duckdb(files, numbers)
        for tool, found in {
            "pandas": describe_by_pandas(files, numbers),
            "Polars": describe_by_polars(files, numbers),
            "Spark": describe_by_spark(spark, files, numbers),
        }.items():
            assert is_alike(expected, found), (mart, tool, dict(expected), dict(found))
        print(f"{mart}: {len(expected)} columns alike in DuckDB, pandas, Polars and Spark")
    spark.stop()


if __name__ == "__main__":
    main()
