with
    steps as (
        select
            coalesce(came_from, '(start)') as came_from,
            player,
            case when is_last and is_converted then '(conversion)' when is_last then '(null)' end as ends_in,
            count(*) as steps
        from {{ ref('int_journey_steps') }}
        group by 1, 2, 3
    ),

    transitions as (
        select came_from as from_state, player as to_state, steps
        from steps

        union all

        select player as from_state, ends_in as to_state, steps
        from steps
        where ends_in is not null
    )

select from_state, to_state, cast(sum(steps) as bigint) as transitions
from transitions
group by from_state, to_state
