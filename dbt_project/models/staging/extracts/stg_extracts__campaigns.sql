select
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_text('name') }} as name,
    {{ as_text('objective_id') }} as objective_id,
    {{ as_list('topics') }} as topics,
    {{ as_date('starts_on') }} as starts_on,
    {{ as_date('ends_on') }} as ends_on,
    {{ provenance() }}
from {{ source('raw', 'campaigns') }}
