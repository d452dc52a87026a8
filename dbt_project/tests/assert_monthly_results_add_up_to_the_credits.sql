{{ config(meta={'dagster': {'ref': {'name': 'results__partners'}}}) }}
-- Three views of the same money: each sums to the credits over
-- all months, and each has the costs of every month once.
{%- set views = ['partners', 'campaigns', 'relationships'] %}
with
    found as (
        {%- for view in views %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                'results.{{ view }}' as mart,
                attribution_model,
                month,
                sum(net_revenue) as net_revenue,
                sum(cost) as cost
            from {{ ref('results__' ~ view) }}
            group by attribution_model, month
        {%- endfor %}
    ),

    costs as (
        select cast({{ dbt.date_trunc('month', 'paid_on') }} as date) as month, sum(amount) as cost
        from {{ ref('int_costs_priced') }}
        group by 1
    ),

    credits as (
        select attribution_model, sum(credited_revenue) as net_revenue
        from {{ ref('results__credits') }}
        group by attribution_model
    )

-- Every mart, model and month that has a cost.
select views.mart, models.attribution_model, costs.month, found.cost as found, costs.cost as expected
from costs
cross join {{ ref('attribution_models') }} as models
cross join
    (
        {%- for view in views %}
            {% if not loop.first %}
                union all
            {% endif %}
            select 'results.{{ view }}' as mart
        {%- endfor %}
    ) as views
left join
    found
    on found.mart = views.mart
    and found.attribution_model = models.attribution_model
    and found.month = costs.month
where coalesce(found.cost, 0) <> costs.cost

union all

-- And no month has a cost that was not paid, or revenue that was not credited.
select
    found.mart,
    found.attribution_model,
    cast(null as date) as month,
    sum(found.net_revenue) - max(coalesce(credits.net_revenue, 0)) as found,
    sum(found.cost) - max(all_costs.cost) as expected
from found
left join credits on credits.attribution_model = found.attribution_model
cross join (select coalesce(sum(cost), 0) as cost from costs) as all_costs
group by found.mart, found.attribution_model
having sum(found.net_revenue) <> max(coalesce(credits.net_revenue, 0)) or sum(found.cost) <> max(all_costs.cost)
