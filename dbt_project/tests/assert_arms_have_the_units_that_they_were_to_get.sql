{{ config(meta={'dagster': {'ref': {'name': 'int_experiments_checked'}}}, severity='warn') }}
-- A sample ratio mismatch (SRM): units were lost or moved, perhaps because of the treatment.
select
    'experiment '
    || experiment_id
    || ': '
    || control_units
    || ' of '
    || units
    || ' units are in control; is the split '
    || 'declared (arm_shares)? Else find out where units were lost' as problem
from {{ ref('int_experiments_checked') }}
where sample_ratio_p_value < {{ var('least_sample_ratio_p_value') }}
