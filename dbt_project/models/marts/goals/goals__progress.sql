{%- set nothing_to_divide_by = {
    'cost': 'the cost of these days is 0, and nothing can be divided by 0',
    'new_customers': 'there is no new customer in these days to divide by',
    'orders': 'there is no credited order in these days to divide by',
    'customers': 'nobody with a customer id has a credited order in these days',
    'customers_180': 'the first 180 days of no customer whom the programme brought ended in these days',
    'commitments_due': 'no commitment was due in these days',
    'people': 'nobody is known who could invite somebody',
} -%}
{%- set elements = ['kpi', 'target', 'baseline', 'owner', 'starts_on', 'ends_on'] -%}

with
    experiments as (
        select goal_id, version, {{ dbt.listagg('state', "'; '", 'order by state') }} as states
        from (select distinct goal_id, version, state from {{ ref('int_goal_experiments') }}) as found
        group by goal_id, version
    ),

    moved as (
        select
            goal_id,
            max(first_seen_on) as moved_on,
            {{ dbt.listagg("cast(first_seen_on as " ~ dbt.type_string() ~ ") || ': ' || what_moved", "'; '", 'order by version') }}
            as what_moved
        from {{ ref('goals__definitions') }}
        where is_moved_while_running
        group by goal_id
    ),

    measured_goals as (
        select
            goals.*,
            goals.kpi is null
            or goals.target is null
            or goals.baseline is null
            or goals.owner is null
            or goals.starts_on is null
            or goals.ends_on is null
            or ambiguous.goal_id is not null as is_undefined,
            goals.as_of < goals.starts_on as is_ahead,
            goals.as_of > goals.ends_on as is_over,
            case when ambiguous.goal_id is null then measured.actual end as actual,
            measured.expected,
            measured.is_unproven,
            unknown.reason as unknown_reason,
            experiments.states as experiment_states,
            moved.moved_on,
            moved.what_moved
        from {{ ref('int_goals_dated') }} as goals
        left join
            {{ ref('int_goals_measured') }} as measured
            on measured.goal_id = goals.goal_id
            and measured.version = goals.version
            and measured.day = goals.last_day
        left join
            {{ ref('int_goals_ambiguous') }} as ambiguous
            on ambiguous.goal_id = goals.goal_id
            and ambiguous.version = goals.version
        left join moved on moved.goal_id = goals.goal_id
        left join
            {{ ref('int_goals_unknown') }} as unknown
            on unknown.goal_id = goals.goal_id
            and unknown.version = goals.version
        left join experiments on experiments.goal_id = goals.goal_id and experiments.version = goals.version
        where goals.is_current
    ),

    attained as (select *, (actual - baseline) / (target - baseline) as attainment from measured_goals),

    judged as (
        select
            *,
            case
                when is_undefined
                then 'undefined'
                when is_ahead
                then 'not started'
                when unknown_reason is not null
                then 'unknown'
                when is_unproven
                then 'unproven'
                when actual is null
                then 'unknown'
                when attainment >= 1 and (accumulates or is_over)
                then 'met'
                when is_over
                then 'missed'
                when better = 'higher' and actual >= expected
                then 'on track'
                when better = 'lower' and actual <= expected
                then 'on track'
                else 'behind'
            end as status
        from attained
    )

select
    objective_id,
    goal_id,
    kpi,
    owner,
    starts_on,
    ends_on,
    cast(baseline as {{ type_double() }}) as baseline,
    cast(target as {{ type_double() }}) as target,
    cast(actual as {{ type_double() }}) as actual,
    cast(attainment as {{ type_double() }}) as attainment,
    cast(expected as {{ type_double() }}) as expected_by_now,
    evidence,
    status,
    case
        when status = 'undefined'
        then
            coalesce(
                'still to be defined: ' || nullif(
                    concat_ws(
                        ', '
                        {%- for element in elements %}
                            , case when {{ element }} is null then '{{ element }}' end
                        {%- endfor %}
                    ),
                    ''
                ),
                'several studies or questions answer it: name one in `only`'
            )
        when status = 'not started'
        then 'its first day is ' || starts_on
        when status = 'unproven' and denominator is not null and mart <> 'results.brand_lift'
        then 'effects of experiments cannot be added up to a ratio: aim at what the ratio is made of'
        when status = 'unproven'
        then
            coalesce(
                experiment_states,
                'no experiment on ' || case
                    when mart = 'results.brand_lift'
                    then 'brand lift'
                    when kpi = 'incremental_revenue'
                    then 'net_revenue'
                    else kpi
                end
                || ' was delivered that this goal can count: add entries that feed '
                || case
                    when mart = 'results.brand_lift'
                    then 'brand_lift_answers'
                    else 'experiments and experiment_outcomes'
                end
            )
        when status = 'unknown'
        then
            coalesce(
                unknown_reason,
                case
                    denominator
                    {%- for denominator, reason in nothing_to_divide_by.items() %}
                        when '{{ denominator }}' then '{{ reason }}'
                    {%- endfor %}
                end,
                'nothing that it counts was finished in these days yet'
            )
    end as reason,
    moved_on,
    what_moved,
    as_of
from judged
