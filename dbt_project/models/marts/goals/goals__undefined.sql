{%- set elements = {
    'kpi': 'Without a KPI nobody can say whether the goal is reached.',
    'target': 'Without a target every figure looks like a success.',
    'baseline': 'Without a baseline we cannot tell what would be there anyway.',
    'owner': 'What belongs to nobody is done by nobody.',
    'starts_on': 'Without a first day, results from before our work count as ours.',
    'ends_on': 'Without a last day a goal can never be missed, and so never be met.',
    'evidence': 'Without the weakest evidence that counts, hearsay weighs as much as an experiment.',
} -%}
{%- set nothing = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}

with
    gaps as (
        {%- for element, why in elements.items() %}
            select
                objective_id,
                goal_id,
                {{ nothing }} as campaign_id,
                {{ nothing }} as partner_id,
                '{{ element }}' as element,
                '{{ why }}' as why_it_matters
            from {{ ref('int_goals_dated') }}
            where
                is_current and {{ element }} is null
                {%- if element == 'evidence' %} and not needs_experiment {%- endif %}

            union all
        {% endfor %}
        select
            goals.objective_id,
            goals.goal_id,
            {{ nothing }} as campaign_id,
            {{ nothing }} as partner_id,
            'question' as element,
            'Several studies or questions answer this goal; without `only` saying which, the best of them would always be picked.'
            as why_it_matters
        from {{ ref('int_goals_dated') }} as goals
        inner join
            {{ ref('int_goals_ambiguous') }} as ambiguous
            on ambiguous.goal_id = goals.goal_id
            and ambiguous.version = goals.version
        where goals.is_current

        union all

        select
            objective_id,
            {{ nothing }} as goal_id,
            {{ nothing }} as campaign_id,
            {{ nothing }} as partner_id,
            'owner' as element,
            '{{ elements["owner"] }}' as why_it_matters
        from {{ ref('stg_plan__objectives') }}
        where owner is null

        union all

        select
            objective_id,
            {{ nothing }} as goal_id,
            {{ nothing }} as campaign_id,
            {{ nothing }} as partner_id,
            'goals' as element,
            'An objective without a goal cannot be told from a wish.' as why_it_matters
        from {{ ref('stg_plan__objectives') }}
        where objective_id not in (select objective_id from {{ ref('int_goals_dated') }} where is_current)

        union all

        -- Steps belong to objectives: a goal whose objective has none is a goal without steps.
        select
            goals.objective_id,
            goals.goal_id,
            {{ nothing }} as campaign_id,
            {{ nothing }} as partner_id,
            'steps' as element,
            'Without steps nobody knows what to do next.' as why_it_matters
        from {{ ref('int_goals_dated') }} as goals
        where goals.is_current and goals.objective_id not in (select objective_id from {{ ref('stg_plan__steps') }})

        union all

        select
            {{ nothing }} as objective_id,
            {{ nothing }} as goal_id,
            campaign_id,
            {{ nothing }} as partner_id,
            'objective' as element,
            'A campaign that serves no objective costs money for nothing that we set out to get.' as why_it_matters
        from {{ ref('int_campaigns_latest') }}
        where objective_id is null or objective_id not in (select objective_id from {{ ref('stg_plan__objectives') }})

        union all

        select
            {{ nothing }} as objective_id,
            {{ nothing }} as goal_id,
            {{ nothing }} as campaign_id,
            partner_id,
            'campaign or step' as element,
            'Somebody who vouches for us, and whom no campaign and no step takes up, hears nothing from us.'
            as why_it_matters
        from {{ ref('int_partners_unplanned') }}
    )

select objective_id, goal_id, campaign_id, partner_id, element, why_it_matters
from gaps
