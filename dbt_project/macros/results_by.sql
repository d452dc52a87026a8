{#-
    results.daily summed up by month for one dimension: the same columns beside each other in every results mart. `more`
    maps a further column to its aggregate.
-#}
{% macro results_by_month(dimensions, more={}) -%}
    with
        months as (
            select
                {%- for dimension in dimensions %} {{ dimension }}, {%- endfor %}
                cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
                attribution_model,
                {{ sum_of_shares("orders") }} as orders,
                cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
                {{ sum_of_shares("new_customers") }} as new_customers,
                {{ sum_of_shares("referred_customers") }} as referred_customers,
                cast(sum(cost) as decimal(18, 2)) as cost,
                cast(sum(contribution_margin) as decimal(18, 2)) as contribution_margin
                {%- for column, aggregate in more.items() %}, {{ aggregate }} as {{ column }} {%- endfor %}
            from {{ ref('results__daily') }}
            group by
                {% for dimension in dimensions %}
                    {{ dimension }}, {% endfor %} cast({{ dbt.date_trunc('month', 'day') }} as date),
                attribution_model
        )

    select
        {%- for dimension in dimensions %} {{ dimension }}, {%- endfor %}
        month,
        attribution_model,
        orders,
        net_revenue,
        new_customers,
        referred_customers,
        cost,
        contribution_margin,
        cast(contribution_margin as {{ type_double() }})
        / nullif(cast(cost as {{ type_double() }}), 0) as return_on_cost,
        cast(cost as {{ type_double() }}) / nullif(new_customers, 0) as cost_per_new_customer,
        {{ is_final('month') }} as is_final
        {%- for column in more %}, {{ column }} {%- endfor %}
    from months
    cross join (select lookback_days from {{ ref('stg_plan__settings') }}) as settings
    cross join {{ ref('stg_plan__today') }} as today
{%- endmacro %}
