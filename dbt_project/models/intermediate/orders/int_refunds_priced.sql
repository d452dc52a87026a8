with
    dated as (
        select
            {{ columns_with('refunds', 'currency', 'coalesce(refunds.currency, settings.currency)') }},
            {{ day_in_zone('refunds.refunded_at', 'settings.timezone') }} as refunded_on
        from {{ ref('int_refunds_latest') }} as refunds
        cross join {{ ref('stg_plan__settings') }} as settings
    ),

    of_orders as (
        select
            {{ columns_with('refunds', 'shop', 'coalesce(matched.shop, refunds.shop)') }},
            coalesce(matched.order_id, refunds.order_id) as matched_order_id
        from dated as refunds
        left join
            {{ ref('int_claims_matched') }} as matched
            on matched.claim_type = 'refund'
            and matched.claim_id = refunds.shop || ' ' || refunds.refund_id
    ),

    -- What is given back is what was taken, so it has the rate of its order.
    rates as (
        select
            refunds.*,
            coalesce(orders.rate, days.rate) as rate,
            case when orders.rate is null then days.rated_on end as rated_on
        from of_orders as refunds
        left join
            {{ ref('int_orders_priced') }} as orders
            on orders.shop = refunds.shop
            and orders.order_id = refunds.matched_order_id
            and orders.currency = refunds.currency
        left join
            {{ ref('int_exchange_rates_by_day') }} as days
            on days.currency = refunds.currency
            and days.day = refunds.refunded_on
    )

select
    shop,
    refund_id,
    matched_order_id as order_id,
    refunded_on,
    currency,
    rate,
    rated_on,
    {{ in_reporting_currency('amount') }} as amount,
    _file,
    _row
from rates
