"""No figure blends units: ways to make a score, each with the same arithmetic on figures of one unit, which is none."""

import pytest

from orchestration.lineage.graph import build_graph
from orchestration.lineage.measures import Measures, measure
from orchestration.lineage.project import Declared, Project, Table
from orchestration.lineage.proof import Proof
from orchestration.lineage.reading import read_models
from orchestration.lineage.scores import Examined, find_scores

COLUMNS = {
    "partner_id": ("text", None),
    "kind": ("text", None),
    "seen_at": ("timestamp", None),
    "is_new": ("boolean", None),
    "likes": ("count", "engagements"),
    "comments": ("count", "engagements"),
    "followers": ("count", "accounts"),
    "net": ("money", None),
    "cost": ("money", None),
    "orders": ("count", None),
    "target": ("number", "by kind"),
}

# SCORE is what must be caught: OTHER stands for followers there, and for comments in the near miss.
BLENDS = {
    "a weighted sum": "select partner_id, 0.7 * likes + 0.3 * OTHER as x from facts",
    "a difference": "select partner_id, likes - OTHER as x from facts",
    "sums added up": "select partner_id, sum(likes) + sum(OTHER) as x from facts group by partner_id",
    "windows added up": "select sum(likes) over (partition by partner_id) + max(OTHER) over () as x from facts",
    "z-scores": """
        select (likes - avg(likes) over ()) / stddev(likes) over ()
            + (OTHER - avg(OTHER) over ()) / stddev(OTHER) over () as x
        from facts""",
    "shares of the maximum": """
        select 100 * (likes / max(likes) over () + OTHER / max(OTHER) over ()) / 2 as x from facts""",
    "a sum of ranks": "select rank() over (order by likes) + rank() over (order by OTHER) as x from facts",
    "a product of ranks": "select rank() over (order by likes) * rank() over (order by OTHER) as x from facts",
    "a mean of percentiles": """
        select (percent_rank() over (order by likes) + cume_dist() over (order by OTHER)) / 2 as x from facts""",
    "deciles": "select ntile(10) over (order by likes) + ntile(10) over (order by OTHER) as x from facts",
    "logarithms": "select ln(1 + likes) + ln(1 + OTHER) as x from facts",
    "powers": "select power(likes, 0.5) + power(OTHER, 0.5) as x from facts",
    "a geometric mean": "select sqrt(likes * OTHER) as x from facts",
    "a product of shares": "select likes / max(likes) over () * (OTHER / max(OTHER) over ()) as x from facts",
    "a harmonic mean": "select 2 * likes * OTHER / (likes + OTHER) as x from facts",
    "a default": "select coalesce(likes, OTHER) as x from facts",
    "the larger of both": "select greatest(likes, OTHER) as x from facts",
    "a case": "select case when is_new then likes else OTHER end as x from facts",
    "if": "select if(is_new, likes, OTHER) as x from facts",
    "a union": "select likes as x from facts union all select OTHER from facts",
    "a long table added up without the column that names the unit": """
        with long as (select partner_id, 'a' as kind, likes as value from facts
            union all select partner_id, 'b' as kind, OTHER from facts)
        select partner_id, sum(value) as x from long group by partner_id""",
    "grades": """
        select case when likes > 100 then 3 else 1 end + case when OTHER > 100 then 3 else 1 end as x from facts""",
    "one grade for both": "select case when likes > 100 and OTHER > 100 then 3 else 1 end as x from facts",
    "a grade by a label of a grade": """
        with labelled as (select likes, case when OTHER > 100 then 'A' else 'B' end as class from facts)
        select case class when 'A' then 3 else 1 end + case when likes > 100 then 3 else 1 end as x from labelled""",
    "yes and no as numbers": "select cast(likes > 100 as int) + cast(OTHER > 100 as int) as x from facts",
    "a list": "select [likes, OTHER] as x from facts",
    "a mean of unlike ratios": "select (likes / followers + OTHER / net) / 2 as x from ONE",
    "an order": "select partner_id from facts order by likes + 3 * OTHER desc limit 10",
    "the place in an order": "select row_number() over (order by likes + 3 * OTHER) as x from facts",
    "a filter": "select partner_id from facts where likes + OTHER > 100",
    "a group": "select count(*) as n from facts group by likes + OTHER",
    "having": "select partner_id from facts group by partner_id having sum(likes) + sum(OTHER) > 100",
    "a join": "select a.partner_id from facts as a join facts as b on a.likes + a.OTHER = b.likes",
    "a subquery": "select likes + (select max(OTHER) from facts) as x from facts",
    "a cte": "with a as (select likes / max(likes) over () as p, OTHER / max(OTHER) over () as q from facts) select p + q as x from a",
    "a cast": "select cast(likes as double) + cast(cast(OTHER as text) as double) as x from facts",
    "a filtered sum": "select sum(likes) filter (where is_new) + sum(OTHER) filter (where not is_new) as x from facts",
}

# Where the near miss is something else than another column.
PAIRS = {
    "money and counts": ("select net + orders as x from facts", "select net - cost as x from facts"),
    "a product of unlike things": (
        "select net * likes as x from facts",
        "select orders * (net / orders) as x from facts",
    ),
    "rows and likes": (
        "select count(*) + sum(likes) as x from facts",
        "select count(*) + count(is_new) as x from facts",
    ),
    "rows of two kinds": (
        "select (select count(*) from facts) + (select count(distinct partner_id) from facts) as x",
        "select (select count(*) from facts) + (select count(*) from facts where is_new) as x",
    ),
    "a mean over the units of rows": (
        "select avg(target) as x from facts",
        "select kind, avg(target) as x from facts group by kind",
    ),
    "a window over the units of rows": (
        "select max(target) over (partition by partner_id) as x from facts",
        "select max(target) over (partition by kind) as x from facts",
    ),
    "a unit of rows and one of all": (
        "select target - net as x from facts",
        "select target - 2 * target as x from facts",
    ),
    "a name": ("select likes as influence_score from facts", "select likes as likes_of_influencers from facts"),
    "another name": ("select likes as engagement_index from facts", "select likes as indexed_likes from facts"),
    "time and money": (
        "select date_diff('day', seen_at, now()) + net as x from facts",
        "select date_diff('day', seen_at, now()) + 1.0 as x from facts",
    ),
}


def make_mart(sql: str, below: str | None = None) -> tuple[Examined, Measures]:
    """The mart results.made with `sql`, on raw.facts or on int_below, and nothing else."""
    facts = Table(
        "facts",
        "source",
        "raw",
        "facts",
        "raw.facts",
        "facts.yml",
        {name: Declared(name, type, {"unit": unit} if unit else {}) for name, (type, unit) in COLUMNS.items()},
        complete=True,
        meta={},
    )
    tables = {"facts": facts}
    for label, schema, text in (("int_below", "intermediate", below), ("results.made", "results", sql)):
        if text:
            text = text.replace("facts", "raw.facts").replace("ONE", "raw.facts")
            name = label.removeprefix("results.")
            tables[label] = Table(label, "model", schema, name, label, f"{label}.sql", {}, False, {}, text)
    reading = read_models(Project(tables, {}))
    assert reading.errors == []
    measures = measure(reading)
    return find_scores(build_graph(reading), measures)["results.made"], measures


@pytest.mark.parametrize("way", BLENDS)
def test_a_blend_of_units_is_caught(way: str):
    examined, _ = make_mart(BLENDS[way].replace("OTHER", "followers"))
    assert examined.problems


@pytest.mark.parametrize("way", BLENDS)
def test_the_same_on_figures_of_one_unit_is_let_through(way: str):
    examined, _ = make_mart(BLENDS[way].replace("OTHER / net", "comments / followers").replace("OTHER", "comments"))
    assert examined.problems == ()
    assert examined.unexamined == ()


@pytest.mark.parametrize("way", PAIRS)
def test_a_blend_is_distinguished_from_what_looks_like_it(way: str):
    score, innocent = PAIRS[way]
    assert make_mart(score)[0].problems
    assert make_mart(innocent)[0].problems == ()


def test_a_blend_upstream_is_reported_with_the_way_there():
    examined, _ = make_mart(
        "select partner_id, weight from intermediate.int_below",
        "select partner_id, likes + 2 * followers as weight from facts",
    )
    assert examined.problems == (
        "results.made.partner_id ← int_below.partner_id: `likes + 2 * followers` blends engagements with accounts",
    )


@pytest.mark.parametrize(
    ("sql", "unit"),
    [
        ("net / nullif(orders, 0)", "currency/orders"),
        ("likes / nullif(followers, 0)", "engagements/accounts"),
        ("net / cost", "figure made of currency"),
        ("(likes + comments) * 2.5", "engagements"),
        ("sum(case when is_new then 1 else 0 end)", "rows of facts"),
        ("sum(case when likes > 10 then 1 else 0 end)", "rows of facts"),
        ("count(distinct partner_id)", "rows of partner_id"),
        ("max(seen_at) - min(seen_at)", "time"),
        ("max(target)", "blend"),
        ("variance(likes)", "engagements^2"),
        ("max(is_new)", "label"),
        ("list_reduce(list(likes), lambda a, b: a + b)", "unknown: what list_reduce gives"),
    ],
)
def test_the_unit_follows_from_the_arithmetic(sql: str, unit: str):
    _, measures = make_mart(f"select {sql} as x from facts")
    assert str(measures.units["results.made", "x"]) == unit


def test_an_unknown_unit_is_reported():
    examined, _ = make_mart("select list_reduce([likes, 2], lambda a, b: a + b) as x from facts")
    assert examined.unexamined == ("results.made.x: unknown: what list_reduce gives",)


def test_no_figure_of_the_project_is_a_score(proof: Proof):
    assert {mart: examined.problems for mart, examined in proof.examined.items() if examined.problems} == {}


def test_no_figure_of_the_project_has_an_unknown_unit(proof: Proof):
    """May grow only with a reason: declare the unit where SQL gives none (`config: {meta: {unit: …}}`)."""
    unexamined = [reason for examined in proof.examined.values() for reason in examined.unexamined]
    assert unexamined == []
    assert sum(len(examined.units) for examined in proof.examined.values()) >= 80
