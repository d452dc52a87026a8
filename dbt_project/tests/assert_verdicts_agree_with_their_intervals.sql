{{ config(meta={'dagster': {'ref': {'name': 'results__incrementality'}}}) }}
-- One verdict: it is lift or loss exactly where the interval leaves 0 out and p is below 0.05;
-- what is not judged on figures is in none of these sets, and what is running or invalid has none.
with
    judged as (
        select
            study_id || ', ' || question || ', ' || stratum as judged,
            absolute_lift as estimate,
            ci_low,
            ci_high,
            p_value,
            verdict
        from {{ ref('results__brand_lift') }}

        union all

        select experiment_id || ', ' || arm as judged, effect_per_unit as estimate, ci_low, ci_high, p_value, verdict
        from {{ ref('results__incrementality') }}

        union all

        select
            study_id || ', ' || question as judged,
            buyer_ratio_difference as estimate,
            ci_low,
            ci_high,
            p_value,
            case
                when verdict like '%more often'
                then 'lift'
                when verdict like '%less often'
                then 'loss'
                when verdict like '%no difference shown'
                then 'no lift shown'
                else verdict
            end as verdict
        from {{ ref('results__brand_to_sales') }}
    )

select *
from judged
where
    not coalesce(
        case
            when verdict in ('running', 'invalid')
            then coalesce(estimate, ci_low, ci_high, p_value) is null
            when estimate is null
            then
                verdict in ('too few answers', 'too few units', 'no outcomes', 'no respondent is a known customer')
                and coalesce(ci_low, ci_high, p_value) is null
            when not (ci_low <= estimate and estimate <= ci_high) or (p_value < 0.05) <> (ci_low > 0 or ci_high < 0)
            then false
            when verdict = 'lift'
            then ci_low > 0
            when verdict = 'loss'
            then ci_high < 0
            when verdict = 'no lift shown'
            then ci_low <= 0 and ci_high >= 0
            else verdict in ('too few answers', 'too few units')
        end,
        false
    )
