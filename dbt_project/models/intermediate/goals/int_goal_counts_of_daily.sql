select goals.goal_id, goals.version, rows.day, measures.measure, {{ named_measure('results__daily') }} as amount
from {{ ref('int_goals_dated') }} as goals
inner join
    {{ ref('int_goal_measures_needed') }} as measures
    on measures.goal_id = goals.goal_id
    and measures.version = goals.version
    and measures.mart = 'results.daily'
cross join {{ ref('stg_plan__settings') }} as settings
inner join
    {{ ref('results__daily') }} as rows
    on rows.attribution_model = settings.attribution_model
    and rows.day between goals.starts_on and goals.last_day
left join {{ ref('evidence_tiers') }} as tiers on tiers.evidence = rows.evidence
where
    not goals.needs_experiment
    and {{ passes_filters('rows', ['relationship', 'partner', 'campaign']) }}
    -- A cost has no evidence, platform or kind of customer: it counts whichever of them the goal asks for.
    and (
        rows.evidence is null
        or (
            {{ passes_filter('platform', 'rows.platform') }}
            and {{ passes_filter('new_customers', 'cast(rows.is_new_customer as ' ~ dbt.type_string() ~ ')') }}
            and {{ passes_evidence('tiers.tier') }}
        )
    )
