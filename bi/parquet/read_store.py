"""Reads the published version of an object store through latest.json, as docs/operations.md shows it, and prints what
it found as JSON.

    .tools/bi/parquet/bin/python bi/parquet/read_store.py duckdb|pandas|polars|spark s3://bucket/folder FOLDER

Keys and endpoint are those of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL).
FOLDER is for Spark's copies.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import s3fs


@dataclass(frozen=True)
class Facts:
    """Of results.orders: rows, revenue to the cent, rows with a shop, the first order in UTC; of reach.posts: the
    topics of the first post."""

    version: str
    orders: int
    net_revenue: str
    shops: int
    first_ordered_at: str
    topics: Sequence[str]


class Lake:
    def __init__(self, url: str):
        self.url, self.store = url, s3fs.S3FileSystem()
        self.latest = json.loads(self.store.cat_file(f"{url}/latest.json"))

    def list_files(self, mart: str) -> list[str]:
        return [f"{self.url}/{file}" for file in self.latest["parquet"][mart]]

    def describe(self, orders: int, revenue: Any, shops: int, first: datetime, topics: Sequence[str]) -> Facts:
        moment = first.isoformat()
        return Facts(self.latest["version"], int(orders), str(revenue), int(shops), moment, list(topics))


def read_by_duckdb(lake: Lake) -> Facts:
    import duckdb

    duckdb.execute("set TimeZone = 'UTC'")
    duckdb.register_filesystem(lake.store)
    orders, posts = lake.list_files("results.orders"), lake.list_files("reach.posts")
    columns = "count(*), sum(net_revenue), count(shop), min(ordered_at)"
    row = duckdb.sql(f"select {columns} from read_parquet({orders})").fetchone()
    [(topics,)] = duckdb.sql(f"select topics from read_parquet({posts}) order by post_id limit 1").fetchall()
    return lake.describe(*row, topics)


def read_by_pandas(lake: Lake) -> Facts:
    import pandas as pd

    def read(mart: str) -> pd.DataFrame:
        return pd.concat(pd.read_parquet(lake.store.open(file)) for file in lake.list_files(mart))

    orders, posts = read("results.orders"), read("reach.posts").sort_values("post_id")
    first = orders["ordered_at"].min().to_pydatetime()
    return lake.describe(
        len(orders), orders["net_revenue"].sum(), orders["shop"].count(), first, posts["topics"].iloc[0]
    )


def read_by_polars(lake: Lake) -> Facts:
    import polars as pl

    options = {"aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"], "aws_allow_http": "true"}
    orders = pl.scan_parquet(lake.list_files("results.orders"), storage_options=options)
    posts = pl.scan_parquet(lake.list_files("reach.posts"), storage_options=options)
    columns = pl.len(), pl.col("net_revenue").sum(), pl.col("shop").count(), pl.col("ordered_at").min()
    [row] = orders.select(*columns).collect().rows()
    return lake.describe(*row, posts.sort("post_id").collect()["topics"][0].to_list())


def read_by_spark(lake: Lake, folder: Path) -> Facts:
    """From copies of the objects: Spark alone has no file system for S3; that is a package of Java's world."""
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()

    def read(mart: str) -> Any:
        files = lake.list_files(mart)
        copies = [str(folder / f"{mart}-{number}.parquet") for number in range(len(files))]
        lake.store.get(files, copies)
        return spark.read.parquet(*copies)

    columns = F.count("*"), F.sum("net_revenue"), F.count("shop"), F.date_format(F.min("ordered_at"), ISO)
    orders, revenue, shops, first = read("results.orders").agg(*columns).first()
    topics = read("reach.posts").orderBy("post_id").first()["topics"]
    spark.stop()
    return lake.describe(orders, revenue, shops, datetime.fromisoformat(first), topics)


ISO = "yyyy-MM-dd'T'HH:mm:ssxxx"


def main(tool: str, url: str, folder: str) -> None:
    lake = Lake(url)
    if tool == "spark":
        facts = read_by_spark(lake, Path(folder))
    else:
        facts = {"duckdb": read_by_duckdb, "pandas": read_by_pandas, "polars": read_by_polars}[tool](lake)
    print(json.dumps(asdict(facts)))


if __name__ == "__main__":
    main(*sys.argv[1:])
