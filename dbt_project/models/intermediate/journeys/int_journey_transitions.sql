with
    steps as (
        select
            month,
            level,
            coalesce(came_from, '(start)') as came_from,
            player,
            case when is_last and is_converted then '(conversion)' when is_last then '(null)' end as ends_in,
            count(*) as steps
        from {{ ref('int_journey_steps') }}
        group by 1, 2, 3, 4, 5
    ),

    transitions as (
        select month, level, came_from as from_state, player as to_state, steps
        from steps
        cross join {{ ref('stg_plan__settings') }} as settings
        where settings.markov_repeats = 'keep' or came_from <> player

        union all

        select month, level, player as from_state, ends_in as to_state, steps
        from steps
        where ends_in is not null
    )

select month, level, from_state, to_state, cast(sum(steps) as bigint) as transitions
from transitions
group by month, level, from_state, to_state

union all

select cast(null as date) as month, level, from_state, to_state, cast(sum(steps) as bigint) as transitions
from transitions
group by level, from_state, to_state
