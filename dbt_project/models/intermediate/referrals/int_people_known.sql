-- Everybody who could have invited somebody, once: who is a customer and a partner is one person.
with
    partners as (
        select customer_id, min(partner_id) as partner_id
        from {{ ref('int_partners_identified') }}
        where customer_id is not null
        group by customer_id
    ),

    seen as (
        select customer_id, cast(null as {{ dbt.type_string() }}) as partner_id, ordered_at as seen_at
        from {{ ref('int_orders_sold') }}
        where customer_id is not null

        union all

        select customer_id, partner_id, joined_at
        from {{ ref('int_partners_identified') }}

        union all

        select
            referrer_customer_id,
            case when not is_referrer_only_a_customer then partner_id end,
            coalesce(invited_at, registered_at)
        from {{ ref('int_referrals_latest') }}

        union all

        select referred_customer_id, null, registered_at
        from {{ ref('int_referrals_latest') }}
        where is_registered and referred_customer_id is not null
    )

select
    coalesce(partners.partner_id, seen.partner_id, seen.customer_id) as person_id,
    min({{ day_in_zone('seen.seen_at', 'settings.timezone') }}) as first_seen_on
from seen
cross join {{ ref('stg_plan__settings') }} as settings
left join partners on partners.customer_id = seen.customer_id
group by coalesce(partners.partner_id, seen.partner_id, seen.customer_id)
