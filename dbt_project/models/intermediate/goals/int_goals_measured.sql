{%- set elapsed_ratio -%}
    (cast({{ dbt.datediff('goals.starts_on', 'days.day', 'day') }} + 1 as {{ type_double() }})
    / ({{ dbt.datediff('goals.starts_on', 'goals.ends_on', 'day') }} + 1))
{%- endset -%}

select
    goals.goal_id,
    goals.version,
    days.day,
    goals.kpi,
    goals.baseline,
    goals.target,
    case
        when unknown.goal_id is not null
        then null
        when days.level is not null
        then days.level
        -- Of something that there is, none is 0; a cost that was not delivered is unknown.
        when goals.denominator is not null
        then
            case when goals.numerator = 'cost' then days.numerator else coalesce(days.numerator, 0) end
            / nullif(days.denominator, 0)
        -- What accumulates has come to 0 where nothing was counted; a level that was not measured is unknown.
        when goals.accumulates and not goals.needs_experiment
        then coalesce(days.numerator, 0)
        else days.numerator
    end as actual,
    -- What accumulates starts from 0 on the first day; a level starts from its baseline.
    case
        when goals.accumulates
        then goals.target * {{ elapsed_ratio }}
        else goals.baseline + (goals.target - goals.baseline) * {{ elapsed_ratio }}
    end as expected,
    goals.needs_experiment and days.numerator is null as is_unproven
from {{ ref('int_goal_days') }} as days
inner join {{ ref('int_goals_dated') }} as goals on goals.goal_id = days.goal_id and goals.version = days.version
left join {{ ref('int_goals_unknown') }} as unknown on unknown.goal_id = days.goal_id and unknown.version = days.version
