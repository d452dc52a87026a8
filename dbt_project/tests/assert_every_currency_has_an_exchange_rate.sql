{{ config(meta={'dagster': {'ref': {'name': 'int_orders_priced'}}}) }}
-- Money without a rate would count as 0.
{%- for extract, model in [('orders', 'int_orders_priced'), ('refunds', 'int_refunds_priced'), ('costs', 'int_costs_priced')] %}
    {% if not loop.first %}
        union all
    {% endif %}
    select
        _file
        || ', record '
        || _row
        || ' ('
        || '{{ extract }}'
        || '): '
        || currency
        || ' has no rate; add '
        || currency
        || ' under exchange_rates in plan.yml' as problem
    from {{ ref(model) }}
    where rate is null
{%- endfor %}
