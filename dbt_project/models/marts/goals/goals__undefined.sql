{%- set elements = {
    'kpi': 'Without a KPI nobody can say whether the goal is reached.',
    'target': 'Without a target every figure looks like a success.',
    'baseline': 'Without a baseline we cannot tell what would be there anyway.',
    'owner': 'What belongs to nobody is done by nobody.',
    'starts_on': 'Without a first day, results from before our work count as ours.',
    'ends_on': 'Without a last day a goal can never be missed, and so never be met.',
    'evidence': 'Without the weakest evidence that counts, hearsay weighs as much as an experiment.',
} -%}

with gaps as (
    {%- for element, why in elements.items() %}
    select
        objective_id,
        goal_id,
        '{{ element }}' as element,
        '{{ why }}' as why_it_matters
    from {{ ref('stg_plan__goals') }}
    where {{ element }} is null

    union all
    {% endfor %}
    select
        objective_id,
        cast(null as {{ dbt.type_string() }}) as goal_id,
        'owner' as element,
        '{{ elements["owner"] }}' as why_it_matters
    from {{ ref('stg_plan__objectives') }}
    where owner is null

    union all

    select
        objective_id,
        cast(null as {{ dbt.type_string() }}) as goal_id,
        'goals' as element,
        'An objective without a goal cannot be told from a wish.' as why_it_matters
    from {{ ref('stg_plan__objectives') }}
    where objective_id not in (select objective_id from {{ ref('stg_plan__goals') }})

    union all

    select
        objective_id,
        cast(null as {{ dbt.type_string() }}) as goal_id,
        'steps' as element,
        'Without steps nobody knows what to do next.' as why_it_matters
    from {{ ref('stg_plan__objectives') }}
    where objective_id not in (select objective_id from {{ ref('stg_plan__steps') }})
)

select objective_id, goal_id, element, why_it_matters
from gaps
