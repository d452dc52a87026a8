"""Ways in which reach can leak into results, each with a near miss: the same SQL on a column of the table that is no reach.

In the SQL, POSTS are rows of a vendor's export of posts (how many likes is engagement, whose post it is and how long its
link is are not), VALUE is the leaked or the innocent column, ORDERS are orders.
"""

import shutil
from pathlib import Path

from orchestration.programme.repository import DBT_PROJECT

POSTS = "{{ ref('stg_linkedin__post_rows') }}"
ORDERS = "{{ ref('int_orders_sold') }}"
LEAKED = "likes"
INNOCENT = "length(url)"

IN_SQL = {
    "value": "select partner_id, VALUE as amount from POSTS",
    "filter": "select partner_id from POSTS where VALUE > 100",
    "case": "select partner_id, case when VALUE > 100 then 'big' else 'small' end as size from POSTS",
    "case_on_value": "select partner_id, case VALUE when 0 then 'none' else 'some' end as size from POSTS",
    "default": "select partner_id, coalesce(nullif(length(post_type), 0), VALUE) as amount from POSTS",
    "comparison": "select partner_id, VALUE > 100 as is_big from POSTS",
    "tie_breaker": """
        select partner_id, post_id from POSTS
        qualify row_number() over (partition by partner_id order by _delivery_order desc, VALUE desc) = 1""",
    "window_order": "select partner_id, count(*) over (order by VALUE) as place from POSTS",
    "window_partition": "select partner_id, count(*) over (partition by VALUE) as place from POSTS",
    "window_value": "select partner_id, lag(VALUE) over (partition by partner_id order by _row) as amount from POSTS",
    "window_frame": """
        select partner_id, sum(_row) over (order by VALUE range between 1 preceding and current row) as amount
        from POSTS""",
    "named_window": "select partner_id, first_value(url) over w as url from POSTS window w as (order by VALUE)",
    "join": "select orders.order_id from ORDERS as orders inner join POSTS as posts on posts.VALUE = orders.order_id",
    "join_with_a_floor": """
        select orders.order_id from ORDERS as orders
        left join POSTS as posts on posts.partner_id = orders.customer_id and VALUE > 100""",
    "semi_join": """
        select orders.order_id from ORDERS as orders
        semi join POSTS as posts on posts.partner_id = orders.customer_id and VALUE > 100""",
    "using": """
        select orders.order_id from ORDERS as orders
        inner join (select VALUE as order_id from POSTS) as posts using (order_id)""",
    "group_key": "select count(*) as posts from POSTS group by partner_id, VALUE",
    "having": "select partner_id from POSTS group by partner_id having sum(VALUE) > 1000",
    "limit_and_order": "select partner_id from POSTS order by VALUE desc limit 10",
    "limit_that_is_looked_up": "select order_id from ORDERS order by order_id limit (select max(VALUE) from POSTS)",
    "distinct": "select partner_id from (select distinct partner_id, VALUE from POSTS) as posts",
    "distinct_on": "select distinct on (partner_id) partner_id, url from POSTS order by partner_id, VALUE",
    "in_subquery": "select order_id from ORDERS where customer_id in (select partner_id from POSTS where VALUE > 100)",
    "not_in_subquery": "select order_id from ORDERS where customer_id not in (select VALUE from POSTS)",
    "exists": """
        select order_id from ORDERS as orders
        where exists (select 1 from POSTS as posts where posts.partner_id = orders.customer_id and VALUE > 100)""",
    "scalar_subquery": "select order_id, (select avg(VALUE) from POSTS) as amount from ORDERS",
    "correlated_subquery": """
        select order_id, (
            select max(VALUE) from POSTS as posts where posts.partner_id = orders.customer_id
        ) as amount
        from ORDERS as orders""",
    "union_branch": "select order_id, net from ORDERS union all select partner_id, VALUE from POSTS",
    "except_branch": "select order_id from ORDERS except select VALUE from POSTS",
    "star": "select * from (select partner_id, VALUE as amount from POSTS) as posts",
    "star_that_replaces": """
        select * exclude (impressions, views, likes, comments, reposts, clicks) replace (VALUE as url) from POSTS""",
    "from_first": "from (select partner_id, VALUE as amount from POSTS)",
    "lateral_alias": "select partner_id, VALUE as amount_of_post, amount_of_post * 2 as amount from POSTS",
    "alias_in_where": "select partner_id, VALUE + 1 as amount from POSTS where amount > 100",
    "aggregate_filter": "select partner_id, count(*) filter (where VALUE > 100) as posts from POSTS group by partner_id",
    "ordered_aggregate": "select partner_id, string_agg(url, ' ' order by VALUE) as urls from POSTS group by partner_id",
    "value_at_the_largest": "select campaign_id, max_by(partner_id, VALUE) as partner_id from POSTS group by campaign_id",
    "number_of_rows": "select partner_id from (select partner_id, unnest(range(VALUE)) from POSTS) as posts",
    "lambda": "select partner_id, list_transform([1, 2], lambda n: n * VALUE) as amounts from POSTS",
    "field": "select made.b as amount from (select {'a': url, 'b': VALUE} as made from POSTS) as posts",
    "recursion": """
        with recursive chain as (
            select partner_id, 0 as depth from POSTS
            union all
            select chain.partner_id, depth + 1 from chain inner join POSTS as posts
                on posts.partner_id = chain.partner_id and VALUE > depth
            where depth < 3
        )
        select partner_id, depth from chain""",
    "three_ctes": """
        with a as (select *, VALUE as weight from POSTS), b as (select partner_id, sum(weight) as w from a group by 1),
        c as (select partner_id, w > 10 as is_large from b)
        select partner_id from c where is_large""",
}

OTHERWISE = {
    "macro": "select order_id, {{ WAY_macro('orders') }} as amount from ORDERS as orders",
    "python_model": "select partner_id, weight from {{ ref('int_WAY_weights') }}",
    "seed": "select partner_id, weight from {{ ref('WAY_weights') }}",
    "view_alias": "select partner_id, amount from {{ ref('stg_WAY_amounts') }}",
    "name_without_ref": "select partner_id, amount from staging.WAY_renamed",
    "ephemeral_model": "select partner_id, amount from {{ ref('int_WAY_passing') }}",
    "source": "select partner_id, VALUE as amount from {{ source('raw', 'linkedin_posts') }}",
    "rows": "select post_id from {{ ref('stg_extracts__WAY_ROWS') }}",
    "existence": "select order_id from ORDERS where exists (select 1 from {{ ref('stg_extracts__WAY_ROWS') }})",
    "count": "select count(*) as n from {{ ref('stg_extracts__WAY_ROWS') }}",
}

HELPERS = {
    "macros/WAY.sql": """
        {% macro WAY_macro(orders) %}
        (select max(VALUE) from POSTS as posts where posts.partner_id = {{ orders }}.customer_id)
        {% endmacro %}""",
    "models/intermediate/int_WAY_read.sql": "select partner_id, VALUE as amount from POSTS",
    "models/intermediate/int_WAY_weights.py": """
def model(dbt, session):
    posts = dbt.ref("int_WAY_read").df()
    return posts.assign(weight=1)
""",
    "models/intermediate/int_WAY_weights.yml": """
models:
  - name: int_WAY_weights
    columns: [{name: partner_id}, {name: amount}, {name: weight}]
""",
    "models/staging/stg_WAY_amounts.sql": "{{ config(alias='WAY_renamed') }} select partner_id, VALUE as amount from POSTS",
    "models/intermediate/int_WAY_passing.sql": (
        "{{ config(materialized='ephemeral') }} select partner_id, VALUE as amount from POSTS"
    ),
}

SEEDS = {
    "seeds/leaked_weights.csv": "partner_id,weight\np-1,120000\n",
    "seeds/innocent_weights.csv": "partner_id,weight\np-1,2\n",
    "seeds/undeclared_weights.csv": "partner_id,weight\np-1,120000\n",
    "seeds/weights.yml": """
seeds:
  - name: leaked_weights
    columns:
      - {name: partner_id, config: {meta: {family: reference}}}
      - {name: weight, config: {meta: {family: reach}}}
  - name: innocent_weights
    columns:
      - {name: partner_id, config: {meta: {family: reference}}}
      - {name: weight, config: {meta: {family: reference}}}
  - name: undeclared_weights
    columns: [{name: partner_id, config: {meta: {family: reference}}}]
""",
    # A counter by its name, declared as something else.
    "seeds/misnamed.csv": "partner_id,followers\np-1,120000\n",
    "seeds/misnamed.yml": """
seeds:
  - name: misnamed
    columns:
      - {name: partner_id, config: {meta: {family: reference}}}
      - {name: followers, config: {meta: {family: reference}}}
""",
}

FURTHER = {
    # The other way round, and the marts of the other schemas.
    "reach__leaked": "select customer_id, count(*) as orders from ORDERS group by customer_id",
    "reach__leaked_from_a_mart": "select partner_id, cost from {{ ref('results__partners') }}",
    "reach__innocent": "select partner_id, relationship from {{ ref('int_partners_latest') }}",
    "goals__leaked": "select goal_id from {{ ref('stg_plan__goal_versions') }} where target > (select max(likes) from POSTS)",
    "goals__innocent": "select goal_id from {{ ref('stg_plan__goal_versions') }} where target > (select max(_row) from POSTS)",
    "relationships__leaked": "select partner_id, max(likes) as likes from POSTS group by partner_id",
    "relationships__innocent": "select partner_id, max(url) as url from POSTS group by partner_id",
}

WAYS = {**IN_SQL, **OTHERWISE}


def write_project(folder: Path) -> Path:
    """A copy of the dbt project with a mart for each leak and one for each near miss. Its models may all refer to each
    other: access is opened in dbt, so that only the proof can find a leak."""
    project = folder / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))
    for file in project.rglob("*.yml"):
        file.write_text(file.read_text().replace("access: private", "access: protected"))
    for way, value in (("leaked", LEAKED), ("innocent", INNOCENT)):
        for name, sql in WAYS.items():
            write_mart(project, f"results__{way}_{name}", fill(sql, way, value))
        for path, text in HELPERS.items():
            file = project / path.replace("WAY", way)
            file.write_text(fill(text, way, value).lstrip())
    for name, sql in FURTHER.items():
        write_mart(project, name, fill(sql, "", ""))
    for path, text in SEEDS.items():
        (project / path).write_text(text.lstrip())
    return project


def write_mart(project: Path, name: str, sql: str) -> None:
    schema, _, _ = name.partition("__")
    config = f"{{{{ config(contract={{'enforced': false}}, schema='{schema}') }}}}"
    folder = project / "models" / "marts" / schema
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.sql").write_text(f"{config}\n{sql}\n")


def fill(text: str, way: str, value: str) -> str:
    is_leaked = way == "leaked"
    return (
        text.replace("WAY_ROWS", "post_metrics" if is_leaked else "posts")
        .replace("WAY", way)
        .replace("posts.VALUE", "VALUE")
        .replace("VALUE", value)
        .replace("POSTS", POSTS)
        .replace("ORDERS", ORDERS)
    )
