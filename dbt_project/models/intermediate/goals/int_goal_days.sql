-- Every day of a goal so far, with what its measures have added up to by then.
with
    counted as (
        {%- for counts in ['daily', 'actions', 'customers', 'lifetimes', 'referrals', 'experiments', 'commitments'] %}
            {% if not loop.first %}
                union all
            {% endif %}
            select goal_id, version, day, measure, amount
            from {{ ref('int_goal_counts_of_' ~ counts) }}
        {%- endfor %}
    ),

    by_day as (
        select
            counted.goal_id,
            counted.version,
            counted.day,
            sum(case when counted.measure = goals.numerator then counted.amount end) as numerator,
            sum(case when counted.measure = goals.denominator then counted.amount end) as denominator
        from counted
        inner join
            {{ ref('int_goals_dated') }} as goals on goals.goal_id = counted.goal_id and goals.version = counted.version
        group by counted.goal_id, counted.version, counted.day
    )

select
    days.goal_id,
    days.version,
    days.day,
    {%- for side in ['numerator', 'denominator'] %}
        cast(
            round(
                sum(by_day.{{ side }}) over (
                    partition by days.goal_id, days.version
                    order by days.day
                    rows between unbounded preceding and current row
                ),
                6
            ) as {{ type_double() }}
        ) as {{ side }},
    {%- endfor %}
    levels.level
from {{ ref('int_goal_calendar') }} as days
left join by_day on by_day.goal_id = days.goal_id and by_day.version = days.version and by_day.day = days.day
left join
    {{ ref('int_goal_levels_of_requests') }} as levels
    on levels.goal_id = days.goal_id
    and levels.version = days.version
    and levels.day = days.day
