select
    orders.shop,
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    {{ day_in_zone('orders.ordered_at', 'settings.timezone') }} as ordered_on,
    orders.discount_codes,
    coalesce(orders.currency, settings.currency) as currency,
    rates.rate,
    {{ in_reporting_currency('orders.net') }} as net,
    {{ in_reporting_currency('orders.cost_of_goods') }} as cost_of_goods,
    case when excluded.status is not null then 'status ' || orders.status end as excluded_because,
    orders._file,
    orders._row
from {{ ref('int_orders_latest') }} as orders
cross join {{ ref('stg_plan__settings') }} as settings
left join
    {{ ref('stg_plan__exchange_rates') }} as rates on rates.currency = coalesce(orders.currency, settings.currency)
left join {{ ref('stg_plan__excluded_statuses') }} as excluded on excluded.status = orders.status
