{{ config(materialized='view') }}
-- An experiment without a last day counts for a goal that names it, from the goal's first day, and for no other.
with
    compared as (
        select
            'results.incrementality' as mart,
            kpi,
            campaign_id,
            experiment_id,
            cast(null as {{ dbt.type_string() }}) as study_id,
            cast(null as {{ dbt.type_string() }}) as question,
            'experiment ' || experiment_id as title,
            ends_on as last_day,
            verdict,
            incremental_total as amount
        from {{ ref('results__incrementality') }}

        union all

        select
            'results.brand_lift' as mart,
            'brand_lift' as kpi,
            campaign_id,
            cast(null as {{ dbt.type_string() }}) as experiment_id,
            study_id,
            question,
            'study ' || study_id || ' (' || question || ')' as title,
            last_answered_on as last_day,
            verdict,
            absolute_lift * 100 as amount
        from {{ ref('results__brand_lift') }}
        where stratum = 'all'
    ),

    matched as (
        select
            goals.goal_id,
            goals.version,
            goals.numerator as measure,
            goals.starts_on,
            goals.last_day as last_goal_day,
            compared.mart,
            compared.experiment_id,
            compared.study_id,
            compared.question,
            compared.title,
            compared.last_day as ended_on,
            coalesce(
                compared.last_day,
                case
                    when
                        {{ is_named('experiment', 'compared.experiment_id') }}
                        or {{ is_named('study', 'compared.study_id') }}
                    then goals.starts_on
                end
            ) as day,
            compared.verdict,
            compared.amount
        from {{ ref('int_goals_dated') }} as goals
        inner join
            compared
            on case
                when goals.mart in ('results.incrementality', 'results.brand_lift')
                then compared.mart = goals.mart
                else compared.mart = 'results.incrementality'
            end
            -- Incremental revenue is what an experiment on revenue shows; another goal is proved by one on its own KPI.
            and case
                when goals.kpi = 'incremental_revenue'
                then compared.kpi in ('net_revenue', 'revenue')
                else compared.kpi = goals.kpi
            end
        where
            goals.needs_experiment
            -- A ratio is not the sum of what two experiments show.
            and (goals.denominator is null or goals.mart = 'results.brand_lift')
            and {{ passes_filter('campaign', 'compared.campaign_id') }}
            and {{ passes_filter('experiment', 'compared.experiment_id') }}
            and {{ passes_filter('study', 'compared.study_id') }}
            and {{ passes_filter('question', 'compared.question') }}
            -- A goal that is narrowed to people or platforms is not proved by an experiment on all of them.
            {%- for dimension in ['relationship', 'partner', 'platform', 'new_customers'] %}
                and {{ passes_filter(dimension, 'null') }}
            {%- endfor %}
    )

select
    goal_id,
    version,
    measure,
    day,
    experiment_id,
    study_id,
    question,
    amount,
    verdict in ('lift', 'loss') and coalesce(day between starts_on and last_goal_day, false) as is_counted,
    verdict in ('lift', 'loss') and day is null as lacks_day,
    case
        when verdict in ('lift', 'loss') and day is null and mart = 'results.incrementality'
        then
            title
            || ' shows a '
            || verdict
            || ' but has no ends_on, so nobody knows whether it belongs to these days: add ends_on in the entry that feeds'
            || ' experiments, or name it in plan.yml: only: {experiment: ['
            || experiment_id
            || ']}'
        when verdict in ('lift', 'loss') and day is null
        then
            title
            || ' shows a '
            || verdict
            || ' but its answers have no answered_at, so nobody knows whether it belongs to these days: add answered_at in'
            || ' the entry that feeds brand_lift_answers, or name it in plan.yml: only: {study: ['
            || study_id
            || ']}'
        when verdict in ('lift', 'loss')
        then title || ' ended on ' || day || ', which is no day of the goal so far'
        when verdict = 'running'
        then title || ' is running until ' || ended_on
        when verdict = 'no lift shown'
        then title || ' shows no lift'
        when verdict = 'invalid'
        then title || ' is invalid'
        when verdict = 'no outcomes'
        then title || ' has no outcomes yet'
        else title || ' has ' || verdict
    end as state
from matched
