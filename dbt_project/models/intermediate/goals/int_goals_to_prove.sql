{#- Effects on these are known person by person. -#}
{%- set planned = ['net_revenue', 'contribution_margin', 'orders', 'new_customers', 'referred_customers'] -%}
{{ config(materialized='view') }}
select
    goals.goal_id,
    goals.kpi,
    goals.mart = 'results.brand_lift' as is_study,
    goals.denominator is not null as is_ratio,
    exists (
        select 1
        from {{ ref('stg_plan__goal_filters') }} as filters
        where
            filters.goal_id = goals.goal_id
            and filters.version = goals.version
            and filters.dimension in ('relationship', 'partner', 'platform', 'new_customers')
    ) as is_narrowed,
    case
        -- What is asked differs from goal to goal, and so does the share that says yes.
        when goals.mart = 'results.brand_lift'
        then 'brand_lift of ' || goals.goal_id
        when goals.numerator = 'incremental_revenue'
        then 'net_revenue'
        when goals.denominator is null and goals.numerator in ('{{ planned | join("', '") }}')
        then goals.numerator
    end as measure
from {{ ref('int_goals_dated') }} as goals
where
    goals.is_current
    and goals.kpi is not null
    and (goals.needs_experiment or goals.goal_id in (select goal_id from {{ ref('stg_plan__planned_experiments') }}))
