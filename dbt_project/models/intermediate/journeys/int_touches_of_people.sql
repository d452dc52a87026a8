{{ config(materialized='view') }}
with
    touches as (
        select
            'click ' || clicks.click_id as touch_id,
            coalesce(
                'customer ' || clicks.customer_id, 'visitor ' || clicks.visitor_id, 'click ' || clicks.click_id
            ) as person,
            clicks.clicked_at as touched_at,
            clicks.partner_id,
            clicks.campaign_id,
            clicks.platform
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
            referrals.partner_id,
            cast(null as {{ dbt.type_string() }}) as campaign_id,
            cast(null as {{ dbt.type_string() }}) as platform
        from {{ ref('int_referrals_latest') }} as referrals
        where not referrals.is_self_referral and coalesce(referrals.registered_at, referrals.invited_at) is not null
    ),

    -- Here, where the time zone is one constant (int_touches_found says why).
    dated as (
        select touches.*, {{ day_in_zone('touches.touched_at', 'settings.timezone') }} as touched_on
        from touches
        cross join {{ ref('stg_plan__settings') }} as settings
    )

select dated.*, claimed.touch_id is not null as is_claimed
from dated
left join (select distinct touch_id from {{ ref('int_touches_found') }}) as claimed on claimed.touch_id = dated.touch_id
