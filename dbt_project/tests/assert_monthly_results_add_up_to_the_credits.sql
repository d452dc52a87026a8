{{ config(meta={'dagster': {'ref': {'name': 'results__partners'}}}) }}
-- Partners and campaigns are two views of the same money: each sums to the credits, and each holds every cost once.
with expected as (
    select
        models.attribution_model,
        (
            select coalesce(sum(credited_revenue), 0)
            from {{ ref('results__credits') }} as credits
            where credits.attribution_model = models.attribution_model
        ) as net_revenue,
        (select coalesce(sum(amount), 0) from {{ ref('int_costs_priced') }}) as cost
    from {{ ref('attribution_models') }} as models
),

found as (
    select 'results.partners' as mart, attribution_model, net_revenue, cost from {{ ref('results__partners') }}
    union all
    select 'results.campaigns' as mart, attribution_model, net_revenue, cost from {{ ref('results__campaigns') }}
)

select
    found.mart,
    found.attribution_model,
    sum(found.net_revenue) as net_revenue,
    max(expected.net_revenue) as expected_net_revenue,
    sum(found.cost) as cost,
    max(expected.cost) as expected_cost
from found
left join expected
    on expected.attribution_model = found.attribution_model
group by found.mart, found.attribution_model
having coalesce(sum(found.net_revenue) <> max(expected.net_revenue), true)
    or coalesce(sum(found.cost) <> max(expected.cost), true)
