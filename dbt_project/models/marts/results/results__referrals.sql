with
    invited as (
        select
            partner_id as referrer_id,
            count(case when not is_self_referral then 1 end) as invites,
            count(case when not is_self_referral and is_registered then 1 end) as registered,
            count(case when is_self_referral then 1 end) as self_referrals
        from {{ ref('int_referrals_latest') }}
        group by partner_id
    ),

    brought as (
        select
            referrer_id,
            count(case when orders > 0 then 1 end) as customers,
            sum(orders) as orders,
            sum(net_revenue) as net_revenue
        from {{ ref('int_customers_referred') }}
        group by referrer_id
    ),

    followed as (
        select
            chains.referrer_id,
            count(case when referred.orders > 0 then 1 end) as customers,
            sum(referred.net_revenue) as net_revenue
        from {{ ref('int_referral_chains') }} as chains
        inner join {{ ref('int_customers_referred') }} as referred on referred.customer_id = chains.customer_id
        group by chains.referrer_id
    )

select
    invited.referrer_id,
    partners.relationship,
    partners.is_connected,
    invited.invites,
    invited.registered,
    cast(coalesce(brought.customers, 0) as bigint) as referred_customers,
    cast(coalesce(brought.orders, 0) as bigint) as referred_orders,
    cast(coalesce(brought.net_revenue, 0) as decimal(18, 2)) as referred_revenue,
    cast(coalesce(followed.customers, 0) as bigint) as chain_customers,
    cast(coalesce(followed.net_revenue, 0) as decimal(18, 2)) as chain_revenue,
    invited.self_referrals
from invited
left join {{ ref('int_partners_known') }} as partners on partners.partner_id = invited.referrer_id
left join brought on brought.referrer_id = invited.referrer_id
left join followed on followed.referrer_id = invited.referrer_id
