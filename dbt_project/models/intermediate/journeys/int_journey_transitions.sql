with steps as (
    select
        player,
        coalesce(lag(player) over (partition by journey_id, is_converted order by nth_step), '(start)') as came_from,
        lead(player) over (partition by journey_id, is_converted order by nth_step) is null as is_last,
        is_converted
    from {{ ref('int_journey_steps') }}
),

transitions as (
    select came_from as from_state, player as to_state
    from steps

    union all

    select player as from_state, case when is_converted then '(conversion)' else '(null)' end as to_state
    from steps
    where is_last
)

select from_state, to_state, count(*) as transitions
from transitions
group by from_state, to_state
