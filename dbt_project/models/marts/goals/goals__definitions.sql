{%- set elements = {
    'kpi': 'kpi',
    'target': plain_number('target'),
    'baseline': plain_number('baseline'),
    'starts_on': 'cast(starts_on as ' ~ dbt.type_string() ~ ')',
    'ends_on': 'cast(ends_on as ' ~ dbt.type_string() ~ ')',
    'evidence': 'evidence',
    'narrowed_to': 'narrowed_to',
} -%}

with
    compared as (
        select
            *,
            {%- for element, text in elements.items() %}
                {{ text }} as {{ element }}_now,
                lag({{ text }}) over (partition by goal_id order by version) as {{ element }}_before,
            {%- endfor %}
            lag(starts_on) over (partition by goal_id order by version) as started_on_before
        from {{ ref('stg_plan__goal_versions') }}
    ),

    -- What was not defined yet is defined, not moved.
    changed as (
        select
            *,
            {%- for element in elements %}
                case
                    when {{ element }}_before <> coalesce({{ element }}_now, '')
                    then
                        '; {{ element }}: ' || {{ element }}_before || ' → ' || coalesce({{ element }}_now, 'undefined')
                    else ''
                end
                {%- if not loop.last %} ||{% endif %}
            {%- endfor %} as changes
        from compared
    )

select
    objective_id,
    goal_id,
    version,
    first_seen_on,
    kpi,
    cast(target as {{ type_double() }}) as target,
    cast(baseline as {{ type_double() }}) as baseline,
    starts_on,
    ends_on,
    evidence,
    narrowed_to,
    is_current,
    case when changes <> '' then substr(changes, 3) end as what_moved,
    coalesce(changes <> '' and started_on_before <= first_seen_on, false) as is_moved_while_running
from changed
