select
    {{ as_text('cost_id') }} as cost_id,
    {{ as_date('paid_on') }} as paid_on,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    lower({{ as_text('kind') }}) as kind,
    {{ as_money('amount') }} as amount,
    {{ as_currency('currency') }} as currency,
    {{ provenance() }}
from {{ source('raw', 'costs') }}
