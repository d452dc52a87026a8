"""Proves with `mf` that the metrics equal the published marts and that reach and results cannot be combined.

Raises AssertionError with what differs.
"""

import csv
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
from ask import HERE, list_variables, run_tool

# (side, metrics, group by, the same in plain SQL: first the groups, then the metrics). $model is that of the plan.
EQUAL = [
    (
        "results",
        "net_revenue,orders,new_customers,contribution_margin,cost,return_on_cost,cost_per_new_customer",
        "credit__relationship",
        """select relationship, sum(net_revenue), sum(orders), sum(new_customers), sum(contribution_margin), sum(cost),
            sum(contribution_margin) / nullif(sum(cost), 0), sum(cost) / nullif(sum(new_customers), 0)
        from results.relationships where attribution_model = $model group by all""",
    ),
    (
        "results",
        "net_revenue,referred_customers,return_on_cost",
        "metric_time__month,campaign",
        """select month, campaign_id, net_revenue, referred_customers, return_on_cost from results.campaigns
        where attribution_model = $model""",
    ),
    (
        "results",
        "net_revenue,cost,roas,cost_per_new_customer,average_order_value",
        "partner",
        """select partner_id, net_revenue, cost, roas, cost_per_new_customer, average_order_value
        from results.partners_all_time where attribution_model = $model""",
    ),
    (
        "results",
        "net_revenue,roas,average_order_value",
        "campaign",
        """select campaign_id, net_revenue, roas, average_order_value from results.campaigns_all_time
        where attribution_model = $model""",
    ),
    (
        "results",
        "net_revenue,roas",
        "credit__relationship",
        "select relationship, net_revenue, roas from results.relationships_all_time where attribution_model = $model",
    ),
    (
        "results",
        "cohort_customers,ltv_so_far",
        "cohort__brought_by",
        # By the last row of each cohort, as the mart has it.
        """select brought_by, sum(customers), sum(customers * cumulative_net_revenue_per_customer) / sum(customers)
        from (
            from results.cohorts where level = 'relationship'
            qualify row_number() over (partition by cohort_month, brought_by order by months_since desc) = 1
        )
        group by all""",
    ),
    (
        "results",
        "path_orders,path_revenue,paths_without_order,path_order_ratio,touches_per_order,days_to_order",
        "path_of_month__path",
        """select path, sum(orders), sum(net_revenue), sum(paths_without_order),
            sum(orders) / sum(orders + paths_without_order), sum(touches * orders) / nullif(sum(orders), 0),
            sum(days * orders) / nullif(sum(orders), 0)
        from results.paths group by all""",
    ),
    (
        "results",
        "removal_orders,removal_revenue",
        "metric_time__month,removal__player",
        "select month, player, orders, net_revenue from results.removal_effects where level = 'partner'",
    ),
    (
        "results",
        "tracked_revenue,said_revenue,untracked_revenue,renewal_revenue",
        "metric_time__month",
        """pivot (select month, evidence, net_revenue from results.evidence)
        on evidence in ('tracked', 'said', 'untracked', 'renewal') using sum(net_revenue) group by month""",
    ),
    (
        "results",
        "people,invites,registered,invite_conversion,k_factor",
        "metric_time__month",
        # A month without new people has the number of the month before.
        """select
            range,
            people,
            if(month = range, columns(['invites', 'registered', 'invite_conversion', 'k_factor']), null)
        from range(
            (select min(month) from results.referral_totals),
            (select max(month) + interval 1 day from results.referral_totals),
            interval 1 month
        )
        asof join (from results.referral_totals where period = 'month') on range >= month""",
    ),
    (
        "results",
        "people,invites,registered,invite_conversion,k_factor",
        "",
        """select people, invites, registered, invite_conversion, k_factor from results.referral_totals
        where period = 'all time'""",
    ),
    (
        "results",
        "shop_orders,shop_revenue,shop_customers",
        "shop_order__evidence",
        "select evidence, count(*), sum(net_revenue), count(distinct customer_id) from results.orders group by all",
    ),
    (
        "results",
        "commitments_kept_ratio,median_answer_hours",
        "",
        """select avg(is_kept_in_time::int), (select median(answer_hours) from relationships.requests)
        from relationships.commitments""",
    ),
    (
        "reach",
        "posts,impressions,reach,engagements",
        "post__platform",
        """select platform, sum(posts), sum(impressions), sum(reach), sum(engagements) from reach.partners
        group by all having sum(posts) > 0""",
    ),
    (
        "reach",
        "engagement_rate",
        "partner,post__platform",
        "select partner_id, platform, engagement_rate from reach.partners where posts > 0",
    ),
    (
        "reach",
        "impressions_gained,reach_gained",
        "metric_time__month",
        "select date_trunc('month', day), sum(impressions), sum(reach) from reach.daily group by all",
    ),
]
# Both directions, with and without a common day, simple and ratio metrics.
REFUSED = [
    ("results", "net_revenue,reach", ""),
    ("results", "net_revenue,reach", "metric_time__month"),
    ("results", "return_on_cost,engagement_rate", "metric_time"),
    ("results", "orders", "post__platform"),
    ("reach", "reach,net_revenue", ""),
    ("reach", "reach,net_revenue", "metric_time__month"),
    ("reach", "engagement_rate,k_factor", "metric_time"),
    ("reach", "reach", "credit__relationship"),
]
RATIO = "metrics:\n  - {{name: leak, label: s, type: ratio, type_params: {{numerator: {0}, denominator: {1}}}}}\n"
LEAKS = [
    ("results", "leak.yml", RATIO.format("net_revenue", "reach"), "reach"),
    ("reach", "leak.yml", RATIO.format("reach", "net_revenue"), "net_revenue"),
    ("results", "leak.sql", "select * from {{ source('reach', 'posts') }}", "reach.posts"),
    ("reach", "leak.sql", "select * from {{ source('results', 'daily') }}", "results.daily"),
]


def prove_equal(side: str, metrics: str, group_by: str, sql: str, model: str) -> int:
    """How many rows were compared."""
    names = [*filter(None, group_by.split(",")), *metrics.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer.csv"
        by = ["--group-by", group_by] if group_by else []
        done = run_tool("mf", "query", "--metrics", metrics, *by, "--csv", str(file), side=side, capture_output=True)
        assert done.returncode == 0, done.stdout.decode()
        with file.open(encoding="utf-8") as opened:
            answered = sorted(tidy(row[name] for name in names) for row in csv.DictReader(opened))
    with duckdb.connect(list_variables(side)["MARTS"], read_only=True) as marts:
        rows = marts.execute(sql, {"model": model} if "$model" in sql else None).fetchall()
    count = len(names) - len(metrics.split(","))
    # A group without numbers is a row in one of the two and missing in the other.
    answered, expected = (
        [row for row in found if any(row[count:])] for found in (answered, sorted(tidy(row) for row in rows))
    )
    different = [pair for pair in zip(answered, expected, strict=False) if not all(map(is_alike, *pair))]
    assert expected and len(answered) == len(expected) and not different, (metrics, group_by, different[:3])
    return len(expected)


def tidy(values: Iterable[Any]) -> tuple[str, ...]:
    """Days without time, null as empty text."""
    return tuple("" if value is None else re.sub("[T ]00:00:00$", "", str(value)) for value in values)


def is_alike(one: str, other: str) -> bool:
    """The marts round shares of orders and customers to the sixth decimal before they are added up."""
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-6, abs_tol=1e-9)
    except ValueError:
        return one == other


def prove_refused(side: str, metrics: str, group_by: str) -> None:
    by = ["--group-by", group_by] if group_by else []
    done = run_tool("mf", "query", "--metrics", metrics, *by, side=side, capture_output=True)
    output = done.stdout.decode() + done.stderr.decode()
    assert done.returncode != 0 and "does not" in output, output
    assert "any known metrics" in output or "match any" in output, output


def prove_leak_is_refused(side: str, name: str, text: str, message: str) -> None:
    """dbt does not parse a metric or a view that reads the other side."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / side
        shutil.copytree(HERE / side, project, ignore=shutil.ignore_patterns("target", "logs"))
        (project / "models" / name).write_text(text, encoding="utf-8")
        options = ["--project-dir", str(project), "--profiles-dir", str(project)]
        done = run_tool("dbt", "--no-use-colors", "parse", *options, side=side, capture_output=True)
        output = done.stdout.decode()
        assert done.returncode != 0 and message in output, output


def prove_explained(metrics: str) -> None:
    done = subprocess.run(
        [sys.executable, HERE / "ask.py", "query", "--metrics", metrics], capture_output=True, text=True
    )
    assert done.returncode != 0 and "cannot be asked in one query" in done.stderr, done.stderr


def build(side: str, model: str) -> None:
    os.environ["ATTRIBUTION_MODEL"] = model
    assert run_tool("dbt", "--quiet", "build", side=side).returncode == 0


def main() -> None:
    plans = list_variables("results")["ATTRIBUTION_MODEL"]
    for side in ("results", "reach"):
        build(side, plans)
    for side, metrics, group_by, sql in EQUAL:
        rows = prove_equal(side, metrics, group_by, sql, plans)
        print(f"equal in {rows:4} rows   {metrics} by {group_by or 'nothing'}")
    build("results", "shapley")
    side, metrics, group_by, sql = EQUAL[0]
    print(f"equal in {prove_equal(side, metrics, group_by, sql, 'shapley'):4} rows   the same by shapley")
    build("results", plans)
    for side, metrics, group_by in REFUSED:
        prove_refused(side, metrics, group_by)
        print(f"refused by {side:7}   {metrics} by {group_by or 'nothing'}")
    for side, name, text, message in LEAKS:
        prove_leak_is_refused(side, name, text, message)
        print(f"not parsed by {side:7} {text.strip()[-70:]}")
    prove_explained("net_revenue,reach")
    print("ask.py explains the refusal")


if __name__ == "__main__":
    main()
