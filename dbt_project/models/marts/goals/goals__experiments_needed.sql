{%- set size = readable_count('planned.units_per_arm') -%}
{%- set groups = "'2 groups of ' || " ~ size ~ " || ' customers for ' || planned.days || ' days'" -%}
{%- set cells = size ~ " || ' respondents who saw it and as many who did not'" -%}
{%- set available = readable_count('planned.units_available') -%}
{%- set fits = '2 * planned.units_per_arm <= planned.units_available' -%}
with
    lifts as (
        {%- for lift in [0.05, 0.1, 0.2, 0.5] %}
            {{ 'union all' if not loop.first }}
            select cast({{ lift }} as {{ type_double() }}) as detectable_relative_lift
        {%- endfor %}
    ),

    available as (
        select count(distinct orders.customer_id) as customers, count(*) as orders
        from {{ ref('results__orders') }} as orders
        cross join {{ ref('stg_plan__today') }} as today
        where orders.ordered_on <= today.as_of
    ),

    -- Or by respondent: a study is planned from the answers to the last one.
    by_person as (
        select
            goals.goal_id,
            goals.kpi,
            case when goals.is_study then 'survey' else 'randomised' end as design,
            lifts.detectable_relative_lift,
            planned.units_per_arm,
            cast(null as {{ dbt.type_string() }}) as regions,
            planned.days,
            planned.units_available,
            coalesce({{ fits }}, false) as is_feasible,
            planned.method,
            cast(null as {{ type_double() }}) as false_positive_ratio,
            case
                when goals.is_narrowed
                then
                    'an experiment on everybody does not prove a goal that is narrowed to some: leave relationship,'
                    || ' partner, platform and new_customers out of only'
                when goals.is_ratio
                then 'effects of experiments cannot be added up to a ratio: aim at what the ratio is made of'
                when goals.is_study and planned.outcomes is null
                then
                    'no study that this goal can count has answers of a control, so nobody knows how many say yes anyway:'
                    || ' add an entry that feeds brand_lift_answers'
                when goals.is_study and planned.outcomes < 30
                then 'fewer than 30 of the control answered the last study, which does not say how many say yes anyway'
                when goals.is_study and planned.units_per_arm is null and planned.control_mean > 0
                then 'so many of the control say yes anyway that the share cannot grow by so much'
                when goals.is_study and planned.units_per_arm is null
                then 'nobody in the control said yes, so there is nothing that could grow by a share'
                when goals.is_study and {{ fits }}
                then {{ cells }} || '; ' || {{ available }} || ' answered the last study'
                when goals.is_study
                then {{ cells }} || ' would be needed, and ' || {{ available }} || ' answered the last study'
                when goals.measure is null
                then 'what a single customer does for ' || goals.kpi || ' is not known, so no size can be planned'
                when available.orders = 0
                then 'no order was delivered: add an entry that feeds orders to extracts.yml'
                when available.customers = 0
                then 'no order says who bought: map customer_id or customer_email in the entry that feeds orders'
                when planned.outcomes is null or planned.outcomes < 30
                then 'the history is too short: hardly anybody bought before the days that a test would take'
                when planned.units_per_arm is null
                then 'no customer did any of it in the last year, so there is nothing that could grow by a share'
                when {{ fits }}
                then {{ groups }} || '; there are ' || {{ available }}
                else {{ groups }} || ' would be needed, and there are ' || {{ available }}
            end as reason
        from {{ ref('int_goals_to_prove') }} as goals
        cross join lifts
        cross join available
        left join
            {{ ref('int_experiments_planned') }} as planned
            on planned.measure = case when not goals.is_narrowed then goals.measure end
            and planned.detectable_relative_lift = lifts.detectable_relative_lift
        -- The shortest test for which the programme has enough customers; else the one that needs the fewest.
        qualify
            row_number() over (
                partition by goals.goal_id, lifts.detectable_relative_lift
                order by
                    coalesce({{ fits }}, false) desc,
                    case when {{ fits }} then planned.days end,
                    planned.units_per_arm nulls last,
                    planned.days
            )
            = 1
    ),

    by_region as (
        select
            goals.goal_id,
            goals.kpi,
            asked.design,
            asked.detectable_relative_lift,
            asked.units_per_arm,
            asked.regions,
            asked.days,
            cast(null as bigint) as units_available,
            asked.is_feasible,
            'simulation' as method,
            asked.false_positive_ratio,
            asked.reason
        from {{ ref('int_goals_to_prove') }} as goals
        inner join
            {{ ref('stg_plan__planned_experiments') }} as asked
            on asked.goal_id = goals.goal_id
            and asked.kpi = goals.kpi
        where asked.design = 'geo'
    )

select *
from by_person
union all
select *
from by_region
