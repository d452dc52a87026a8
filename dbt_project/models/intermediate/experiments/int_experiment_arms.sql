{%- set share = '^(.*):([^:]*)$' -%}
with
    parts as (
        select experiment_id, {{ split_to_rows('arm_shares', ';') }} as part from {{ ref('int_experiments_known') }}
    ),

    shares as (
        select
            experiment_id,
            trim({{ replace_pattern('part', share, ['1']) }}) as arm,
            try_cast(
                trim(replace({{ replace_pattern('part', share, ['2']) }}, '%', '')) as {{ type_double() }}
            ) as share
        from parts
        where trim(part) <> ''
    ),

    declared as (
        select experiment_id, {{ arm_name('arm') }} as arm, sum(share) as share
        from shares
        group by experiment_id, {{ arm_name('arm') }}
    ),

    found as (
        select experiment_id, arm, count(*) as units from {{ ref('int_experiment_units') }} group by experiment_id, arm
    ),

    arms as (
        select
            coalesce(found.experiment_id, declared.experiment_id) as experiment_id,
            coalesce(found.arm, declared.arm) as arm,
            coalesce(found.units, 0) as units,
            declared.arm is not null as is_declared,
            declared.share
        from found
        full outer join declared on declared.experiment_id = found.experiment_id and declared.arm = found.arm
    )

select
    experiment_id,
    arm,
    units,
    case
        when max(is_declared) over (partition by experiment_id)
        then share / nullif(sum(share) over (partition by experiment_id), 0)
        else 1.0 / count(*) over (partition by experiment_id)
    end as declared_ratio
from arms
