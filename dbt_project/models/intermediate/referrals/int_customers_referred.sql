-- Whoever several people invited came by the invitation that they registered with first.
with
    brought as (
        select
            partner_id as referrer_id,
            referred_customer_id as customer_id,
            coalesce(registered_at, invited_at) as referred_at
        from {{ ref('int_referrals_latest') }}
        where referred_customer_id is not null and not is_self_referral
        qualify
            row_number() over (
                partition by referred_customer_id order by registered_at nulls last, invited_at nulls last, referral_id
            )
            = 1
    ),

    partners as (
        select customer_id, min(partner_id) as partner_id
        from {{ ref('int_partners_identified') }}
        where customer_id is not null
        group by customer_id
    ),

    bought as (
        select brought.customer_id, count(*) as orders, sum(orders.net - orders.refunded) as net_revenue
        from brought
        inner join
            {{ ref('int_orders_sold') }} as orders
            on orders.customer_id = brought.customer_id
            and orders.ordered_at >= brought.referred_at
        group by brought.customer_id
    )

select
    brought.customer_id,
    brought.referrer_id,
    coalesce(partners.partner_id, brought.customer_id) as person_id,
    brought.referred_at,
    coalesce(bought.orders, 0) as orders,
    cast(coalesce(bought.net_revenue, 0) as decimal(18, 2)) as net_revenue
from brought
left join partners on partners.customer_id = brought.customer_id
left join bought on bought.customer_id = brought.customer_id
