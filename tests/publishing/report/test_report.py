"""report.html from small marts: what it says, to whom it can be shown, and that it loads nothing."""

import csv
import doctest
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from orchestration.publishing.report import figures, words
from orchestration.publishing.report.parts import QUERIES
from orchestration.publishing.report.writing import ReportError, write_report
from tests.conftest import REPOSITORY
from tests.publishing.report.marts import INFLUENCER, KPI, SPRING, VERSION, Page, Report, list_columns, make_report

HISTORY = [
    {
        "objective_id": "sell",
        "goal_id": "spring",
        "day": date(2026, 3, 1) + timedelta(days=day),
        "actual": 260.05 * (day + 1),
        "expected": 290 * (day + 1),
        "target": 9000 if day >= 4 else 12000,
        "what_moved": "target: 12000 → 9000" if day == 4 else None,
    }
    for day in range(10)
]
ROWS = {
    "goals.progress": [SPRING],
    "goals.kpis": [KPI],
    "goals.history": HISTORY,
    "goals.definitions": [
        {"goal_id": "spring", "version": 1, "is_current": False, "narrowed_to": '{"campaign": ["old"]}'},
        {"goal_id": "spring", "version": 2, "is_current": True, "narrowed_to": '{"campaign": ["spring", "fresh"]}'},
    ],
    "goals.steps": [
        {
            "objective_id": "sell",
            "step_id": "brief",
            "statement": "Brief the roasters",
            "status": "late",
            "due_on": date(2026, 3, 2),
        }
    ],
    "goals.undefined": [
        {"goal_id": "spring", "element": "owner", "why_it_matters": "Nobody answers for it."},
        *(
            {"partner_id": f"p-{n:03}", "element": "campaign or step", "why_it_matters": "They hear nothing."}
            for n in range(40)
        ),
    ],
    "results.relationships": [
        INFLUENCER,
        INFLUENCER | {"month": date(2026, 4, 1), "net_revenue": 765.5, "cost": 0, "new_customers": 1},
        INFLUENCER | {"attribution_model": "linear", "net_revenue": 99999},
    ],
    "results.evidence": [{"evidence": "untracked", "month": date(2026, 3, 1), "orders": 4321, "net_revenue": 12345.6}],
    "results.incrementality": [
        {
            **{"experiment_id": "bag", "arm": "sample", "design": "randomised", "kpi": "net_revenue", "units": 200},
            **{"control_units": 200, "effect_per_unit": 3, "ci_low": 1.69, "ci_high": 4.31, "relative_lift": 0.172},
            **{"incremental_total": 600, "verdict": "lift"},
        }
    ],
    "results.brand_lift": [
        {
            **{"study_id": "s", "question": "heard", "stratum": "all", "exposed_n": 260, "exposed_yes": 72},
            **{"control_n": 260, "control_yes": 72, "absolute_lift": 0.01, "ci_low": -0.0772, "ci_high": 0.0972},
            **{"verdict": "no lift shown"},
        }
    ],
    "relationships.partners": [
        {
            **{"partner_id": "p-1", "name": "Mira", "relationship": "customer", "commitments_made": 3},
            **{"commitments_kept": 2, "commitments_late": 0, "commitments_broken": 1, "commitments_open": 0},
            **{"requests": 2, "requests_answered": 1, "requests_unanswered": 1, "oldest_unanswered_days": 41},
        }
    ],
    "reach.partners": [
        {"partner_id": "p-1", "platform": "instagram", "posts": 7, "impressions": 7654321, "reach": 5000}
    ],
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return make_report(tmp_path_factory.mktemp("report"), ROWS)


@pytest.fixture(scope="module")
def page(report: Report) -> Page:
    return Page(report.html)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_each_goal_has_its_figures_its_status_in_words_its_evidence_and_what_changed(page: Page):
    goals = squeeze(page.sections["goals"])
    for words_of in (
        "behind: short of a steady pace.",
        "20.0 % of the way from baseline to target",
        "2,600.50 EUR",
        "9,000.00 EUR",
        "a steady pace would be at 2,903.23 EUR by now; 302.73 EUR short of it",
        "1 Mar 2026 to 31 Mar 2026",
        "tracked: codes, referrals, conversions and clicks",
        "campaign: spring or fresh",
        "2026-03-05: target: 12000 → 9000",
        "late: Brief the roasters",
    ):
        assert words_of in goals
    assert "1 goal: 1 behind" in squeeze(page.sections["top"])


def test_a_long_roster_is_counted_and_not_listed(page: Page):
    undefined = squeeze(page.sections["undefined"])
    assert "owner goal: spring Nobody answers for it." in undefined
    assert "40 partners: p-000" in undefined and "and 28 more" in undefined
    assert "p-012" not in undefined


def test_results_are_sums_over_the_months_by_the_plans_model_and_ratios_are_of_sums(page: Page):
    """Cost 500 and 4 + 1 new customers: 100 each; margin 250 + 250 on it: 1; revenue 2,000 of it: ROAS 4."""
    results = squeeze(page.sections["results"])
    assert "influencer 20 2,000.00 0.00 0.00 0.00 5 500.00 500.00 1.00 4.00 100.00" in results
    assert "99,999" not in results
    assert "untracked 4,321 12,345.60" in results


def test_of_many_campaigns_the_first_are_shown_and_the_rest_is_summed(tmp_path: Path):
    campaign = {key: value for key, value in INFLUENCER.items() if key in list_columns()["results.campaigns"]}
    rows = [campaign | {"campaign_id": f"c-{n:02}", "net_revenue": 100 - n} for n in range(60)]
    results = squeeze(Page(make_report(tmp_path, {"results.campaigns": rows}).html).sections["results"])
    assert "The first 50 of 60; all are in marts.xlsx" in results
    assert "c-49" in results and "c-50" not in results


def test_intervals_are_said_in_words(page: Page):
    proof = squeeze(page.sections["proof"])
    assert "3.00 EUR more for each treated unit (17.2 % more than without)" in proof
    assert "with 95 % confidence between 1.69 and 4.31 EUR more. Over all that were treated: 600.00 EUR more." in proof
    assert "between 7.7 percentage points less and 9.7 more" in proof
    assert "72 of 260 (27.7 %)" in proof


def test_a_small_effect_is_not_rounded_away(tmp_path: Path):
    small = {"kpi": "orders", "effect_per_unit": 0.0312, "ci_low": 0.0044, "ci_high": 0.058, "incremental_total": 6.24}
    rows = {
        "goals.kpis": [KPI | {"kpi": "orders", "unit": "orders"}],
        "results.incrementality": [ROWS["results.incrementality"][0] | small],
    }
    proof = squeeze(Page(make_report(tmp_path, rows).html).sections["proof"])
    assert "orders: 0.031 orders more for each treated unit" in proof
    assert "between 0.0044 and 0.058 orders more. Over all that were treated: 6.2 orders more." in proof


def test_shares_are_told_in_points_with_both_arms(tmp_path: Path):
    shares = {
        "method": "newcombe",
        "kpi": "new_customers",
        "control_mean": 0.04,
        "arm_mean": 0.055,
        "effect_per_unit": 0.015,
    }
    shares |= {"ci_low": 0.002, "ci_high": 0.029, "incremental_total": 3, "reason": "it has no last day"}
    rows = {"results.incrementality": [ROWS["results.incrementality"][0] | shares]}
    proof = squeeze(Page(make_report(tmp_path, rows).html).sections["proof"])
    assert "4.0 % → 5.5 %, 1.5 points more, with 95 % confidence between 0.20 and 2.9 points more" in proof
    assert "Note: it has no last day." in proof and "Why:" not in proof


def test_the_first_screen_says_in_plain_lines_where_we_are(tmp_path: Path):
    goals = [
        SPRING,
        SPRING | {"goal_id": "proof", "status": "unproven", "actual": None, "reason": "no experiment was delivered"},
        SPRING | {"goal_id": "viral", "status": "unknown", "actual": None, "reason": "no invitation was delivered"},
    ]
    as_of = date.fromisoformat(VERSION["as_of"])
    order = {"shop": "eu", "evidence": "code", "ordered_on": as_of, "net_revenue": 25}
    orders = [
        *({**order, "order_id": str(number)} for number in range(3)),
        order | {"order_id": "3", "evidence": "none"},
        # Of the day after the one that the report answers for.
        order | {"order_id": "4", "ordered_on": as_of + timedelta(days=1), "net_revenue": 1000},
    ]
    page = Page(make_report(tmp_path, {"goals.progress": goals, "results.orders": orders}).html)
    top = squeeze(page.sections["top"])
    for line in (
        "What we set out to reach People buy. (3 goals, the last by 31 Mar 2026.)",
        "Where we are 1 behind: spring.",
        "What came in 4 orders, 100 EUR of net revenue; 75.0 % of it is tracked",
        "What is proven Nothing yet",
        "proof is unproven: no experiment was delivered. viral is unknown: no invitation was delivered.",
    ):
        assert line in top
    goals_part = squeeze(page.sections["goals"])
    assert "unknown: its figure cannot be computed from what was delivered. No invitation was delivered." in goals_part


def test_partners_have_names_and_a_cost_that_nobody_knows_is_no_0(tmp_path: Path):
    """Mira brought 2 customers in March who bought 60 so far, and 1 in April with 30: 30 each."""
    mira = {"partner_id": "p-1", "name": "Mira", "relationship": "employee", "attribution_model": "last_touch"}
    cohort = {"level": "partner", "brought_by": "p-1", "cohort_month": date(2026, 3, 1), "is_complete": True}
    rows = {
        "results.partners_all_time": [
            mira | {"orders": 4, "net_revenue": 90, "new_customers": 3},
            mira | {"partner_id": "f00d", "name": None, "relationship": "customer", "orders": 1, "net_revenue": 9},
        ],
        "relationships.partners": [ROWS["relationships.partners"][0] | {"partner_id": "p-1"}],
        "results.cohorts": [
            cohort | {"months_since": 0, "customers": 2, "cumulative_net_revenue_per_customer": 20},
            cohort | {"months_since": 1, "customers": 2, "cumulative_net_revenue_per_customer": 30},
            cohort
            | {"cohort_month": date(2026, 4, 1), "months_since": 0, "customers": 1}
            | {"cumulative_net_revenue_per_customer": 30},
        ],
    }
    results = squeeze(Page(make_report(tmp_path, rows).html).sections["results"])
    assert "Mira employee 4 90.00 3 – – – 30.00" in results
    assert "(customers who are not partners) customer 1 9.00" in results and "f00d" not in results


def test_lifetimes_and_paths_are_shown(tmp_path: Path):
    """Month 0 of two cohorts of 2 and 1 customers with 20 and 50: (40 + 50) / 3; month 1 of the first only."""
    cohort = {"level": "programme", "brought_by": "(the programme)", "is_complete": True}
    cell = "cumulative_net_revenue_per_customer"
    rows = {
        "results.cohorts": [
            cohort | {"cohort_month": date(2026, 3, 1), "months_since": 0, "customers": 2, cell: 20},
            cohort | {"cohort_month": date(2026, 3, 1), "months_since": 1, "customers": 2, cell: 45},
            cohort | {"cohort_month": date(2026, 4, 1), "months_since": 0, "customers": 1, cell: 50},
            cohort
            | {"cohort_month": date(2026, 4, 1), "months_since": 1, "customers": 1, cell: 999, "is_complete": False},
        ],
        "results.paths": [
            {"path": "partner p > campaign c", "names": "Mira > Spring", "month": date(2026, 3, 1), "touches": 2}
            | {"days": 3, "orders": 4, "net_revenue": 80, "paths_without_order": 1}
        ],
    }
    results = squeeze(Page(make_report(tmp_path, rows).html).sections["results"])
    assert "(the programme) 3 30.00 45.00" in results and "999" not in results
    assert "Mira → Spring 4 80.00 2.0 3.0 1" in results


def test_what_changed_is_told(tmp_path: Path):
    report = make_report(tmp_path, ROWS)
    write_report(report.folder / "marts.duckdb", VERSION, {}, tmp_path, ["Goal spring was behind and is met."])
    assert "Goal spring was behind and is met." in Page(report.html).sections["changes"]


def test_commitments_and_deliveries_are_shown(page: Page):
    care = squeeze(page.sections["care"])
    assert "customer 3 2 0 1 0 2 1 1 –" in care
    assert "Mira customer 1 1 41" in care
    assert "orders 2 1,234 3 10 Mar 2026 landing/b.csv" in squeeze(page.sections["data"])


def test_reach_is_the_last_section_and_separate(page: Page):
    assert list(page.sections)[-1] == "reach"
    reach = squeeze(page.sections["reach"])
    assert "Reach: potential impact, not a result" in reach
    assert "instagram 7 7,654,321 5,000" in reach
    assert "EUR" not in reach and "orders" not in reach
    for name, text in page.sections.items():
        assert name == "reach" or "7,654,321" not in text


def test_only_the_part_about_reach_reads_reach_and_it_reads_nothing_else():
    for file in QUERIES.glob("*.sql"):
        tables = {
            table.db for table in sqlglot.parse_one(file.read_text(), read="duckdb").find_all(exp.Table) if table.db
        }
        assert tables, file
        assert ("reach" in tables) == (file.stem == "reach"), file
        if file.stem == "reach":
            assert tables == {"reach"}


def test_what_would_prove_a_goal_is_said_in_words_and_figures(tmp_path: Path):
    plan = {"goal_id": "proof", "kpi": "new_customers", "design": "randomised", "days": 28, "method": "formula"}
    rows = [
        plan | {"detectable_relative_lift": 0.05, "units_per_arm": 7400, "units_available": 4100, "is_feasible": False, "reason": "too many"},
        plan | {"detectable_relative_lift": 0.1, "units_per_arm": 1850, "units_available": 4100, "is_feasible": True, "reason": "there are 4100"},
        plan | {"detectable_relative_lift": 0.5, "units_per_arm": 90, "units_available": 4100, "is_feasible": True, "reason": "there are 4100"},
        plan | {"goal_id": "geo", "design": "geo", "detectable_relative_lift": 0.062, "units_per_arm": 2, "regions": "east; north", "false_positive_ratio": 0.05, "days": 14, "is_feasible": True, "reason": "found in 60 tests on past days"},
        plan | {"goal_id": "ratio", "kpi": "roas", "detectable_relative_lift": 0.1, "units_per_arm": None, "days": None, "is_feasible": False, "reason": "it is a ratio"},
        plan | {"goal_id": "few", "detectable_relative_lift": 0.5, "units_per_arm": 300, "units_available": 50, "is_feasible": False, "reason": "there are 50"},
    ]  # fmt: skip
    proof = squeeze(Page(make_report(tmp_path, {"goals.experiments_needed": rows}).html).sections["proof"])
    for line in (
        "proof: To know whether the programme brings new customers: 2 groups of 1,850 customers, 28 days, detects 10 %.",
        "geo: To know whether the programme brings new customers: 2 regions (east; north), 14 days, detects 6.2 %.",
        "ratio: To know whether the programme changes roas: no experiment can be planned. It is a ratio.",
        "few: To know whether the programme brings new customers: 2 groups of 300 customers, 28 days, detects 50 %."
        " That is more than there are: 50.",
        "proof person 5.0 % 7,400 28 – no too many",
        "geo region 6.2 % 2 14 5.0 % yes east; north: found in 60 tests on past days",
    ):
        assert line in proof


def test_no_part_reads_customers():
    for file in QUERIES.glob("*.sql"):
        assert "customer_id" not in file.read_text(), file
        tables = {table.sql() for table in sqlglot.parse_one(file.read_text(), read="duckdb").find_all(exp.Table)}
        assert not tables & {"relationships.advocates", "results.referrals", "results.self_referrals"}, file


def test_tracked_and_said_are_what_the_models_declare(tmp_path: Path):
    with (REPOSITORY / "dbt_project/seeds/evidence_tiers.csv").open() as opened:
        tiers = list(csv.DictReader(opened))
    daily = {"day": date(2026, 3, 1), "attribution_model": "last_touch", "relationship": "r", "partner_id": "p"}
    rows = {
        "results.relationships": [INFLUENCER | {"relationship": tier["evidence"], "net_revenue": 11} for tier in tiers],
        "results.daily": [
            {
                **daily,
                "campaign_id": "c",
                "relationship": tier["evidence"],
                "evidence": tier["evidence"],
                "net_revenue": 11,
            }
            for tier in tiers
        ],
    }
    results = squeeze(Page(make_report(tmp_path, rows).html).sections["results"])
    for tier in tiers:
        figures_of = "11.00 0.00" if tier["tier"] == "tracked" else "0.00 11.00"
        assert f"{tier['evidence']} 10 11.00 {figures_of}" in results


def test_it_loads_nothing_runs_nothing_and_links_nowhere(report: Report, page: Page):
    assert page.count("script") == page.count("link") == page.count("img") == page.count("iframe") == 0
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "action", "data"} & attributes.keys(), tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
    assert not re.search(r"https?://|@import|url\(", report.html)
    assert "default-src 'none'" in report.html


def test_every_table_is_readable_aloud_and_every_chart_has_its_numbers(report: Report, page: Page):
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert page.count("caption") == page.count("table") > 5
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
    charts = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(charts) == 3  # the goal, relationships, and relationships by month
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)
    for after in report.html.split("</svg>")[1:]:
        assert "<table>" in after
    assert "5 Mar 2026 1,300.25 1,450.00 9,000.00 target: 12000 → 9000" in squeeze(page.sections["goals"])
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"][1:] for tag, attributes in page.tags if tag == "a"}
    assert targets <= set(ids)


def test_names_are_shown_and_never_run(tmp_path: Path):
    evil = '<script>alert("x")</script>\'"&'
    rows = {
        "goals.progress": [SPRING | {"goal_id": evil, "owner": evil, "what_moved": evil}],
        "goals.kpis": [KPI | {"definition": evil}],
        "goals.history": [row | {"goal_id": evil} for row in HISTORY],
        "goals.definitions": [{"goal_id": evil, "is_current": True, "narrowed_to": '{"campaign": ["<script>"]}'}],
        "goals.steps": [{"objective_id": "sell", "step_id": evil, "statement": evil, "status": "open"}],
        "goals.undefined": [{"partner_id": evil, "element": "step", "why_it_matters": evil}],
        "results.relationships": [INFLUENCER | {"relationship": evil}],
        "relationships.partners": [
            ROWS["relationships.partners"][0] | {"name": evil, "relationship": evil},
        ],
        "reach.partners": [{"partner_id": evil, "platform": evil, "posts": 1}],
    }
    html = make_report(
        tmp_path, rows, programme=evil, objectives=[{"objective_id": "sell", "statement": evil, "owner": evil}]
    ).html
    page = Page(html)
    assert "<script" not in html.lower()
    assert page.count("script") == 0
    assert evil in page.sections["care"]
    assert evil in page.sections["goals"]


def test_a_programme_without_data_has_a_report(tmp_path: Path):
    report = make_report(tmp_path, {}, objectives=[], deliveries=[])
    text = squeeze(" ".join(Page(report.html).sections.values()))
    assert "No goals yet: write them in plan.yml." in text
    assert "No orders yet." in text and "No experiment yet." in text and "No posts yet." in text
    assert "None" not in text and "nan" not in text


def test_a_goal_that_lacks_everything_shows_what_is_to_be_defined(tmp_path: Path):
    bare = {"objective_id": "sell", "goal_id": "vague", "status": "undefined", "as_of": date(2026, 3, 10)}
    goals = squeeze(Page(make_report(tmp_path, {"goals.progress": [bare]}).html).sections["goals"])
    assert goals.count("to be defined") >= 5
    assert "None" not in goals


def test_the_same_marts_give_the_same_report_but_for_when_it_was_made(report: Report, tmp_path: Path):
    later = make_report(tmp_path, ROWS, version="2026-03-12T030000Z", made_at="2026-03-12T03:00:00+00:00")
    before, after = report.html.splitlines(), later.html.splitlines()
    assert len(before) == len(after)
    different = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert [one.count("published at 2026-03-11") for one, _ in different] == [1]


def test_an_error_in_a_part_names_the_report(tmp_path: Path):
    with pytest.raises(
        ReportError, match=r"the report could not be written, so nothing was published .*nothing\.duckdb"
    ):
        write_report(tmp_path / "nothing.duckdb", VERSION, {}, tmp_path)


def read_colours(css: str) -> list[dict[str, str]]:
    """Light first, then dark."""
    return [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*--[^}]*)\}", css)]


def measure_luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_text_has_enough_contrast_in_light_and_dark():
    """WCAG 2.2, 1.4.3: a contrast of 4.5; black on white is 21 by definition."""

    def measure_contrast(one: str, other: str) -> float:
        light, dark = sorted((measure_luminance(one), measure_luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert measure_contrast("#000000", "#ffffff") == pytest.approx(21)
    themes = read_colours((REPOSITORY / "orchestration/publishing/report/report.css").read_text())
    assert len(themes) == 2
    for theme in themes:
        for paper in ("paper", "card"):
            for ink in ("ink", "soft", "blue", "good", "bad", "wait"):
                assert measure_contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper, theme)


@pytest.mark.parametrize("module", [figures, words])
def test_the_examples_in_the_docstrings_hold(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted > 2
    assert outcome.failed == 0
