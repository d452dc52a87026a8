{{ config(materialized='view') }}
with
    conversions as (
        select
            conversions.conversion_id,
            conversions.converted_at,
            {{ day_in_zone('conversions.converted_at', 'settings.timezone') }} as converted_on,
            conversions.partner_id,
            conversions.campaign_id,
            conversions.order_id,
            conversions.customer_id
        from {{ ref('int_conversions_latest') }} as conversions
        cross join {{ ref('stg_plan__settings') }} as settings
        where
            conversions.kind = 'sale'
            and coalesce(conversions.state, 'approved') <> 'reversed'
            and (conversions.partner_id is not null or conversions.campaign_id is not null)
    ),

    matched as (
        select
            orders.shop,
            orders.order_id,
            orders.ordered_at,
            conversions.conversion_id,
            conversions.converted_at,
            conversions.partner_id,
            conversions.campaign_id
        from {{ ref('int_orders_sold') }} as orders
        inner join conversions on conversions.order_id = orders.order_id
        -- Order ids repeat between shops, and a conversion names no shop: the customer decides, else the time.
        qualify
            row_number() over (
                partition by conversions.conversion_id
                order by
                    case when conversions.customer_id = orders.customer_id then 0 else 1 end,
                    abs({{ seconds_between('conversions.converted_at', 'orders.ordered_at') }}),
                    orders.shop
            )
            = 1

        union all

        select
            orders.shop,
            orders.order_id,
            orders.ordered_at,
            conversions.conversion_id,
            conversions.converted_at,
            conversions.partner_id,
            conversions.campaign_id
        from {{ ref('int_orders_sold') }} as orders
        inner join
            conversions
            on conversions.order_id is null
            and conversions.customer_id = orders.customer_id
            and conversions.converted_on = orders.ordered_on
    )

select
    orders.shop,
    orders.order_id,
    'conversion ' || orders.conversion_id as touch_id,
    -- Networks report a conversion moments after its order: it is a touch with the order, not after it.
    least(orders.converted_at, orders.ordered_at) as touched_at,
    orders.partner_id,
    orders.campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform
from matched as orders
cross join {{ ref('stg_plan__settings') }} as settings
where {{ within_lookback('least(orders.converted_at, orders.ordered_at)') }}
