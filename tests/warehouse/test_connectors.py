"""Real connector tables of Shopify, Facebook, Instagram, LinkedIn and X, through `feeds` and `columns` alone. The figures
were counted with Python's csv module before the product read the files."""

import logging
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.load import land
from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import Totals, recount_revenue
from tests.conftest import REAL
from tests.warehouse.bare import CompiledProject, build

SOURCES = (REAL / "shopify_connector", REAL / "social_connectors")
pytestmark = pytest.mark.skipif(
    not all(source.is_dir() for source in SOURCES), reason=f"the real data is not here: {REAL}"
)

PLAN = """
programme: Connectors
currency: USD
timezone: America/New_York
exchange_rates: {GBP: 1.25}
"""
EXTRACTS = """
extracts:
  - files: landing/shopify_order_data.csv
    feeds: orders
    columns: {order_id: id, ordered_at: created_at, tax: total_tax, discount: total_discounts, net: subtotal_price, status: financial_status}
    values: {shop: kitties}
    timezone: UTC
  - files: landing/facebook_pages_post_history_data.csv
    feeds: posts
    columns: {post_id: id, published_at: created_time}
    values: {platform: facebook}
    timezone: UTC
  - files: landing/facebook_pages_lifetime_post_metrics_total_data.csv
    feeds: post_metrics
    columns: {observed_at: date, impressions: post_impressions, clicks: post_clicks, likes: post_reactions_like_total}
    timezone: UTC
  - files: landing/instagram_business_media_history_data.csv
    feeds: posts
    columns: {post_id: id, published_at: created_time, url: permalink}
    values: {platform: instagram}
    timezone: UTC
  - files: landing/instagram_business_media_insights_data.csv
    feeds: post_metrics
    columns: {post_id: id, observed_at: _fivetran_synced, impressions: video_photo_impressions, reach: video_photo_reach, likes: like_count, comments: comment_count, saves: video_photo_saved}
    timezone: UTC
  - files: landing/tweet.csv
    feeds: posts
    columns: {post_id: id, published_at: created_at}
    values: {platform: x}
    timezone: UTC
  - files: landing/tweet.csv
    feeds: post_metrics
    columns: {post_id: id, observed_at: _fivetran_synced, likes: favorite_count, shares: retweet_count}
    timezone: UTC
  - files: landing/linkedin_pages_share_statistic_data.csv
    feeds: posts
    columns: {post_id: _share_entity_urn}
    values: {platform: linkedin}
  - files: landing/linkedin_pages_share_statistic_data.csv
    feeds: post_metrics
    columns: {post_id: _share_entity_urn, observed_at: _fivetran_synced, impressions: impression_count, likes: like_count, comments: comment_count, shares: share_count, clicks: click_count}
    timezone: UTC
"""


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    programme: Path = tmp_path_factory.mktemp("connectors")
    (programme / "landing").mkdir()
    for source in SOURCES:
        for file in source.glob("*.csv"):
            shutil.copy(file, programme / "landing")
    (programme / "plan.yml").write_text(PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS)
    return programme


@pytest.fixture(scope="module")
def connectors(project: CompiledProject, programme: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(project, programme) as marts:
        yield marts


def test_orders_in_two_currencies_are_added_up_in_one(connectors: duckdb.DuckDBPyConnection):
    """8 orders of 7 customers: 580.00 USD, and 2.80 + 2.80 + 4.40 GBP at 1.25 are 12.50 USD."""
    assert connectors.execute(
        "select count(*), count(distinct customer_id), sum(net_revenue) from results.orders"
    ).fetchall() == [(8, 7, Decimal("592.50"))]


def test_control_totals_agree_with_the_orders_of_a_connector(
    connectors: duckdb.DuckDBPyConnection, project: CompiledProject, programme: Path
):
    recounted = recount_revenue(read_programme(programme), connectors, {"nodes": project.nodes})
    assert recounted == Totals(8, Decimal("592.50"))


@pytest.mark.parametrize(
    ("platform", "posts", "counters"),
    [
        ("facebook", 99, {"impressions": 4385, "clicks": 115, "likes": 50}),
        ("instagram", 3, {}),
        ("x", 100, {"likes": 228, "shares": 85}),
        ("linkedin", 80, {"impressions": 185, "likes": 2077, "clicks": 0, "comments": 39, "shares": -3}),
    ],
)
def test_posts_have_the_latest_of_their_lifetime_counters(
    connectors: duckdb.DuckDBPyConnection, platform: str, posts: int, counters: dict
):
    sums = ", ".join(f"sum({counter})" for counter in counters)
    [found] = connectors.execute(
        f"select count(*), {sums or 'null'} from reach.posts where platform = '{platform}'"
    ).fetchall()
    assert found == (posts, *(counters.values() or (None,)))


def test_counters_of_posts_that_the_posts_export_lacks_are_shown_all_the_same(connectors: duckdb.DuckDBPyConnection):
    """Instagram's insights speak of 5 media, 4 of which its media history does not have."""
    columns = "count(*), sum(reach), sum(impressions), sum(likes), sum(comments), sum(saves)"
    known = "platform = 'instagram' and observed_at is not null"
    [found] = connectors.execute(f"select {columns} from reach.posts where platform is null or {known}").fetchall()
    assert found == (5, 264, 371, 29, 2, 0)


def test_ids_of_19_digits_stay_as_they_were(connectors: duckdb.DuckDBPyConnection):
    assert connectors.execute("select count(*) from reach.posts where post_id = '1267453801369346053'").fetchall() == [
        (1,)
    ]


def test_nothing_is_lost_and_the_files_that_feed_nothing_are_named(
    connectors: duckdb.DuckDBPyConnection, programme: Path, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        land(read_programme(programme))
    assert "landing/shopify_refund_data.csv matches no entry of extracts.yml" in caplog.text
    assert list((programme / "quarantine").glob("*")) == []
