{{ config(materialized='view') }}
with
    touches as (
        select
            'click ' || clicks.click_id as touch_id,
            coalesce(
                'customer ' || clicks.customer_id, 'visitor ' || clicks.visitor_id, 'click ' || clicks.click_id
            ) as person,
            clicks.clicked_at as touched_at,
            {{ player('clicks') }} as player
        from {{ ref('int_clicks_identified') }} as clicks
        cross join {{ ref('stg_plan__settings') }} as settings
        left join {{ ref('int_partners_as_people') }} as people on people.partner_id = clicks.partner_id
        where
            clicks.is_touch
            -- A partner on their own link is not brought by it, whether they buy or not.
            and (settings.self_purchases = 'credit' or not coalesce(clicks.customer_id = people.customer_id, false))

        union all

        select
            'referral ' || referrals.referral_id as touch_id,
            coalesce('customer ' || referrals.referred_customer_id, 'referral ' || referrals.referral_id) as person,
            coalesce(referrals.registered_at, referrals.invited_at) as touched_at,
            'partner ' || referrals.partner_id as player
        from {{ ref('int_referrals_latest') }} as referrals
        where not referrals.is_self_referral and coalesce(referrals.registered_at, referrals.invited_at) is not null
    )

select touches.touch_id, touches.person, touches.touched_at, touches.player
from touches
left join
    (select distinct touch_id from {{ ref('int_touches_found') }}) as claimed on claimed.touch_id = touches.touch_id
where claimed.touch_id is null
