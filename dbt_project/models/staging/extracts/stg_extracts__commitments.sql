select
    {{ as_text('commitment_id') }} as commitment_id,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_date('made_on') }} as made_on,
    {{ as_text('promise') }} as promise,
    {{ as_date('due_on') }} as due_on,
    {{ as_date('kept_on') }} as kept_on,
    {{ provenance() }}
from {{ source('raw', 'commitments') }}
