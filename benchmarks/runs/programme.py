"""A programme of a given size: two years of post_metrics, clicks, orders, refunds and conversions, seeded.

Everything is written by DuckDB from hashes of row numbers, so the same size and seed are the same files.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

SEED = 20261124
DAYS = 730
FIRST_DAY = "2024-11-01"
LAST_DAY = "2026-10-31"


@dataclass(frozen=True)
class Size:
    """Rows of the large extracts; each post is observed 40 times, a customer orders 4 times."""

    name: str
    post_metrics: int
    clicks: int
    orders: int

    @property
    def posts(self) -> int:
        return self.post_metrics // 40

    @property
    def customers(self) -> int:
        return self.orders // 4

    @property
    def partners(self) -> int:
        return max(50, min(2000, self.orders // 500))


SIZES = {
    "XS": Size("XS", 10_000, 10_000, 2_500),
    "S": Size("S", 100_000, 100_000, 25_000),
    "M/4": Size("M_4", 500_000, 500_000, 125_000),
    "M": Size("M", 2_000_000, 2_000_000, 500_000),
    "4M": Size("4M", 8_000_000, 8_000_000, 2_000_000),
    "L": Size("L", 20_000_000, 20_000_000, 5_000_000),
}

PLAN = """
programme: A benchmark
currency: EUR
timezone: Europe/Brussels
lookback_days: 30
exchange_rates: {USD: 0.92}
objectives:
  - id: sell
    statement: People who trust our partners buy.
    owner: benchmark
    goals:
      - id: revenue
        kpi: net_revenue
        target: 1000000
        baseline: 0
        starts_on: 2026-01-01
        ends_on: 2026-12-31
        evidence: tracked
      - id: new
        kpi: new_customers
        target: 1000
        baseline: 0
        starts_on: 2026-01-01
        ends_on: 2026-12-31
        evidence: tracked
"""

EXTRACTS = "extracts:\n" + "".join(
    f"  - {{files: 'landing/{extract}/*.csv', feeds: {extract}, timezone: UTC}}\n"
    for extract in (
        "partners",
        "campaigns",
        "codes",
        "posts",
        "post_metrics",
        "clicks",
        "orders",
        "refunds",
        "conversions",
    )
)


# A file has the rows of one month. The date in its name is that of the delivery.
MONTH = "%Y-%m-28"


def random(salt: str, modulus: str | int, row: str = "i") -> str:
    """SQL for an integer from 0 to modulus - 1, a hash of row and salt."""
    return f"(hash({row} + {SEED}, '{salt}') % ({modulus}))::bigint"


def moment(salt: str, row: str = "i") -> str:
    return f"(timestamp '{FIRST_DAY}' + to_seconds({random(salt, DAYS * 86400, row)}))"


def describe_tables(size: Size) -> dict[str, tuple[str, str]]:
    """By extract: SQL of its rows, and the column that dates the delivery of a row (null: one file for all)."""
    partner = f"'p' || {random('partner', size.partners)}"
    customer = f"'customer-' || {random('customer', size.customers)} || '@shop.example'"
    return {
        "partners": (
            "select 'p' || i as partner_id, 'Partner ' || i as name,"
            f" ['influencer', 'customer', 'employee', 'community'][1 + {random('relationship', 4)}] as relationship,"
            " i % 3 > 0 as is_connected, 'coffee;brewing' as topics"
            f" from range({size.partners}) t(i)",
            "null",
        ),
        "campaigns": (
            "select 'c' || i as campaign_id, 'Campaign ' || i as name, 'coffee' as topics from range(24) t(i)",
            "null",
        ),
        "codes": (
            "select 'CODE' || i as code, 'p' || i as partner_id, 'c' || (i % 24) as campaign_id"
            f" from range({size.partners // 2}) t(i)",
            "null",
        ),
        "posts": (
            f"select 'post-' || i as post_id, {partner} as partner_id,"
            f" ['instagram', 'tiktok', 'youtube'][1 + {random('platform', 3)}] as platform,"
            f" 'c' || {random('campaign', 24)} as campaign_id, {moment('posted')} as published_at,"
            f" {random('paid', 3)} = 0 as is_paid, {random('disclosed', 5)} > 0 as is_disclosed"
            f" from range({size.posts}) t(i)",
            "published_at",
        ),
        "post_metrics": (
            "select 'post-' || post as post_id, published_at + to_days(nth) as observed_at,"
            " base * nth as impressions, base * nth * 7 // 10 as reach, base * nth // 20 as likes,"
            " base * nth // 200 as comments, base * nth // 500 as shares, base * nth // 300 as saves,"
            " base * nth // 100 as clicks"
            f" from (select i // 40 as post, 1 + i % 40 as nth, {moment('posted', 'i // 40')} as published_at,"
            f" 20 + {random('base', 5000, 'i // 40')} as base from range({size.post_metrics}) t(i))"
            f" where published_at + to_days(nth) < timestamp '{LAST_DAY}' + interval 1 day",
            "observed_at",
        ),
        "clicks": (
            f"select 'click-' || i as click_id, {moment('clicked')} as clicked_at, {partner} as partner_id,"
            f" 'c' || {random('campaign', 24)} as campaign_id,"
            f" case when {random('known', 3)} = 0 then {customer} end as customer_id,"
            f" 'visitor-' || {random('visitor', size.customers * 2)} as visitor_id,"
            " 'instagram' as utm_source, 'social' as utm_medium, 'spring' as utm_campaign"
            f" from range({size.clicks}) t(i)",
            "clicked_at",
        ),
        "orders": (
            f"select 'shop' as shop, 'order-' || i as order_id, {customer} as customer_id,"
            f" {moment('ordered')} as ordered_at, case when i % 10 = 0 then 'USD' else 'EUR' end as currency,"
            f" (1000 + {random('net', 20000)}) / 100.0 as gross, 0 as discount,"
            f" (1000 + {random('net', 20000)}) / 100.0 as net, 3.50 as cost_of_goods,"
            f" case when {random('coded', 8)} = 0 then 'CODE' || {random('code', size.partners // 2)} end"
            " as discount_codes, case when i % 100 = 0 then 'cancelled' else 'paid' end as status"
            f" from range({size.orders}) t(i)",
            "ordered_at",
        ),
        "refunds": (
            "select 'shop' as shop, 'refund-' || i as refund_id, 'order-' || i * 20 as order_id,"
            f" {moment('ordered', 'i * 20')} + to_days((1 + {random('later', 60)})::int) as refunded_at,"
            " 5.00 as amount, case when (i * 20) % 10 = 0 then 'USD' else 'EUR' end as currency"
            f" from range({size.orders // 20}) t(i)",
            "refunded_at",
        ),
        "conversions": (
            f"select 'conversion-' || i as conversion_id, {moment('ordered', 'i * 10')} as converted_at,"
            f" {partner} as partner_id, 'c' || {random('campaign', 24)} as campaign_id,"
            " 'order-' || i * 10 as order_id, 'sale' as kind, 1 as orders, 20.00 as revenue, 'EUR' as currency,"
            " 2.00 as commission, 'approved' as state"
            f" from range({size.orders // 10}) t(i)",
            "converted_at",
        ),
    }


def write_programme(folder: Path, size: Size) -> None:
    """plan.yml, extracts.yml and landing/ with one file per extract and month; rows of the last day go to new_day/."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "plan.yml").write_text(PLAN.lstrip())
    (folder / "extracts.yml").write_text(EXTRACTS)
    with duckdb.connect(folder / "rows.duckdb") as connection:
        connection.execute("set preserve_insertion_order = true; set TimeZone = 'UTC'")
        for extract, (rows, day) in describe_tables(size).items():
            connection.execute(
                f"create table {extract} as select *, strftime({day}, '{MONTH}') as period,"
                f" coalesce({day} >= timestamp '{LAST_DAY}', false) as is_new from ({rows})"
            )
            write_files(connection, extract, folder)
            connection.execute(f"drop table {extract}")
    (folder / "rows.duckdb").unlink()


def write_files(connection: duckdb.DuckDBPyConnection, extract: str, folder: Path) -> None:
    periods = connection.execute(f"select distinct period from {extract} where not is_new order by 1").fetchall()
    landing = folder / "landing" / extract
    landing.mkdir(parents=True)
    for (period,) in periods:
        file = landing / (f"{extract}_{period}.csv" if period else f"{extract}.csv")
        write_file(
            connection, extract, f"not is_new and period is not distinct from {period!r}" if period else "true", file
        )
    new = folder / "new_day" / extract
    new.mkdir(parents=True)
    if connection.execute(f"select 1 from {extract} where is_new limit 1").fetchall():
        write_file(connection, extract, "is_new", new / f"{extract}_{LAST_DAY}.csv")


def write_file(connection: duckdb.DuckDBPyConnection, extract: str, where: str, file: Path) -> None:
    connection.execute(
        f"copy (select * exclude (period, is_new) from {extract} where {where}) to '{file}' (header, delimiter ',')"
    )


def deliver_new_day(folder: Path) -> None:
    for file in (folder / "new_day").rglob("*.csv"):
        shutil.copy2(file, folder / "landing" / file.parent.name / file.name)
