{{ config(materialized='view') }}
{%- set click = 'clicks.click_id, clicks.partner_id, clicks.campaign_id, clicks.platform' -%}
with
    placed as (
        select
            orders.shop,
            orders.order_id,
            {{ click }},
            -- The order was placed on this visit, whatever the clocks of shop and tool say.
            least(clicks.clicked_at, orders.ordered_at) as touched_at,
            orders.matched_by
        from {{ ref('int_clicks_placing') }} as orders
        inner join {{ ref('int_clicks_owned') }} as clicks on clicks.click_id = orders.click_id and clicks.is_touch
        cross join {{ ref('stg_plan__settings') }} as settings
        where {{ within_lookback('least(clicks.clicked_at, orders.ordered_at)') }}
    ),

    visited as (
        -- A visit that names its customer is that person's only.
        select
            orders.shop,
            orders.order_id,
            {{ click }},
            clicks.clicked_at as touched_at,
            case when clicks.is_of_link then 'link' else 'person' end as matched_by
        from {{ ref('int_orders_sold') }} as orders
        inner join
            {{ ref('int_clicks_owned') }} as clicks on clicks.customer_id = orders.customer_id and clicks.is_touch
        cross join {{ ref('stg_plan__settings') }} as settings
        where {{ within_lookback('clicks.clicked_at') }}

        union all

        select
            orders.shop,
            orders.order_id,
            {{ click }},
            clicks.clicked_at as touched_at,
            case when clicks.is_of_link then 'link' else 'person' end as matched_by
        from {{ ref('int_orders_visited') }} as orders
        inner join
            {{ ref('int_clicks_owned') }} as clicks
            on clicks.visitor_id = orders.visitor_id
            and clicks.customer_id is null
            and clicks.is_touch
        cross join {{ ref('stg_plan__settings') }} as settings
        where {{ within_lookback('clicks.clicked_at') }}
    ),

    touches as (
        select *
        from placed

        union all

        select visited.*
        from visited
        left join
            placed
            on placed.shop = visited.shop
            and placed.order_id = visited.order_id
            and placed.click_id = visited.click_id
        where placed.click_id is null
    )

select shop, order_id, 'click ' || click_id as touch_id, touched_at, partner_id, campaign_id, platform, matched_by
from touches
