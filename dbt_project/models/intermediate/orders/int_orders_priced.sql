-- Dated first, where the time zone is one constant.
with
    dated as (
        select
            {{ columns_with('orders', 'currency', 'coalesce(orders.currency, settings.currency)') }},
            {{ day_in_zone('orders.ordered_at', 'settings.timezone') }} as ordered_on
        from {{ ref('int_orders_latest') }} as orders
        cross join {{ ref('stg_plan__settings') }} as settings
    )

select
    orders.shop,
    orders.order_id,
    {{ identified_person() }} as customer_id,
    orders.ordered_at,
    orders.ordered_on,
    orders.order_refs,
    orders.discount_codes,
    orders.currency,
    rates.rate,
    rates.rated_on,
    {{ in_reporting_currency('orders.net') }} as net,
    {{ in_reporting_currency('orders.cost_of_goods') }} as cost_of_goods,
    orders.is_paid,
    orders.channel,
    orders.region,
    orders.is_renewal,
    orders.is_first_order,
    case when excluded.status is not null then 'status ' || orders.status end as excluded_because,
    orders._file,
    orders._row
from dated as orders {{ joined_identities('orders') }}
left join
    {{ ref('int_exchange_rates_by_day') }} as rates
    on rates.currency = orders.currency
    and rates.day = orders.ordered_on
left join {{ ref('stg_plan__excluded_statuses') }} as excluded on excluded.status = orders.status
