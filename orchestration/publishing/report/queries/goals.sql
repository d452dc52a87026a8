-- Every goal with its numbers, and where a steady pace would be on the way from baseline to target (pace, 0 to 1).
select
    progress.*,
    kpis.unit,
    kpis.better,
    kpis.definition,
    definitions.narrowed_to,
    (progress.expected_by_now - progress.baseline) / nullif(progress.target - progress.baseline, 0) as pace,
    abs(progress.actual - progress.expected_by_now) as distance_from_pace,
    case
        when progress.actual = progress.expected_by_now then 'on'
        when (progress.actual > progress.expected_by_now) = (kpis.better = 'higher') then 'ahead of'
        else 'short of'
    end as side_of_pace
from goals.progress
left join goals.kpis on kpis.kpi = progress.kpi
left join goals.definitions on definitions.goal_id = progress.goal_id and definitions.is_current
order by progress.starts_on nulls last, progress.goal_id
