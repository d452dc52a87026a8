"""Five marts of the benchmark's programme by Polars, with lazy scans and streaming.

    python benchmarks/runs/with_polars.py PROGRAMME_FOLDER OUT_FOLDER

Covers only what these files need: one shop, one roster, at most one code per order, no row delivered twice, nothing to
quarantine. Money is in whole cents until it is written. The rules are those of dbt_project/models; equality.py compares
the results.
"""

import hashlib
import hmac
import sys
from datetime import date
from pathlib import Path

import polars as pl

# The plan.yml of programme.py, and the defaults of the product.
TIMEZONE = "Europe/Brussels"
RATES = {"EUR": 1.0, "USD": 0.92}
LOOKBACK = pl.duration(days=30)
AS_OF = date(2026, 10, 31)
EVIDENCE = ["code", "referral", "conversion", "click", "survey"]
NO_SALES = ["cancelled", "canceled", "voided", "failed", "test", "draft", "gift"]

COUNTERS = ["impressions", "reach", "views", "likes", "comments", "shares", "saves", "clicks"]
NO_VIEWS = pl.lit(None, pl.Int64).alias("views")
MODELS = ["first_touch", "last_touch", "linear", "position_based", "time_decay", "evidence_order"]


def main(programme: Path, out: Path) -> None:
    marts = {
        f"{schema}/{name}": mart
        for schema, of_schema in (("reach", reach_marts(programme)), ("results", results_marts(programme)))
        for name, mart in of_schema.items()
    }
    # All at once, so that shared inputs are computed once.
    pl.collect_all(
        [
            mart.sink_parquet(out / f"{name}.parquet", compression="zstd", mkdir=True, lazy=True)
            for name, mart in marts.items()
        ],
        engine="streaming",
    )


def reach_marts(programme: Path) -> dict[str, pl.LazyFrame]:
    posts = scan(programme, "posts")
    relationships = scan(programme, "partners").select("partner_id", "relationship")
    counters = [counter for counter in COUNTERS if counter != "views"]
    observed = (
        scan(programme, "post_metrics")
        .with_columns(day=business_day("observed_at"))
        .sort("post_id", "observed_at")
        .with_columns(is_latest=(pl.col("post_id") != pl.col("post_id").shift(-1)).fill_null(True))
        .with_columns(is_latest_of_day=pl.col("is_latest") | (pl.col("day") != pl.col("day").shift(-1)))
        .filter("is_latest_of_day")
    )
    latest = observed.filter("is_latest").select("post_id", *counters, "observed_at")
    is_same = pl.col("post_id") == pl.col("post_id").shift()
    gained = observed.select(
        "post_id", "day", *(pl.when(is_same).then(pl.col(c).diff()).otherwise(pl.col(c)).alias(c) for c in counters)
    )
    dimensions = ["partner_id", "platform", "campaign_id"]
    return {
        "posts": posts.join(latest, on="post_id", how="left")
        .join(relationships, on="partner_id", how="left")
        .select(
            "post_id",
            "partner_id",
            pl.col("relationship").fill_null("unknown"),
            "platform",
            "campaign_id",
            "published_at",
            "is_paid",
            "is_disclosed",
            *(NO_VIEWS if counter == "views" else counter for counter in COUNTERS),
            pl.when(pl.col("reach").is_not_null()).then(pl.lit("measured")).alias("reach_basis"),
            "observed_at",
        ),
        "daily": gained.join(posts.select("post_id", *dimensions), on="post_id")
        .group_by(*dimensions, "day")
        .agg(pl.col(counters).sum())
        .select(*dimensions, "day", *(NO_VIEWS if counter == "views" else counter for counter in COUNTERS)),
    }


def results_marts(programme: Path) -> dict[str, pl.LazyFrame]:
    relationships = scan(programme, "partners").select("partner_id", "name", "relationship")
    orders, clicks = read_with_pseudonyms(programme)
    refunds = price_refunds(programme, orders)
    orders = (
        orders.join(refunds.group_by("order").agg(refunded=pl.col("cents").sum()), on="order", how="left")
        .with_columns(pl.col("refunded").fill_null(0))
        .with_columns(net_revenue=pl.col("net") - pl.col("refunded"))
    )
    touches = find_touches(programme, orders, clicks).collect(engine="streaming").lazy()
    moved = share_out(weigh(touches, orders), find_movements(orders, refunds)).collect(engine="streaming").lazy()
    winners = touches.filter(pl.col("nth_by_evidence") == 1).select(
        "order", "evidence", "partner_id", "campaign_id", "matched_by"
    )
    return {
        "orders": orders.join(winners, on="order", how="left").select(
            "shop",
            "order_id",
            "customer_id",
            "ordered_at",
            "ordered_on",
            as_money("net_revenue"),
            as_money("refunded"),
            as_money(pl.col("net_revenue") - pl.col("cost_of_goods").fill_null(0)).alias("contribution_margin"),
            pl.col("cost_of_goods").is_not_null().alias("has_cost_of_goods"),
            "is_new_customer",
            pl.lit(None, pl.Boolean).alias("is_paid"),
            pl.lit(False).alias("is_renewal"),
            pl.lit(None, pl.String).alias("channel"),
            pl.lit(None, pl.String).alias("region"),
            pl.col("evidence").fill_null("none"),
            "partner_id",
            "campaign_id",
            "matched_by",
        ),
        "credits": credits_mart(moved, touches, orders, relationships),
        "partners": partners_mart(moved, touches, orders, relationships, find_costs(programme)),
    }


def read_with_pseudonyms(programme: Path) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Orders that are sales, numbered, and clicks; customers are numbers in the order of their pseudonyms."""
    orders, clicks = pl.collect_all(
        [
            scan(programme, "orders").select(
                "shop",
                "order_id",
                "customer_id",
                "ordered_at",
                business_day("ordered_at").alias("ordered_on"),
                to_cents("net"),
                to_cents("cost_of_goods"),
                "discount_codes",
                "status",
            ),
            scan(programme, "clicks").select(
                "click_id", "clicked_at", "partner_id", "campaign_id", "customer_id", "visitor_id", "utm_source"
            ),
        ],
        engine="streaming",
    )
    key = (programme / ".pseudonym_key").read_bytes().strip()
    ids = pl.concat([orders["customer_id"], clicks["customer_id"]]).drop_nulls().unique()
    customers = (
        pl.DataFrame({"id": ids, "customer_id": [pseudonymise(one, key) for one in ids]})
        .sort("customer_id")
        .with_row_index("customer")
        .lazy()
    )
    sold = (
        orders.lazy()
        .filter(~pl.col("status").is_in(NO_SALES))
        .rename({"customer_id": "id"})
        .join(customers, on="id", how="left")
        .drop("id", "status")
        .sort("ordered_at", "order_id")
        .with_columns(is_new_customer=pl.col("customer").is_first_distinct())
        .with_row_index("order")
    )
    clicked = clicks.lazy().join(customers.drop("customer_id"), left_on="customer_id", right_on="id", how="left")
    return sold.collect(engine="streaming").lazy(), clicked.drop("customer_id")


def price_refunds(programme: Path, orders: pl.LazyFrame) -> pl.LazyFrame:
    return (
        scan(programme, "refunds")
        .join(orders.select("shop", "order_id", "order"), on=["shop", "order_id"])
        .select("order", business_day("refunded_at").alias("moved_on"), to_cents("amount").alias("cents"))
    )


def find_touches(programme: Path, orders: pl.LazyFrame, clicks: pl.LazyFrame) -> pl.LazyFrame:
    """One row per order and touch, numbered from the first, from the last, by evidence and by a hash."""
    touches = pl.concat(
        [
            touches_from_clicks(orders, clicks),
            touches_from_codes(programme, orders),
            touches_from_conversions(programme, orders),
        ],
        how="diagonal",
    ).with_columns(
        before=pl.col("ordered_at") - pl.col("touched_at"),
        evidence_rank=pl.col("evidence").replace_strict(EVIDENCE, range(len(EVIDENCE)), return_dtype=pl.Int8),
    )
    nth = pl.int_range(1, pl.len() + 1)
    hashed = touches.join(orders.select("order", "shop", "order_id"), on="order").with_columns(
        hash=pl.concat_str("shop", "order_id", "touch_id", separator=" ").map_batches(hash_texts, pl.String)
    )
    return (
        hashed.drop("shop", "order_id")
        .with_columns(
            nth_from_first=nth.over("order", order_by=["touched_at", "evidence_rank", "touch_id"]),
            nth_from_last=nth.over("order", order_by=["before", "evidence_rank", "touch_id"]),
            nth_by_evidence=nth.over("order", order_by=["evidence_rank", "before", "touch_id"]),
            nth_by_hash=nth.over("order", order_by=["hash", "touch_id"]),
        )
        .with_row_index("touch")
    )


def touches_from_clicks(orders: pl.LazyFrame, clicks: pl.LazyFrame) -> pl.LazyFrame:
    """A visit that names its customer is that person's. Another is theirs whom the browser was last identified as, up
    to a day after the order."""
    identified = (
        clicks.filter(pl.col("customer").is_not_null(), pl.col("visitor_id").is_not_null())
        .group_by("visitor_id", pl.col("clicked_at").alias("identified_at"))
        .agg(pl.col("customer").min())
        .sort("visitor_id", "identified_at")
        .filter(
            (pl.col("visitor_id") != pl.col("visitor_id").shift()).fill_null(True)
            | (pl.col("customer") != pl.col("customer").shift())
        )
        .with_columns(
            until=pl.when(pl.col("visitor_id") == pl.col("visitor_id").shift(-1)).then(
                pl.col("identified_at").shift(-1)
            )
        )
    )
    known_until = pl.col("ordered_at") + pl.duration(days=1)
    buyers = orders.select("order", "customer", "ordered_at")
    visitors = (
        buyers.join(identified, on="customer")
        .filter(pl.col("identified_at") <= known_until, pl.col("until").is_null() | (pl.col("until") > known_until))
        .select("order", "ordered_at", "visitor_id")
    )
    visits = [
        clicks.filter(pl.col("customer").is_not_null()).join(buyers, on="customer"),
        clicks.filter(pl.col("customer").is_null()).join(visitors, on="visitor_id"),
    ]
    return (
        pl.concat(visits, how="diagonal")
        .filter(pl.col("clicked_at") <= pl.col("ordered_at"), pl.col("clicked_at") >= pl.col("ordered_at") - LOOKBACK)
        .select(
            "order",
            "ordered_at",
            pl.concat_str(pl.lit("click "), "click_id").alias("touch_id"),
            pl.lit("click").alias("evidence"),
            pl.col("clicked_at").alias("touched_at"),
            "partner_id",
            "campaign_id",
            pl.col("utm_source").str.to_lowercase().alias("platform"),
            pl.lit("person").alias("matched_by"),
        )
    )


def touches_from_codes(programme: Path, orders: pl.LazyFrame) -> pl.LazyFrame:
    codes = scan(programme, "codes").with_columns(pl.col("code").str.to_uppercase())
    used = orders.select("order", "ordered_at", code=pl.col("discount_codes").str.to_uppercase())
    return used.join(codes, on="code").select(
        "order",
        "ordered_at",
        pl.concat_str(pl.lit("code "), "code").alias("touch_id"),
        pl.lit("code").alias("evidence"),
        pl.col("ordered_at").alias("touched_at"),
        "partner_id",
        "campaign_id",
        pl.lit("code").alias("matched_by"),
    )


def touches_from_conversions(programme: Path, orders: pl.LazyFrame) -> pl.LazyFrame:
    return (
        scan(programme, "conversions")
        .filter(pl.col("kind") == "sale", pl.col("state") != "reversed")
        .join(orders.select("order", "order_id", "ordered_at"), on="order_id")
        .with_columns(touched_at=pl.min_horizontal("converted_at", "ordered_at"))
        .filter(pl.col("touched_at") >= pl.col("ordered_at") - LOOKBACK)
        .select(
            "order",
            "ordered_at",
            pl.concat_str(pl.lit("conversion "), "conversion_id").alias("touch_id"),
            pl.lit("conversion").alias("evidence"),
            "touched_at",
            "partner_id",
            "campaign_id",
            pl.lit("order_id").alias("matched_by"),
        )
    )


def weigh(touches: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    """One row per attribution model, order and credited touch, with the touch's share of the order."""
    count = pl.len().over("order")
    is_first, is_last = pl.col("nth_from_first") == 1, pl.col("nth_from_last") == 1
    # If all touches have the same time, the best evidence is both first and last; then the next one is the last.
    last = 1 + (is_first & is_last).any().over("order").cast(pl.Int64)
    days = pl.col("before").dt.total_seconds() / 86400.0
    weights = {
        "first_touch": is_first,
        "last_touch": is_last,
        "linear": pl.lit(1.0),
        "position_based": pl.when(count <= 2)
        .then(1.0)
        .when(is_first | (pl.col("nth_from_last") == last))
        .then(0.4)
        .otherwise(0.2 / (count - 2)),
        "time_decay": pl.lit(2.0).pow((days.min().over("order") - days) / 7.0),
        "evidence_order": pl.col("nth_by_evidence") == 1,
    }
    of_model = ["order", "attribution_model"]
    share = pl.col("share")
    return (
        touches.select(
            "order", "touch", "nth_by_hash", *(weights[model].cast(pl.Float64).alias(model) for model in MODELS)
        )
        .unpivot(MODELS, index=["order", "touch", "nth_by_hash"], variable_name="attribution_model")
        .with_columns(pl.col("attribution_model").cast(pl.Enum(MODELS)))
        .filter(pl.col("value") > 0)
        .with_columns(share=pl.col("value") / pl.col("value").max().over(of_model))
        # Summed in fixed point, so that the last digit does not depend on the order.
        .with_columns(credit_ratio=share / ((share * 1e15 + 0.5).floor().cast(pl.Int64).sum().over(of_model) / 1e15))
        .drop("value", "share")
    )


def find_movements(orders: pl.LazyFrame, refunds: pl.LazyFrame) -> pl.LazyFrame:
    """Sale, refunds by day and cost of goods of each order, with the balance in cents after each."""
    sales = orders.select("order", pl.col("ordered_on").alias("moved_on"), pl.col("net").alias("cents"), kind=pl.lit(0))
    refunded = refunds.group_by("order", "moved_on").agg(-pl.col("cents").sum()).with_columns(kind=pl.lit(1))
    costs = orders.filter(pl.col("cost_of_goods").is_not_null()).select(
        "order", pl.col("ordered_on").alias("moved_on"), pl.col("cost_of_goods").alias("cents"), kind=pl.lit(2)
    )
    return (
        pl.concat([sales, refunded, costs])
        .sort("order", "kind", "moved_on")
        .with_row_index("movement")
        .select(
            "order",
            "movement",
            pl.col("moved_on").dt.truncate("1mo").alias("month"),
            (pl.col("kind") == 0).alias("is_sale"),
            (pl.col("kind") == 2).alias("is_cost"),
            pl.col("cents").cum_sum().over("order", pl.col("kind") == 2).alias("balance"),
        )
    )


def share_out(weighted: pl.LazyFrame, movements: pl.LazyFrame) -> pl.LazyFrame:
    """Each movement by attribution model and touch: the balance in whole cents by largest remainders (Hamilton), minus
    the balance before."""
    exact = pl.col("balance") * pl.col("credit_ratio")
    shared = ["movement", "attribution_model"]
    left, nth = pl.col("left"), pl.col("nth")
    # Sorting and comparing neighbours is three times as fast as window functions.
    is_same = pl.all_horizontal(
        pl.col(column) == pl.col(column).shift() for column in ("touch", "attribution_model", "is_cost")
    )
    return (
        weighted.join(movements, on="order")
        .with_columns(cents=exact.floor().cast(pl.Int64), remainder=exact.floor() - exact)
        .sort(*shared, "remainder", "nth_by_hash")
        .with_row_index("row")
        .with_columns(
            left=pl.col("balance") - pl.col("cents").sum().over(shared),
            nth=1 + pl.col("row") - pl.col("row").min().over(shared),
        )
        # Floating point may round one share up; then the first share loses a cent.
        .with_columns(
            pl.col("cents") + pl.when(nth <= left).then(1).when((nth == 1) & (left < 0)).then(left).otherwise(0)
        )
        .sort("touch", "attribution_model", "movement")
        .with_columns(moved=pl.col("cents") - pl.when(is_same).then(pl.col("cents").shift()).otherwise(0))
        .drop("nth_by_hash", "remainder", "left", "nth", "row", "cents", "movement", "balance")
    )


def find_costs(programme: Path) -> pl.LazyFrame:
    """Approved commissions, of which each attribution model has all."""
    commissions = scan(programme, "conversions").filter(pl.col("state") == "approved")
    models = pl.LazyFrame({"attribution_model": MODELS}, schema={"attribution_model": pl.Enum(MODELS)})
    return (
        commissions.group_by("partner_id", business_day("converted_at").dt.truncate("1mo").alias("month"))
        .agg(cost=(pl.col("commission") * 100).round().cast(pl.Int64).sum())
        .join(models, how="cross")
    )


def credits_mart(
    moved: pl.LazyFrame, touches: pl.LazyFrame, orders: pl.LazyFrame, relationships: pl.LazyFrame
) -> pl.LazyFrame:
    return (
        moved.filter(~pl.col("is_cost"))
        .group_by("touch", "attribution_model")
        .agg(pl.col("credit_ratio").max(), credited_revenue=pl.col("moved").sum())
        .join(touches, on="touch")
        .join(orders.select("order", "shop", "order_id"), on="order")
        .join(relationships, on="partner_id", how="left")
        .select(
            "shop",
            "order_id",
            pl.col("attribution_model").cast(pl.String),
            "touch_id",
            "partner_id",
            pl.col("relationship").fill_null("(unassigned)"),
            "campaign_id",
            "platform",
            "evidence",
            "touched_at",
            "credit_ratio",
            as_money("credited_revenue"),
        )
    )


def partners_mart(
    moved: pl.LazyFrame,
    touches: pl.LazyFrame,
    orders: pl.LazyFrame,
    relationships: pl.LazyFrame,
    costs: pl.LazyFrame,
) -> pl.LazyFrame:
    # Integers of 1e-12, as in weigh. This programme has no referrals.
    ratio = (pl.col("credit_ratio") * 1e12 + 0.5).floor().cast(pl.Int64)

    def to_share(trillionths: pl.Expr) -> pl.Expr:
        return (trillionths + 500_000) // 1_000_000 / 1e6

    months = (
        moved.join(touches.select("touch", "partner_id"), on="touch")
        .join(orders.select("order", "is_new_customer"), on="order")
        .with_columns(ratio=pl.when("is_sale").then(ratio).otherwise(0))
        .group_by("partner_id", "month", "attribution_model")
        .agg(
            orders=to_share(pl.sum("ratio")),
            net_revenue=pl.col("moved").filter(~pl.col("is_cost")).sum(),
            new_customers=to_share(pl.col("ratio").filter("is_new_customer").sum()),
            cost_of_goods=pl.col("moved").filter("is_cost").sum(),
        )
        .join(costs, on=["partner_id", "month", "attribution_model"], how="full", coalesce=True)
        .with_columns(pl.col("orders", "net_revenue", "new_customers", "cost_of_goods").fill_null(0))
        .with_columns(contribution_margin=pl.col("net_revenue") - pl.col("cost_of_goods") - pl.col("cost").fill_null(0))
    )
    return months.join(relationships, on="partner_id", how="left").select(
        "partner_id",
        "name",
        pl.col("relationship").fill_null("(unassigned)"),
        "month",
        pl.col("attribution_model").cast(pl.String),
        "orders",
        as_money("net_revenue"),
        "new_customers",
        pl.lit(0.0).alias("referred_customers"),
        as_money("cost"),
        as_money("contribution_margin"),
        (pl.col("contribution_margin") / none_if_zero("cost")).alias("return_on_cost"),
        (pl.col("net_revenue") / none_if_zero("cost")).alias("roas"),
        (pl.col("cost") / 100 / none_if_zero("new_customers")).alias("cost_per_new_customer"),
        (pl.col("net_revenue") / 100 / none_if_zero("orders")).alias("average_order_value"),
        (pl.col("month").dt.offset_by("1mo") + LOOKBACK <= AS_OF).alias("is_final"),
    )


def scan(programme: Path, extract: str) -> pl.LazyFrame:
    amounts = {"orders": ["net", "cost_of_goods"], "refunds": ["amount"], "conversions": ["commission"]}
    return pl.scan_csv(
        programme / "landing" / extract / "*.csv",
        try_parse_dates=True,
        schema_overrides=dict.fromkeys(amounts.get(extract, ()), pl.Float64),
    )


def pseudonymise(customer_id: str, key: bytes) -> str:
    """128 bits of HMAC-SHA256."""
    one = customer_id.strip()
    return hmac.digest(key, (one.lower() if "@" in one else one).encode(), "sha256").hex()[:32]


def hash_texts(texts: pl.Series) -> pl.Series:
    return pl.Series([hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts], dtype=pl.String)


def business_day(moment: str) -> pl.Expr:
    return pl.col(moment).dt.replace_time_zone("UTC").dt.convert_time_zone(TIMEZONE).dt.date()


def to_cents(amount: str) -> pl.Expr:
    """In the reporting currency; rounded to cents first, so that no amount is just below half a cent."""
    rate = pl.col("currency").replace_strict(RATES, return_dtype=pl.Float64)
    return ((pl.col(amount) * 100).round() * rate).round().cast(pl.Int64)


def as_money(cents: str | pl.Expr) -> pl.Expr:
    cents = pl.col(cents) if isinstance(cents, str) else cents
    return (cents.cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))


def none_if_zero(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != 0).then(column)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
