"""Whole programmes of visits: whose link they came by, whose browser it was, which order was placed; figures by hand."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.bare import CompiledProject, build, find_broken_tests, find_warnings, read_marts
from tests.warehouse.programmes import Extracts, deliver, start_programme

PLAN = "{programme: Visits, currency: EUR, timezone: UTC, lookback_days: 30}\n"
TODAY = date(2026, 5, 1)
Build = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def programme(project: CompiledProject, folders: Iterator[Path]) -> Build:
    """Build a programme of these deliveries, one a day; its singular tests hold, too."""

    def deliver_and_build(*days: Extracts) -> duckdb.DuckDBPyConnection:
        folder = start_programme(next(folders), PLAN, {extract: [] for day in days for extract in day})
        for number, extracts in enumerate(days, start=1):
            for extract, rows in extracts.items():
                deliver(folder, extract, rows, number)
        marts = build(project, folder, TODAY)
        assert find_broken_tests(project, marts) == {}
        return marts

    return deliver_and_build


def write_order(
    order_id: str, customer_id: str = "", ordered_at: str = "2026-03-20 12:00", **other: str
) -> dict[str, str]:
    return {"order_id": order_id, "customer_id": customer_id, "ordered_at": ordered_at, "net": "10.00", **other}


def write_click(click_id: str, clicked_at: str = "2026-03-19 12:00", **other: str) -> dict[str, str]:
    columns = ("customer_id", "visitor_id", "order_id", "partner_id", "utm_source", "utm_medium", "utm_campaign", "url")
    return {"click_id": click_id, "clicked_at": clicked_at, **dict.fromkeys(columns, ""), **other}


def read_touches(marts: duckdb.DuckDBPyConnection) -> list[tuple]:
    return marts.execute(
        "select order_id, touch_id, partner_id, campaign_id, matched_by from intermediate.int_touches_counted order by all"
    ).fetchall()


# --- links ----------------------------------------

TAGGED = {"utm_source": "Instagram", "utm_medium": "influencer", "utm_campaign": "Spring"}


def test_a_tagged_visit_is_credited_to_the_owner_of_the_link(programme: Build):
    """Order 1 is mira's, although a link of leo's names less. Order 2 came by a tag that no link has, so it is the
    campaign's whose id it is. Order 3 was the campaign's before mira had the link, on the last moment of 28 February."""
    marts = programme(
        {
            "links": [
                {"utm_source": "instagram", "utm_medium": "influencer", "utm_campaign": "spring", "partner_id": "mira", "campaign_id": "tea", "valid_from": "2026-03-01"},
                {"utm_source": "", "utm_medium": "influencer", "utm_campaign": "", "partner_id": "leo", "campaign_id": "", "valid_from": "2026-03-02"},
            ],
            "campaigns": [{"campaign_id": "spring"}, {"campaign_id": "tea"}],
            "clicks": [
                write_click("k1", customer_id="ada", **TAGGED),
                write_click("k2", customer_id="bo", utm_campaign="SPRING"),
                write_click("k3", "2026-02-28 23:59:59", customer_id="cy", **TAGGED),
            ],
            "orders": [write_order("1", "ada"), write_order("2", "bo"), write_order("3", "cy", "2026-03-20 12:00")],
        }
    )  # fmt: skip
    assert read_touches(marts) == [
        ("1", "click k1", "mira", "tea", "link"),
        ("2", "click k2", None, "spring", "link"),
        ("3", "click k3", None, "spring", "link"),
    ]
    assert marts.execute(
        "select order_id, evidence, partner_id, campaign_id, matched_by from results.orders order by all"
    ).fetchall() == [
        ("1", "click", "mira", "tea", "link"),
        ("2", "click", None, "spring", "link"),
        ("3", "click", None, "spring", "link"),
    ]
    # Whom only links name is somebody.
    assert marts.execute("select partner_id from relationships.partners order by all").fetchall() == [
        ("leo",),
        ("mira",),
    ]


def test_links_that_fit_equally_credit_nobody_and_are_named(project: CompiledProject, programme: Build):
    marts = programme(
        {
            "links": [
                {"utm_source": "instagram", "utm_campaign": "", "partner_id": "mira"},
                {"utm_source": "", "utm_campaign": "spring", "partner_id": "leo"},
                {"utm_source": "tiktok", "utm_campaign": "", "partner_id": "ann"},
            ],
            "clicks": [write_click("k1", customer_id="ada", **TAGGED), write_click("k2", customer_id="bo", **TAGGED)],
            "orders": [write_order("1", "ada"), write_order("2", "bo")],
        }
    )
    assert read_touches(marts) == []
    assert marts.execute("select distinct evidence from results.orders").fetchall() == [("none",)]
    assert find_warnings(project, marts) == [
        "2 links fit 2 visits equally, so none of them is credited: spring of leo; instagram of mira"
    ]


PAGES = {
    "HTTPS://www.Shop.example/Mira/?b=2&a=1#top": "shop.example/Mira?b=2&a=1",
    "shop.example": "shop.example",
    "http://shop.example/": "shop.example",
    "/": "/",
    "/tea//": "/tea",
    "?ref=ann": "?ref=ann",
    "https://jo:secret@shop.example:8080/tea": "shop.example:8080/tea",
    "https://shop.example/?a=1&email=jo@mail.example&b=2": "shop.example?a=1&b=2",
    "https://shop.example/?email=jo%40mail.example&m=jo%2540mail.example": "shop.example",
    "https://shop.example/stop/jo@mail.example/now": "shop.example/stop/…/now",
    "https://shop.example/@mira/": "shop.example/@mira",
    "jo@mail.example": "mail.example",
    "mailto:jo@mail.example": "mail.example",
    "https://": None,
}


def test_a_page_is_kept_without_what_says_nothing_and_without_addresses(programme: Build):
    marts = programme(
        {
            "clicks": [write_click(str(number), url=page) for number, page in enumerate(PAGES)],
            "links": [{"url": page, "partner_id": str(number)} for number, page in enumerate(PAGES)],
        }
    )
    for table, id_column in (("clicks", "click_id"), ("links", "partner_id")):
        found = marts.execute(f"select url from staging.stg_extracts__{table} order by {id_column}::int").fetchall()
        assert [page for (page,) in found] == [*PAGES.values()], table
    tables = marts.execute("select schema_name, table_name from duckdb_tables() where schema_name <> 'raw'").fetchall()
    assert len(tables) > 50
    for schema, table in tables:
        assert "jo@mail" not in str(marts.execute(f"from {schema}.{table}").fetchall()), table


FITTING = [
    ("https://www.shop#.example/mira/", "http://SHOP#.example/mira?gclid=1", True),
    ("https://shop#.example/mira", "https://shop#.example/mira/tea", False),
    ("https://shop#.example/mira", "https://blog.example/mira", False),
    ("https://shop#.example/", "https://shop#.example/?gclid=1", True),
    ("https://shop#.example/", "https://shop#.example/mira", False),
    ("/mira#", "https://shop#.example/Mira#", True),
    ("https://shop#.example/mira", "/mira", False),
    ("?ref=mira#", "https://shop#.example/tea?gclid=1&ref=mira#", True),
    ("?ref=mira#", "https://shop#.example/tea?ref=mira#2", False),
    ("shop#.example/?a=1&ref=mira", "shop#.example/?ref=mira&b=2&a=1", True),
    ("shop#.example/?a=1&ref=mira", "shop#.example/?ref=mira", False),
    ("?utm_source=Insta#&utm_campaign=spring+sale", "/tea?utm_campaign=Spring%20Sale&utm_source=insta#", True),
    ("shop#.example?utm_source=insta#", "/?utm_source=insta#", False),
    ("?utm_source=insta#", "/tea?utm_source=insta#2", False),
    ("?utm_campaign=#%E9t%E9", "/tea?utm_campaign=#%E9t%E9", True),
]


def test_a_link_to_a_page_fits_visits_of_that_page(programme: Build):
    """`#` is the number of the case, so that no link fits the visit of another."""
    cases = [
        (f"p{number}", f"c{number}", link.replace("#", str(number + 100)), page.replace("#", str(number + 100)), fits)
        for number, (link, page, fits) in enumerate(FITTING)
    ]
    marts = programme(
        {
            "links": [{"url": link, "partner_id": partner} for partner, _, link, _, _ in cases],
            "clicks": [write_click(customer, customer_id=customer, url=page) for _, customer, _, page, _ in cases],
            "orders": [write_order(customer, customer) for _, customer, _, _, _ in cases],
        }
    )
    assert read_touches(marts) == sorted(
        (customer, f"click {customer}", partner, None, "link") for partner, customer, _, _, fits in cases if fits
    )


# --- whose visits ----------------------------------------


def test_what_is_learned_two_days_after_an_order_changes_nothing_for_it(
    project: CompiledProject, folders: Iterator[Path]
):
    """Browser v is unknown when order 1 is placed; v1 names ada two days after it, v2 a day and a second after order 2.
    v3 makes browser x, which was cy's at order 3, somebody else's two days later."""
    folder = start_programme(next(folders), PLAN, ["clicks", "orders"])
    deliver(
        folder,
        "clicks",
        [
            write_click("k1", visitor_id="v", partner_id="mira"),
            write_click("k2", visitor_id="w", partner_id="leo"),
            write_click("k3", visitor_id="x", partner_id="ann"),
            write_click("k4", visitor_id="x", customer_id="cy"),
        ],
    )
    deliver(
        folder,
        "orders",
        [write_order("1", "ada"), write_order("2", "bo", "2026-03-20 13:00"), write_order("3", "cy")],
    )
    before = build(project, folder, TODAY)
    deliver(
        folder,
        "clicks",
        [
            write_click("v1", "2026-03-22 12:00", visitor_id="v", customer_id="ada"),
            write_click("v2", "2026-03-21 13:00:01", visitor_id="w", customer_id="bo"),
            write_click("v3", "2026-03-22 12:00", visitor_id="x", customer_id="bo"),
        ],
        day=2,
    )
    after = build(project, folder, TODAY)
    assert read_touches(before) == read_touches(after) == [("3", "click k3", "ann", None, "person")]
    # Journeys without an order are known once a whole lookback is over, when their month is final.
    of_journeys = ("results.paths", "results.removal_effects", "results.removal_effects_all_time")
    results = [mart for mart in read_marts(before) if mart.startswith("results.") and mart not in of_journeys]
    assert len(results) > 10
    assert {mart: read_marts(before)[mart] for mart in results} == {mart: read_marts(after)[mart] for mart in results}


def test_what_is_learned_within_a_day_counts_and_holds_for_later_orders(programme: Build):
    """Browser v becomes ada's exactly a day after order 1, and bo's on 1 April: order 3, ada's second, is of 5 April."""
    marts = programme(
        {
            "clicks": [
                write_click("k1", visitor_id="v", partner_id="mira"),
                write_click("k2", "2026-03-21 12:00", visitor_id="v", customer_id="ada"),
                write_click("k3", "2026-04-01 12:00", visitor_id="v", customer_id="bo"),
            ],
            "orders": [
                write_order("1", "ada"),
                write_order("2", "ada", "2026-03-25 12:00"),
                write_order("3", "ada", "2026-04-05 12:00"),
                write_order("4", "bo", "2026-04-05 12:00"),
                write_order("5", "bo", "2026-03-25 12:00"),
            ],
        }
    )
    assert read_touches(marts) == [
        ("1", "click k1", "mira", None, "person"),
        ("2", "click k1", "mira", None, "person"),
        ("4", "click k1", "mira", None, "person"),
    ]


def test_an_order_that_a_visit_names_was_placed_with_its_browser(programme: Build):
    """Nobody is known: session k2 says that order 1 was placed on it, by its number; k1 is of the same browser, k3 of
    another. Order 2 has a customer, and k4 makes browser w known as hers: k5 came with it."""
    marts = programme(
        {
            "clicks": [
                write_click("k1", visitor_id="v", partner_id="mira"),
                write_click("k2", "2026-03-20 11:50", visitor_id="v", order_id="#1001", partner_id="leo"),
                write_click("k3", visitor_id="u", partner_id="ann"),
                write_click("k4", "2026-03-20 11:50", visitor_id="w", order_id="2"),
                write_click("k5", visitor_id="w", partner_id="cy"),
            ],
            "orders": [
                write_order("1", order_refs="1001"),
                write_order("2", "ada", order_refs=""),
                write_order("3", "ada", "2026-03-26 12:00", order_refs=""),
            ],
        }
    )
    assert read_touches(marts) == [
        ("1", "click k1", "mira", None, "person"),
        ("1", "click k2", "leo", None, "order_ref"),
        ("2", "click k5", "cy", None, "person"),
        ("3", "click k5", "cy", None, "person"),
    ]


def test_a_visit_that_names_its_customer_is_that_persons_only(programme: Build):
    """Ada and bo share browser v; it was bo's last before both orders."""
    marts = programme(
        {
            "clicks": [
                write_click("k1", "2026-03-10 12:00", visitor_id="v", customer_id="ada", partner_id="mira"),
                write_click("k2", "2026-03-11 12:00", visitor_id="v", customer_id="bo", partner_id="leo"),
                write_click("k3", "2026-03-12 12:00", visitor_id="v", partner_id="ann"),
            ],
            "orders": [write_order("1", "ada"), write_order("2", "bo")],
        }
    )
    assert read_touches(marts) == [
        ("1", "click k1", "mira", None, "person"),
        ("2", "click k2", "leo", None, "person"),
        ("2", "click k3", "ann", None, "person"),
    ]


# --- Google Analytics ----------------------------------------


def test_a_session_of_ga4_is_credited_to_the_owner_of_its_link(project: CompiledProject, folders: Iterator[Path]):
    """A session tagged instagram / influencer / spring, signed in as the buyer; without the link, the campaign's."""

    def build_with(links: str) -> list[tuple]:
        folder = next(folders)
        (folder / "landing").mkdir()
        (folder / "plan.yml").write_text(PLAN)
        (folder / "extracts.yml").write_text(
            "extracts:\n"
            "  - {files: landing/ga4.jsonl, format: ga4_sessions, timezone: UTC}\n"
            "  - {files: landing/links.csv, feeds: links}\n"
            "  - {files: landing/orders.csv, feeds: orders}\n"
            "  - {files: landing/campaigns.csv, feeds: campaigns}\n"
        )
        # 2026-03-19 12:00 UTC, in microseconds.
        (folder / "landing" / "ga4.jsonl").write_text(
            '{"user_pseudo_id": "1.2", "event_timestamp": "1773921600000000", "user_id": "ada",'
            ' "event_params": [{"key": "ga_session_id", "value": {"int_value": "7"}}],'
            ' "collected_traffic_source": {"manual_source": "instagram", "manual_medium": "influencer",'
            ' "manual_campaign_name": "spring"}}\n'
        )
        (folder / "landing" / "links.csv").write_text(f"utm_source,utm_medium,utm_campaign,partner_id\n{links}")
        (folder / "landing" / "orders.csv").write_text(
            "order_id,customer_id,ordered_at,net\n1,ada,2026-03-20 12:00,10.00\n"
        )
        (folder / "landing" / "campaigns.csv").write_text("campaign_id\nspring\n")
        marts = build(project, folder, TODAY)
        assert find_broken_tests(project, marts) == {}
        return marts.execute(
            "select partner_id, campaign_id, platform, credited_revenue::int from results.credits"
            " where attribution_model = 'last_touch'"
        ).fetchall()

    assert build_with("instagram,influencer,spring,mira\n") == [("mira", None, "instagram", 10)]
    assert build_with("tiktok,influencer,spring,mira\n") == [(None, "spring", "instagram", 10)]
