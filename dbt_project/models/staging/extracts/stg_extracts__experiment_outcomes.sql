select
    {{ as_text('experiment_id') }} as experiment_id,
    {{ pseudonym('unit_id') }} as unit_id,
    {{ as_date('observed_on') }} as observed_on,
    {{ as_text('arm') }} as arm,
    {{ as_number('value') }} as value,
    {{ provenance() }}
from {{ source('raw', 'experiment_outcomes') }}
