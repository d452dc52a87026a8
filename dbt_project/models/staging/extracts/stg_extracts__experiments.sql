select
    {{ as_text('experiment_id') }} as experiment_id,
    lower({{ as_text('design') }}) as design,
    {{ as_text('kpi') }} as kpi,
    {{ as_date('starts_on') }} as starts_on,
    {{ as_date('ends_on') }} as ends_on,
    {{ as_text('statement') }} as statement,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_list('arm_shares') }} as arm_shares,
    {{ provenance() }}
from {{ source('raw', 'experiments') }}
