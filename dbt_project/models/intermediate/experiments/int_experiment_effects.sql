select
    experiment_id,
    arm,
    method,
    units,
    control_units,
    cast(null as bigint) as days,
    arm_mean,
    control_mean,
    effect_per_unit,
    relative_lift,
    incremental_total,
    ci_low,
    ci_high,
    p_value,
    p_value_adjusted,
    detectable_effect,
    cast(null as {{ type_double() }}) as pre_fit,
    verdict,
    reason
from {{ ref('int_randomised_effects') }}

union all

select
    experiment_id,
    arm,
    method,
    units,
    cast(null as bigint) as control_units,
    days,
    arm_mean,
    control_mean,
    effect_per_unit,
    relative_lift,
    incremental_total,
    ci_low,
    ci_high,
    p_value,
    p_value_adjusted,
    cast(null as {{ type_double() }}) as detectable_effect,
    pre_fit,
    verdict,
    reason
from {{ ref('int_geo_effects') }}
