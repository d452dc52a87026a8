with
    -- Their units are regions or markets, which are not people and keep their names.
    geo as (
        select experiment_id
        from {{ ref('stg_extracts__experiments') }}
        where experiment_id is not null
        group by experiment_id
        having min(coalesce(design, '')) = 'geo' and max(design) = 'geo'
    ),

    outcomes as (
        select
            {{ as_text('experiment_id') }} as experiment_id,
            {{ as_text('unit_id') }} as unit_name,
            {{ pseudonym('unit_id') }} as unit_pseudonym,
            {{ as_date('observed_on') }} as observed_on,
            {{ as_text('arm') }} as arm,
            {{ as_number('value') }} as value,
            {{ provenance() }}
        from {{ source('raw', 'experiment_outcomes') }}
    )

select
    outcomes.experiment_id,
    case
        -- An address is a person's, whatever the design says.
        when geo.experiment_id is not null and position('@' in outcomes.unit_name) = 0
        then outcomes.unit_name
        else outcomes.unit_pseudonym
    end as unit_id,
    outcomes.observed_on,
    outcomes.arm,
    outcomes.value,
    {{ provenance() }}
from outcomes
left join geo on geo.experiment_id = outcomes.experiment_id
