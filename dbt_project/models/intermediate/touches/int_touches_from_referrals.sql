{{ config(materialized='view') }}
select
    orders.shop,
    orders.order_id,
    'referral ' || referrals.referral_id as touch_id,
    coalesce(referrals.registered_at, referrals.invited_at) as touched_at,
    referrals.partner_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform,
    'person' as matched_by,
    referrals.is_self_referral
from {{ ref('int_orders_sold') }} as orders
inner join {{ ref('int_referrals_latest') }} as referrals on referrals.referred_customer_id = orders.customer_id
cross join {{ ref('stg_plan__settings') }} as settings
where {{ within_lookback('coalesce(referrals.registered_at, referrals.invited_at)') }}
