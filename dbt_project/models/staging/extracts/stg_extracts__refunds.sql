select
    coalesce({{ as_text('shop') }}, 'default') as shop,
    {{ as_text('refund_id') }} as refund_id,
    {{ as_text('order_id') }} as order_id,
    {{ as_timestamp('refunded_at') }} as refunded_at,
    {{ as_money('amount') }} as amount,
    {{ as_currency('currency') }} as currency,
    {{ provenance() }}
from {{ source('raw', 'refunds') }}
