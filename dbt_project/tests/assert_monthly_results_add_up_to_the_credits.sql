{{ config(meta={'dagster': {'ref': {'name': 'results__partners'}}}) }}
-- Three views of the same money: each sums to the credits over
-- all months, and each has the costs of every month once. All months together are the same.
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

union all

select
    months.mart || '_all_time' as mart,
    months.attribution_model,
    cast(null as date) as month,
    all_time.net_revenue as found,
    months.net_revenue as expected
from
    (
        select mart, attribution_model, sum(net_revenue) as net_revenue, coalesce(sum(cost), 0) as cost
        from found
        group by mart, attribution_model
    ) as months
left join
    (
        {%- for view in views %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                'results.{{ view }}' as mart,
                attribution_model,
                sum(net_revenue) as net_revenue,
                coalesce(sum(cost), 0) as cost
            from {{ ref('results__' ~ view ~ '_all_time') }}
            group by attribution_model
        {%- endfor %}
    ) as all_time
    on all_time.mart = months.mart
    and all_time.attribution_model = months.attribution_model
where coalesce(all_time.net_revenue, 0) <> months.net_revenue or coalesce(all_time.cost, -1) <> months.cost
