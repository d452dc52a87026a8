"""Five marts of the benchmark's programme by pandas, written as an experienced analyst would.

    python benchmarks/nights/with_pandas.py PROGRAMME_FOLDER OUT_FOLDER

Here is what these files need and no more: one shop, one roster, at most one code an order, no row delivered twice,
nothing to quarantine. Money is whole cents until it is written. The rules are those of dbt_project/models; equality.py
compares.
"""

import hmac
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# What programme.py writes into plan.yml, and the product's own defaults.
TIMEZONE = "Europe/Brussels"
RATES = {"EUR": 1.0, "USD": 0.92}
LOOKBACK = pd.Timedelta(days=30)
EVIDENCE = ["code", "referral", "conversion", "click", "survey"]
NO_SALES = ["cancelled", "canceled", "voided", "failed", "test", "draft", "gift"]

COUNTERS = ["impressions", "reach", "views", "likes", "comments", "shares", "saves", "clicks"]
MONEY = {"net_revenue", "refunded", "contribution_margin", "credited_revenue", "cost"}
DATES = {"day", "month", "ordered_on"}

# The columns of each mart, in order.
PLACE = ["partner_id", "platform", "campaign_id"]
POSTS = [
    *["post_id", "partner_id", "relationship", "platform", "campaign_id", "published_at", "is_paid", "is_disclosed"],
    *[*COUNTERS, "reach_basis", "observed_at"],
]
DAILY = [*PLACE, "day", *COUNTERS]
ORDERS = [
    *["shop", "order_id", "customer_id", "ordered_at", "ordered_on", "net_revenue", "refunded", "contribution_margin"],
    *["has_cost_of_goods", "is_new_customer", "evidence", "partner_id", "campaign_id"],
]
CREDITS = [
    *["shop", "order_id", "attribution_model", "touch_id", "partner_id", "relationship", "campaign_id", "platform"],
    *["evidence", "touched_at", "credit_ratio", "credited_revenue"],
]
PARTNERS = [
    *["partner_id", "relationship", "month", "attribution_model", "orders", "net_revenue", "new_customers"],
    *["referred_customers", "cost", "contribution_margin", "return_on_cost", "cost_per_new_customer"],
]


def main(programme: Path, out: Path) -> None:
    relationships = read(programme, "partners", ["partner_id", "relationship"]).set_index("partner_id").relationship
    write(reach_marts(programme, relationships), out / "reach")
    write(results_marts(programme, relationships), out / "results")


def reach_marts(programme: Path, relationships: pd.Series) -> dict[str, pd.DataFrame]:
    posts = read(programme, "posts")
    observed = read(programme, "post_metrics")
    counters = [counter for counter in COUNTERS if counter in observed]

    # Posts by number rather than by text: grouping and sorting are several times faster.
    observed["post"] = pd.Index(posts.post_id).get_indexer(observed.pop("post_id"))
    observed = observed.sort_values(["post", "observed_at"], ignore_index=True)
    latest = observed.drop_duplicates("post", keep="last").set_index("post")
    posts = posts.join(latest)
    posts["views"] = pd.array([pd.NA] * len(posts), dtype="Int64")
    posts[counters] = posts[counters].astype("Int64")
    posts["relationship"] = posts.partner_id.map(relationships).fillna("unknown")
    posts["reach_basis"] = pd.Series("measured", index=posts.index, dtype="str").where(posts.reach.notna())

    observed["day"] = business_day(observed.observed_at)
    days = observed.drop_duplicates(["post", "day"], keep="last")
    gained = days[counters].diff().where(days.post == days.post.shift(), days[counters]).astype("int64")
    posts["place"] = posts.groupby(PLACE, sort=False).ngroup()
    gained["place"] = posts.place.to_numpy()[days.post]
    gained["day"] = days.day
    daily = gained.groupby(["place", "day"], sort=False, as_index=False).sum()
    daily = daily.merge(posts[["place", *PLACE]].drop_duplicates("place"), on="place")
    daily["views"] = pd.array([pd.NA] * len(daily), dtype="Int64")
    return {"posts": posts[POSTS], "daily": daily[DAILY]}


def results_marts(programme: Path, relationships: pd.Series) -> dict[str, pd.DataFrame]:
    orders = read(
        programme,
        "orders",
        [
            "shop",
            "order_id",
            "customer_id",
            "ordered_at",
            "currency",
            "net",
            "cost_of_goods",
            "discount_codes",
            "status",
        ],
    )
    clicks = read(
        programme,
        "clicks",
        ["click_id", "clicked_at", "partner_id", "campaign_id", "customer_id", "visitor_id", "utm_source"],
    )
    key = (programme / ".pseudonym_key").read_bytes().strip()
    pseudonyms = pseudonymise(pd.concat([orders.customer_id, clicks.customer_id], ignore_index=True), key)
    orders["customer_id"] = pseudonyms[: len(orders)]
    clicks["customer_id"] = pseudonyms[len(orders) :]

    orders = orders[~orders.status.isin(NO_SALES)].reset_index(drop=True)
    orders["order"] = orders.index
    orders["ordered_on"] = business_day(orders.ordered_at)
    orders["net"] = to_cents(orders.net, orders.currency)
    orders["has_cost_of_goods"] = orders.cost_of_goods.notna()
    orders["cost_of_goods"] = to_cents(orders.cost_of_goods.fillna(0), orders.currency)
    first = orders.sort_values(["ordered_at", "order_id"])
    orders["is_new_customer"] = ~first.customer_id.duplicated()
    refunds = price_refunds(programme, orders)
    orders["refunded"] = refunds.groupby("order").cents.sum().reindex(orders.order, fill_value=0)
    orders["net_revenue"] = orders.net - orders.refunded
    orders["contribution_margin"] = orders.net_revenue - orders.cost_of_goods

    touches = find_touches(programme, orders, clicks)
    winners = touches.loc[touches.nth_by_evidence == 1, ["order", "evidence", "partner_id", "campaign_id"]]
    movements = find_movements(orders[orders.order.isin(touches.order)], refunds)
    moved = share_out(weigh(touches, orders), movements)
    told = orders.merge(winners, on="order", how="left")
    told["evidence"] = told.evidence.fillna("none")
    return {
        "orders": told[ORDERS],
        "credits": credits_mart(moved, touches, orders, relationships),
        "partners": partners_mart(moved, touches, orders, relationships),
    }


def price_refunds(programme: Path, orders: pd.DataFrame) -> pd.DataFrame:
    refunds = read(programme, "refunds", ["shop", "order_id", "refunded_at", "amount", "currency"])
    refunds = refunds.merge(orders[["shop", "order_id", "order"]], on=["shop", "order_id"])
    refunds["cents"] = to_cents(refunds.amount, refunds.currency)
    refunds["moved_on"] = business_day(refunds.refunded_at)
    return refunds[["order", "moved_on", "cents"]]


def find_touches(programme: Path, orders: pd.DataFrame, clicks: pd.DataFrame) -> pd.DataFrame:
    """One row per order and touch, numbered from the first, from the last and by evidence."""
    touches = pd.concat(
        [
            touches_from_clicks(orders, clicks),
            touches_from_codes(programme, orders),
            touches_from_conversions(programme, orders),
        ],
        ignore_index=True,
    )
    touches = touches.sort_values("touch_id", ignore_index=True)
    touches["touch"] = touches.index
    touches["evidence_rank"] = touches.evidence.map({kind: rank for rank, kind in enumerate(EVIDENCE)})
    touches["before"] = orders.ordered_at.to_numpy()[touches.order] - touches.touched_at
    for number, by in {
        "nth_from_first": ["touched_at", "evidence_rank"],
        "nth_from_last": ["before", "evidence_rank"],
        "nth_by_evidence": ["evidence_rank", "before"],
    }.items():
        # Sorting by several columns is stable, so touch_id decides the rest.
        touches[number] = touches.sort_values(["order", *by]).groupby("order").cumcount() + 1
    return touches


def touches_from_clicks(orders: pd.DataFrame, clicks: pd.DataFrame) -> pd.DataFrame:
    # A browser belongs to the customer that it was last known to be.
    known = clicks.loc[clicks.customer_id.notna(), ["visitor_id", "customer_id", "clicked_at"]]
    known = known.sort_values(["clicked_at", "customer_id"], ascending=[True, False])
    known = known.drop_duplicates("visitor_id", keep="last")[["visitor_id", "customer_id"]]
    customers = clicks.merge(known, on="visitor_id", how="left", suffixes=("", "_known"))
    clicks = clicks.assign(customer_id=customers.customer_id.fillna(customers.customer_id_known), click=clicks.index)

    pairs = clicks.loc[clicks.customer_id.notna(), ["click", "customer_id", "clicked_at"]].merge(
        orders[["order", "customer_id", "ordered_at"]], on="customer_id"
    )
    is_within = (pairs.clicked_at <= pairs.ordered_at) & (pairs.clicked_at >= pairs.ordered_at - LOOKBACK)
    pairs = pairs.loc[is_within, ["order", "click"]]
    found = clicks.iloc[pairs.click]
    return pd.DataFrame(
        {
            "order": pairs.order.to_numpy(),
            "touch_id": "click " + found.click_id.array,
            "evidence": "click",
            "touched_at": found.clicked_at.array,
            "partner_id": found.partner_id.array,
            "campaign_id": found.campaign_id.array,
            "platform": found.utm_source.str.lower().array,
        }
    )


def touches_from_codes(programme: Path, orders: pd.DataFrame) -> pd.DataFrame:
    codes = read(programme, "codes")
    codes["code"] = codes.code.str.upper()
    used = orders.loc[orders.discount_codes.notna(), ["order", "ordered_at", "discount_codes"]]
    used = used.assign(code=used.discount_codes.str.upper()).merge(codes, on="code")
    used["touch_id"] = "code " + used.code
    used["evidence"] = "code"
    return used.rename(columns={"ordered_at": "touched_at"})[
        ["order", "touch_id", "evidence", "touched_at", "partner_id", "campaign_id"]
    ]


def touches_from_conversions(programme: Path, orders: pd.DataFrame) -> pd.DataFrame:
    conversions = read(
        programme,
        "conversions",
        ["conversion_id", "converted_at", "partner_id", "campaign_id", "order_id", "kind", "state"],
    )
    conversions = conversions[(conversions.kind == "sale") & (conversions.state != "reversed")]
    matched = conversions.merge(orders[["order", "order_id", "ordered_at"]], on="order_id")
    matched["touched_at"] = matched[["converted_at", "ordered_at"]].min(axis=1)
    matched = matched[matched.touched_at >= matched.ordered_at - LOOKBACK]
    return matched.assign(touch_id="conversion " + matched.conversion_id, evidence="conversion")[
        ["order", "touch_id", "evidence", "touched_at", "partner_id", "campaign_id"]
    ]


def weigh(touches: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """One row per attribution model, order and touch that it credits, with the touch's share of the order."""
    by_order = touches.groupby("order")
    count = by_order.touch.transform("size")
    is_first, is_last = touches.nth_from_first == 1, touches.nth_from_last == 1
    # Where all touches fall on one instant, the best evidence is both first and last; the next one is then last.
    last = 1 + (is_first & is_last).groupby(touches.order).transform("max").astype("int64")
    is_end = is_first | (touches.nth_from_last == last)
    days = touches.before.dt.total_seconds() / 86400.0
    newest = days.groupby(touches.order).transform("min")
    weights = {
        "first_touch": is_first.astype("float64"),
        "last_touch": is_last.astype("float64"),
        "linear": pd.Series(1.0, index=touches.index),
        "position_based": pd.Series(
            np.select([count <= 2, is_end], [1.0, 0.4], 0.2 / (count - 2).clip(lower=1)), index=touches.index
        ),
        "time_decay": np.power(2.0, (newest - days) / 7.0),
        "evidence_order": (touches.nth_by_evidence == 1).astype("float64"),
    }
    parts = []
    for model, weight in weights.items():
        part = touches.loc[weight > 0, ["order", "touch", "nth_from_first"]].assign(attribution_model=model)
        share = weight[weight > 0]
        share = share / share.groupby(part.order).transform("max")
        # Added up in fixed point, so that the last digit does not depend on the order of adding.
        total = np.floor(share * 1e15 + 0.5).astype("int64").groupby(part.order).transform("sum") / 1e15
        parts.append(part.assign(credit_ratio=share / total))
    weighted = pd.concat(parts, ignore_index=True)
    return weighted.assign(attribution_model=weighted.attribution_model.astype("category"))


def find_movements(orders: pd.DataFrame, refunds: pd.DataFrame) -> pd.DataFrame:
    """Sale, refunds by day and cost of goods of each order, with the balance in cents after each."""
    sales = orders[["order", "ordered_on", "net"]].set_axis(["order", "moved_on", "cents"], axis=1)
    refunded = refunds[refunds.order.isin(orders.order)].groupby(["order", "moved_on"], as_index=False).cents.sum()
    money = pd.concat([sales.assign(kind="sale"), refunded.assign(cents=-refunded.cents, kind="refund")])
    money["is_refund"] = money.kind == "refund"
    money = money.sort_values(["order", "is_refund", "moved_on"])
    money["balance"] = money.groupby("order").cents.cumsum()
    costs = orders.loc[orders.has_cost_of_goods, ["order", "ordered_on", "cost_of_goods"]]
    costs = costs.set_axis(["order", "moved_on", "balance"], axis=1).assign(kind="cost_of_goods")
    movements = pd.concat([money, costs], ignore_index=True)
    movements["is_cost"] = movements.kind == "cost_of_goods"
    movements["kind"] = movements.kind.astype("category")
    movements["movement"] = movements.index
    movements["month"] = movements.moved_on.to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    return movements[["order", "movement", "kind", "is_cost", "month", "balance"]]


def share_out(weighted: pd.DataFrame, movements: pd.DataFrame) -> pd.DataFrame:
    """Each movement by attribution model and touch: the balance in whole cents by largest remainder (Hamilton), and
    of that the difference to the balance before."""
    shares = weighted.merge(movements, on="order")
    model = shares.attribution_model.cat.codes.astype("int64")
    # Groups by one number rather than by several columns, for speed.
    shares["shared"] = shares.movement * len(shares.attribution_model.cat.categories) + model
    shares["held"] = (shares.touch * len(shares.attribution_model.cat.categories) + model) * 2 + shares.is_cost
    exact = shares.balance * shares.credit_ratio
    whole = np.floor(exact)
    shares["cents"] = whole.astype("int64")
    shares = shares.iloc[np.lexsort((shares.nth_from_first, whole - exact, shares.shared))].reset_index(drop=True)
    by_movement = shares.groupby("shared", sort=False)
    left = shares.balance - by_movement.cents.transform("sum")
    nth = by_movement.cumcount() + 1
    # Floating point may floor one share too high; the first takes the cent back.
    shares["cents"] += np.select([nth <= left, (nth == 1) & (left < 0)], [1, left], 0)
    shares["moved"] = shares.cents - shares.groupby("held", sort=False).cents.shift(fill_value=0)
    return shares


def credits_mart(
    moved: pd.DataFrame, touches: pd.DataFrame, orders: pd.DataFrame, relationships: pd.Series
) -> pd.DataFrame:
    credits = (
        moved[~moved.is_cost]
        .groupby(["touch", "attribution_model"], observed=True, sort=False)
        .agg(credit_ratio=("credit_ratio", "max"), credited_revenue=("moved", "sum"))
        .reset_index()
    )
    touches = touches.assign(relationship=touches.partner_id.map(relationships).fillna("unknown"))
    credits = credits.merge(touches, on="touch").merge(orders[["order", "shop", "order_id"]], on="order")
    return credits[CREDITS]


def partners_mart(
    moved: pd.DataFrame, touches: pd.DataFrame, orders: pd.DataFrame, relationships: pd.Series
) -> pd.DataFrame:
    partner = touches.partner_id.astype("category")
    # Whole trillionths, for the same reason as in weigh; no touch of this programme is a referral, nor has it costs.
    ratio = np.floor(moved.credit_ratio * 1e12 + 0.5).astype("int64").where(moved.kind == "sale", 0)
    months = (
        pd.DataFrame(
            {
                "partner_id": partner.array[moved.touch],
                "month": moved.month,
                "attribution_model": moved.attribution_model,
                "orders": ratio,
                "net_revenue": moved.moved.where(~moved.is_cost, 0),
                "new_customers": ratio.where(orders.is_new_customer.to_numpy()[moved.order], 0),
                "cost_of_goods": moved.moved.where(moved.is_cost, 0),
            }
        )
        .groupby(["partner_id", "month", "attribution_model"], observed=True, as_index=False)
        .sum()
    )
    for share in ("orders", "new_customers"):
        months[share] = (months[share] + 500_000) // 1_000_000 / 1e6
    months["partner_id"] = months.partner_id.astype("str")
    months["relationship"] = months.partner_id.map(relationships).fillna("unknown")
    months["referred_customers"] = 0.0
    months["cost"] = 0
    months["contribution_margin"] = months.net_revenue - months.cost_of_goods
    months["return_on_cost"] = months.contribution_margin / 100 / months.cost.where(months.cost != 0)
    months["cost_per_new_customer"] = months.cost / 100 / months.new_customers.where(months.new_customers != 0)
    return months[PARTNERS]


def read(programme: Path, extract: str, columns: list[str] | None = None) -> pd.DataFrame:
    """All files of an extract; pyarrow's reader uses every core and recognises times."""
    files = sorted((programme / "landing" / extract).glob("*.csv"))
    return pd.concat([pd.read_csv(file, engine="pyarrow", usecols=columns) for file in files], ignore_index=True)


def pseudonymise(ids: pd.Series, key: bytes) -> pd.Categorical:
    """HMAC-SHA256 of each different id once, 128 bits of it; categories are in the order of their texts."""
    codes, different = pd.factorize(ids.str.strip())
    pseudonyms = [hmac.digest(key, (i.lower() if "@" in i else i).encode(), "sha256").hex()[:32] for i in different]
    return pd.Categorical.from_codes(codes, pseudonyms).reorder_categories(sorted(pseudonyms))


def business_day(moment: pd.Series) -> pd.Series:
    return moment.dt.tz_localize("UTC").dt.tz_convert(TIMEZONE).dt.tz_localize(None).dt.floor("D")


def to_cents(amount: pd.Series, currency: pd.Series) -> pd.Series:
    """In the reporting currency; first to whole cents, so that no amount lies just under a half."""
    return ((amount * 100).round() * currency.map(RATES)).round().astype("int64")


def write(marts: dict[str, pd.DataFrame], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, mart in marts.items():
        table = pa.Table.from_pandas(mart, preserve_index=False)
        for number, column in enumerate(table.column_names):
            if column in MONEY:
                cents = table[column].cast(pa.decimal128(19, 0))
                values = pc.multiply(cents, pa.scalar(Decimal("0.01"))).cast(pa.decimal128(18, 2))
            elif column in DATES:
                values = table[column].cast(pa.date32())
            elif column.endswith("_at"):
                values = table[column].cast(pa.timestamp("us"))
            else:
                continue
            table = table.set_column(number, column, values)
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
