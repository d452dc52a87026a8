with
    months as (
        select
            cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
            sum(new_people) as new_people,
            sum(invites) as invites,
            sum(registered) as registered
        from {{ ref('results__referral_daily') }}
        group by 1
    ),

    by_month as (
        select
            month,
            -- What has no date counts before everything else.
            sum(new_people) over (
                order by month nulls first rows between unbounded preceding and current row
            ) as people,
            invites,
            registered
        from months
    ),

    counted as (
        select 'month' as period, month, people, invites, registered
        from by_month
        where month is not null

        union all

        select
            'all time' as period,
            cast(null as date) as month,
            coalesce(sum(new_people), 0) as people,
            coalesce(sum(invites), 0) as invites,
            coalesce(sum(registered), 0) as registered
        from months
    )

select
    period,
    month,
    cast(people as bigint) as people,
    cast(invites as bigint) as invites,
    cast(registered as bigint) as registered,
    cast(invites as {{ type_double() }}) / nullif(people, 0) as invites_per_person,
    cast(registered as {{ type_double() }}) / nullif(invites, 0) as invite_conversion,
    -- The product of the two; without invitations it is 0.
    cast(registered as {{ type_double() }}) / nullif(people, 0) as k_factor
from counted
