{#-
    results.daily summed up for one dimension, by month or over all months: the same columns beside each other in every
    results mart. `more` maps a further column to its aggregate. Cost is null where no row has one: unknown is not 0.
-#}
{% macro results_by(dimensions, more={}, by_month=true) -%}
    {%- set keys = dimensions + (['month'] if by_month else []) + ['attribution_model'] -%}
    with
        days as (
            select *, cast({{ dbt.date_trunc('month', 'day') }} as date) as month from {{ ref('results__daily') }}
        ),

        totals as (
            select
                {%- for key in keys %} {{ key }}, {%- endfor %}
                {{ sum_of_shares("orders") }} as orders,
                cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
                {{ sum_of_shares("new_customers") }} as new_customers,
                {{ sum_of_shares("referred_customers") }} as referred_customers,
                cast(sum(cost) as decimal(18, 2)) as cost,
                cast(sum(contribution_margin) as decimal(18, 2)) as contribution_margin
                {%- for column, aggregate in more.items() %}, {{ aggregate }} as {{ column }} {%- endfor %}
            from days
            group by {{ keys | join(', ') }}
        )

    select
        {%- for key in keys %} {{ key }}, {%- endfor %}
        orders,
        net_revenue,
        new_customers,
        referred_customers,
        cost,
        contribution_margin,
        cast(contribution_margin as {{ type_double() }})
        / nullif(cast(cost as {{ type_double() }}), 0) as return_on_cost,
        cast(net_revenue as {{ type_double() }}) / nullif(cast(cost as {{ type_double() }}), 0) as roas,
        cast(cost as {{ type_double() }}) / nullif(new_customers, 0) as cost_per_new_customer,
        cast(net_revenue as {{ type_double() }}) / nullif(orders, 0) as average_order_value
        {%- if by_month %}, {{ is_final('month') }} as is_final {%- endif %}
        {%- for column in more %}, {{ column }} {%- endfor %}
    from totals
    {%- if by_month %}
        cross join (select lookback_days from {{ ref('stg_plan__settings') }}) as settings
        cross join {{ ref('stg_plan__today') }} as today
    {%- endif %}
{%- endmacro %}

{#- results_by with what the partner of each row is called and was to the brand on `day`. -#}
{% macro results_by_partner(day, by_month=true) -%}
    with results as ({{ results_by(['partner_id'], by_month=by_month) | indent(4) }})

    select results.*, roster.name, coalesce(history.relationship, partners.relationship, '(unassigned)') as relationship
    from results
    cross join {{ ref('stg_plan__today') }} as today
    left join {{ ref('int_partners_known') }} as partners on partners.partner_id = results.partner_id
    left join {{ ref('int_partners_latest') }} as roster on roster.partner_id = results.partner_id
    left join
        {{ ref('int_partner_relationships') }} as history
        on history.partner_id = results.partner_id
        and {{ is_valid_on('history', day) }}
{%- endmacro %}

{#- results_by with what the campaign of each row is called. -#}
{% macro results_by_campaign(by_month=true) -%}
    with results as ({{ results_by(['campaign_id'], by_month=by_month) | indent(4) }})

    select results.*, campaigns.name
    from results
    left join {{ ref('int_campaigns_latest') }} as campaigns on campaigns.campaign_id = results.campaign_id
{%- endmacro %}

{#- results_by relationship, with what people without any online following brought. -#}
{% macro results_by_relationship(by_month=true) -%}
    {{ results_by(['relationship'], {
        'orders_of_unconnected': sum_of_shares('case when not is_connected then orders else 0 end'),
        'net_revenue_of_unconnected': 'cast(sum(case when not is_connected then net_revenue else 0 end) as decimal(18, 2))',
    }, by_month) }}
{%- endmacro %}
