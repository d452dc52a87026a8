"""Real connector tables of Shopify, Facebook, Instagram, LinkedIn and X, through `feeds` and `columns` alone. The figures
were counted with Python's csv module before the product read the files."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import REAL, Run, run_nightly

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
def connectors(tmp_path_factory: pytest.TempPathFactory) -> Run:
    programme: Path = tmp_path_factory.mktemp("connectors")
    (programme / "landing").mkdir()
    for source in SOURCES:
        for file in source.glob("*.csv"):
            shutil.copy(file, programme / "landing")
    (programme / "plan.yml").write_text(PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS)
    run = run_nightly(programme)
    assert run.status == 0, run.screen
    return run


def test_orders_in_two_currencies_are_added_up_in_one(connectors: Run):
    """8 orders of 7 customers: 580.00 USD, and 2.80 + 2.80 + 4.40 GBP at 1.25 are 12.50 USD."""
    assert connectors.query("select count(*), count(distinct customer_id), sum(net_revenue) from results.orders") == [
        (8, 7, Decimal("592.50"))
    ]


def test_control_totals_agree_where_a_vendors_format_feeds_the_orders(connectors: Run):
    assert "8 orders and 592.50 USD of net revenue, from raw to marts; every total agrees" in connectors.screen


@pytest.mark.parametrize(
    ("platform", "posts", "counters"),
    [
        ("facebook", 99, {"impressions": 4385, "clicks": 115, "likes": 50}),
        ("instagram", 3, {}),
        ("x", 100, {"likes": 228, "shares": 85}),
        ("linkedin", 80, {"impressions": 185, "likes": 2077, "clicks": 0, "comments": 39, "shares": -3}),
    ],
)
def test_posts_have_the_latest_of_their_lifetime_counters(connectors: Run, platform: str, posts: int, counters: dict):
    sums = ", ".join(f"sum({counter})" for counter in counters)
    [found] = connectors.query(f"select count(*), {sums or 'null'} from reach.posts where platform = '{platform}'")
    assert found == (posts, *(counters.values() or (None,)))


def test_counters_of_posts_that_the_posts_export_lacks_are_shown_all_the_same(connectors: Run):
    """Instagram's insights speak of 5 media, 4 of which its media history does not have."""
    columns = "count(*), sum(reach), sum(impressions), sum(likes), sum(comments), sum(saves)"
    known = "platform = 'instagram' and observed_at is not null"
    [found] = connectors.query(f"select {columns} from reach.posts where platform is null or {known}")
    assert found == (5, 264, 371, 29, 2, 0)


def test_ids_of_19_digits_stay_as_they_were(connectors: Run):
    assert connectors.query("select count(*) from reach.posts where post_id = '1267453801369346053'") == [(1,)]


def test_nothing_is_lost_and_the_files_that_feed_nothing_are_named(connectors: Run):
    assert "Quarantine" not in connectors.screen
    assert "landing/shopify_refund_data.csv matches no entry of extracts.yml" in connectors.screen
