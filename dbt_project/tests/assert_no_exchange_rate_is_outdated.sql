{{ config(meta={'dagster': {'ref': {'name': 'int_orders_priced'}}}, severity='warn') }}
{%- set oldest = 7 %}
-- A currency may move in a week by more than a campaign brings.
with
    amounts as (
        {%- for model, day, condition in [
            ('int_orders_priced', 'ordered_on', 'true'),
            ('int_refunds_priced', 'refunded_on', 'true'),
            ('int_costs_priced', 'paid_on', "extract = 'costs'"),
            ('int_conversions_priced', 'converted_on', 'has_money'),
        ] %}
            {% if not loop.first %}
                union all
            {% endif %}
            select currency, {{ day }} as day, {{ dbt.datediff('rated_on', day, 'day') }} as days_old
            from {{ ref(model) }}
            where rated_on is not null and {{ condition }}
        {%- endfor %}
    )

select
    currency
    || ': '
    || {{ counted('count(*)', 'amount', 'amounts') }}
    || ' of '
    || min(day)
    || ' to '
    || max(day)
    || ' took an exchange rate that was up to '
    || max(days_old)
    || ' days old; deliver newer rates in the extract exchange_rates' as problem
from amounts
where days_old > {{ oldest }}
group by currency
