-- Looked up once for each currency and day, because amounts outnumber them by far.
with
    used as (
        {%- for extract, moment in [('orders', 'ordered_at'), ('refunds', 'refunded_at'), ('conversions', 'converted_at')] %}
            select
                coalesce(amounts.currency, settings.currency) as currency,
                {{ day_in_zone('amounts.' ~ moment, 'settings.timezone') }} as day
            from {{ ref('int_' ~ extract ~ '_latest') }} as amounts
            cross join {{ ref('stg_plan__settings') }} as settings

            union
        {% endfor %}
        select coalesce(amounts.currency, settings.currency) as currency, amounts.paid_on as day
        from {{ ref('int_costs_latest') }} as amounts
        cross join {{ ref('stg_plan__settings') }} as settings
    ),

    delivered as (
        select
            rates.currency,
            rates.rate,
            rates.valid_on,
            lead(rates.valid_on) over (partition by rates.currency order by rates.valid_on) as replaced_on
        from {{ ref('int_exchange_rates_latest') }} as rates
        cross join {{ ref('stg_plan__settings') }} as settings
        where rates.currency <> settings.currency
    )

select used.currency, used.day, coalesce(delivered.rate, planned.rate) as rate, delivered.valid_on as rated_on
from used
left join
    delivered
    on delivered.currency = used.currency
    and delivered.valid_on <= used.day
    and coalesce(delivered.replaced_on, cast('9999-12-31' as date)) > used.day
left join {{ ref('stg_plan__exchange_rates') }} as planned on planned.currency = used.currency
