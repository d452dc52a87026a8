select
    orders.shop,
    orders.order_id,
    'survey ' || surveys.response_id as touch_id,
    orders.ordered_at as touched_at,
    surveys.partner_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform
from {{ ref('int_orders_sold') }} as orders
inner join {{ ref('int_surveys_latest') }} as surveys
    on surveys.order_id = orders.order_id
where surveys.partner_id is not null
-- Order ids repeat between shops, and an answer names no shop: the customer decides, else the time.
qualify row_number() over (
    partition by surveys.response_id
    order by
        case when surveys.customer_id = orders.customer_id then 0 else 1 end,
        abs({{ seconds_between('orders.ordered_at', 'surveys.answered_at') }}) nulls last,
        orders.shop
) = 1
