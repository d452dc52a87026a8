with invitations as (
    select
        cast({{ dbt.date_trunc('month', day_in_zone('coalesce(referrals.invited_at, referrals.registered_at)', 'settings.timezone')) }} as date) as month,
        count(*) as invites,
        count(case when referrals.is_registered then 1 end) as registered
    from {{ ref('int_referrals_latest') }} as referrals
    cross join {{ ref('stg_plan__settings') }} as settings
    where not referrals.is_self_referral
    group by 1
),

newcomers as (
    select cast({{ dbt.date_trunc('month', 'first_seen_on') }} as date) as month, count(*) as people
    from {{ ref('int_people_known') }}
    group by 1
),

months as (
    select month from invitations where month is not null
    union
    select month from newcomers where month is not null
),

counted as (
    select
        months.month,
        -- Who has no first day was here before everybody else.
        cast(sum(coalesce(newcomers.people, 0)) over (
            order by months.month rows between unbounded preceding and current row
        ) as bigint) + coalesce(timeless.people, 0) as people,
        coalesce(invitations.invites, 0) as invites,
        coalesce(invitations.registered, 0) as registered
    from months
    left join newcomers
        on newcomers.month = months.month
    left join invitations
        on invitations.month = months.month
    left join newcomers as timeless
        on timeless.month is null

    union all

    select
        cast(null as date) as month,
        (select count(*) from {{ ref('int_people_known') }}) as people,
        coalesce(sum(invites), 0) as invites,
        coalesce(sum(registered), 0) as registered
    from invitations
)

select
    case when month is null then 'all time' else 'month' end as period,
    month,
    cast(people as bigint) as people,
    cast(invites as bigint) as invites,
    cast(registered as bigint) as registered,
    cast(invites as {{ type_double() }}) / nullif(people, 0) as invites_per_person,
    cast(registered as {{ type_double() }}) / nullif(invites, 0) as invite_conversion,
    -- The product of the two; without any invitation nobody came by one.
    cast(registered as {{ type_double() }}) / nullif(people, 0) as k_factor
from counted
