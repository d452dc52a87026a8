{{ config(meta={'dagster': {'ref': {'name': 'int_orders_priced'}}}) }}
-- Money without a rate would count as 0.
{%- for extract, model, day, condition in [
    ('orders', 'int_orders_priced', 'ordered_on', 'true'),
    ('refunds', 'int_refunds_priced', 'refunded_on', 'true'),
    ('costs', 'int_costs_priced', 'paid_on', "extract = 'costs'"),
    ('conversions', 'int_conversions_priced', 'converted_on', 'has_money'),
] %}
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
        || ' under exchange_rates in plan.yml, or deliver its rate of '
        || {{ day }}
        || ' or before in the extract exchange_rates' as problem
    from {{ ref(model) }}
    where rate is null and {{ condition }}
{%- endfor %}
