with
    counted as (
        select first_seen_on as day, 1 as new_people, 0 as invites, 0 as registered
        from {{ ref('int_people_known') }}

        union all

        select
            {{ day_in_zone('coalesce(referrals.invited_at, referrals.registered_at)', 'settings.timezone') }} as day,
            0 as new_people,
            1 as invites,
            case when referrals.is_registered then 1 else 0 end as registered
        from {{ ref('int_referrals_latest') }} as referrals
        cross join {{ ref('stg_plan__settings') }} as settings
        where not referrals.is_self_referral
    )

select
    day,
    cast(sum(new_people) as bigint) as new_people,
    cast(sum(invites) as bigint) as invites,
    cast(sum(registered) as bigint) as registered
from counted
group by day
