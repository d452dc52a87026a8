-- What only a comparison shows: effects of experiments and brand lift studies that ended within the
-- goal's days. A goal that is narrowed to people or platforms is not proved by an experiment on all of them.
with
    shown as (
        select
            'results.incrementality' as mart,
            kpi,
            campaign_id,
            experiment_id,
            cast(null as {{ dbt.type_string() }}) as study_id,
            cast(null as {{ dbt.type_string() }}) as question,
            ends_on as day,
            incremental_total as amount
        from {{ ref('results__incrementality') }}
        where verdict in ('lift', 'loss')

        union all

        select
            'results.brand_lift' as mart,
            'brand_lift' as kpi,
            campaign_id,
            cast(null as {{ dbt.type_string() }}) as experiment_id,
            study_id,
            question,
            last_answered_on as day,
            absolute_lift * 100 as amount
        from {{ ref('results__brand_lift') }}
        where verdict in ('lift', 'loss') and stratum = 'all'
    )

select
    goals.goal_id,
    goals.version,
    shown.day,
    goals.numerator as measure,
    shown.study_id,
    shown.question,
    cast(shown.amount as decimal(38, 15)) as amount
from {{ ref('int_goals_dated') }} as goals
inner join
    shown
    on shown.day between goals.starts_on and goals.last_day
    and case
        when goals.mart in ('results.incrementality', 'results.brand_lift')
        then shown.mart = goals.mart
        else shown.mart = 'results.incrementality'
    end
    -- Incremental revenue is what an experiment on revenue shows; another goal is proved by one on its own KPI.
    and case
        when goals.kpi = 'incremental_revenue' then shown.kpi in ('net_revenue', 'revenue') else shown.kpi = goals.kpi
    end
where
    goals.needs_experiment
    -- A ratio is not the sum of what two experiments show.
    and (goals.denominator is null or goals.mart = 'results.brand_lift')
    and {{ passes_filter('campaign', 'shown.campaign_id') }}
    and {{ passes_filter('experiment', 'shown.experiment_id') }}
    and {{ passes_filter('study', 'shown.study_id') }}
    and {{ passes_filter('question', 'shown.question') }}
    {%- for dimension in ['relationship', 'partner', 'platform', 'new_customers'] %}
        and {{ passes_filter(dimension, 'null') }}
    {%- endfor %}
