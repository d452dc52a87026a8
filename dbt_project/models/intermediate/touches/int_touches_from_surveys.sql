{{ config(materialized='view') }}
with
    answers as (
        select
            surveys.response_id,
            surveys.answered_at,
            {{ day_in_zone('surveys.answered_at', 'settings.timezone') }} as answered_on,
            surveys.order_id,
            surveys.customer_id,
            surveys.partner_id
        from {{ ref('int_surveys_latest') }} as surveys
        cross join {{ ref('stg_plan__settings') }} as settings
        where surveys.partner_id is not null
    ),

    asked_after_an_order as (
        select
            orders.shop,
            orders.order_id,
            orders.ordered_at,
            answers.response_id,
            orders.ordered_at as touched_at,
            answers.partner_id,
            matched.matched_by
        from answers
        inner join
            {{ ref('int_claims_matched') }} as matched
            on matched.claim_type = 'survey'
            and matched.claim_id = answers.response_id
        inner join
            {{ ref('int_orders_sold') }} as orders on orders.shop = matched.shop and orders.order_id = matched.order_id
    ),

    asked_at_another_time as (
        select
            orders.shop,
            orders.order_id,
            orders.ordered_at,
            answers.response_id,
            -- Of the same day the answer may come moments after the order; it is about what was before.
            least(answers.answered_at, orders.ordered_at) as touched_at,
            answers.partner_id,
            'person' as matched_by
        from {{ ref('int_orders_sold') }} as orders
        inner join
            answers
            on answers.order_id is null
            and answers.customer_id = orders.customer_id
            and (answers.answered_at <= orders.ordered_at or answers.answered_on = orders.ordered_on)
    )

select
    orders.shop,
    orders.order_id,
    'survey ' || orders.response_id as touch_id,
    orders.touched_at,
    orders.partner_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform,
    orders.matched_by
from
    (
        select *
        from asked_after_an_order
        union all
        select *
        from asked_at_another_time
    ) as orders
cross join {{ ref('stg_plan__settings') }} as settings
where {{ within_lookback('orders.touched_at') }}
