select
    {{ as_text('commission_id') }} as conversion_id,
    {{ as_timestamp('created_at') }} as converted_at,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_text('shop') }} as shop,
    {{ as_text('order_id') }} as order_id,
    {{ identifier('customer_id') }} as customer_id,
    lower({{ as_text('type') }}) as kind,
    cast(case when lower({{ as_text('type') }}) = 'sale' then 1 else 0 end as bigint) as orders,
    case when lower({{ as_text('type') }}) = 'sale' then {{ as_money('amount') }} end as revenue,
    {{ as_currency('currency') }} as currency,
    {{ as_money('commission') }} as commission,
    case
        when lower({{ as_text('status') }}) in ('processed', 'paid')
        then 'approved'
        when lower({{ as_text('status') }}) = 'pending'
        then 'pending'
        else 'reversed'
    end as state,
    {{ provenance() }}
from {{ source('raw', 'dub_commissions') }}
