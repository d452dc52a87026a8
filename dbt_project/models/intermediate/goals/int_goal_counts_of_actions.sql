select goals.goal_id, goals.version, rows.day, measures.measure, {{ named_measure('results__actions') }} as amount
from {{ ref('int_goals_dated') }} as goals
inner join
    {{ ref('int_goal_measures_needed') }} as measures
    on measures.goal_id = goals.goal_id
    and measures.version = goals.version
    and measures.mart = 'results.actions'
inner join {{ ref('results__actions') }} as rows on rows.day between goals.starts_on and goals.last_day
where
    not goals.needs_experiment
    and {{ passes_filters('rows', ['relationship', 'partner', 'campaign']) }}
    and {{ passes_evidence("'tracked'") }}
