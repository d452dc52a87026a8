"""Published versions of two or three small marts, made without a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.targets.version import PublishedVersion

ORDERS = """
    select
        i::bigint as order_id,
        case when i % 3 = 0 then null else 'eu' end as shop,
        (i * {number} / 7)::decimal(18, 2) as net_revenue,
        timestamp '2026-03-01 10:00:00' + i * interval 1 hour as ordered_at,
        date '2026-03-01' as ordered_on,
        i % 2 = 0 as is_paid,
        i / 3.0 as credit_ratio,
        {number}::bigint as version
    from range({rows}) as numbers (i)
"""
POSTS = """
    select i as post_id, ['tea', null, 'a "b" {{,}}'] as topics, {number}::int as version, 'läçk €' as name
    from range({rows} + 1) as numbers (i)
"""
KEYS = {"results.orders": ("order_id", "shop"), "reach.posts": ("post_id",)}
NOT_NULL = {"results.orders": ("order_id",), "reach.posts": ("post_id", "version")}


def make_version(
    folder: Path,
    number: int,
    rows: int = 20,
    marts: Mapping[str, str] | None = None,
    programme: str = "Tiny",
    **latest: Any,
) -> PublishedVersion:
    """Version `number`: each row of each mart has the number in its column `version`."""
    name = f"2026-03-01T0300{number:02}Z"
    target = folder / name
    target.mkdir(parents=True)
    queries = {"results.orders": ORDERS, "reach.posts": POSTS, **(marts or {})}
    counts = {}
    with duckdb.connect(target / "marts.duckdb") as database:
        for mart, query in queries.items():
            database.execute(f"create schema if not exists {mart.partition('.')[0]}")
            database.execute(f"create table {mart} as {query.format(number=number, rows=rows)}")
            [(counts[mart],)] = database.execute(f"select count(*) from {mart}").fetchall()
            database.execute(f"comment on table {mart} is 'It''s {mart}. One row per thing.'")
            database.execute(f"comment on column {mart}.version is 'Number of the version.'")
    content = {
        "version": name,
        "made_at": f"2026-03-01T03:{number // 60:02}:{number % 60:02}+00:00",
        "as_of": "2026-03-01",
        "programme": programme,
        "currency": "EUR",
        "rows": counts,
        "keys": {mart: key for mart, key in KEYS.items() if mart in queries},
        "not_null": {mart: columns for mart, columns in NOT_NULL.items() if mart in queries},
        "versions": [name],
        **latest,
    }
    return PublishedVersion(target, content)
