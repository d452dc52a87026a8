{{ config(materialized='table') }}
with
    movements as (
        select
            shop,
            movement_id,
            type,
            amount,
            fee,
            net,
            currency,
            created,
            source_id,
            charge_id,
            order_reference,
            _decimal,
            _date_order,
            -- A header that says UTC counts more than the zone that the entry gives.
            case when created_utc is null then _timezone else 'UTC' end as _timezone,
            {{ provenance() }}
        from {{ source('raw', 'stripe_balance') }}
    )

select
    {{ as_text('shop') }} as shop,
    {{ as_text('movement_id') }} as movement_id,
    lower({{ as_text('type') }}) as type,
    {{ as_money('amount') }} as amount,
    {{ as_money('fee') }} as fee,
    {{ as_money('net') }} as net,
    {{ as_currency('currency') }} as currency,
    {{ as_timestamp('created') }} as created_at,
    {{ as_text('source_id') }} as source_id,
    coalesce(
        {{ as_text('charge_id') }},
        case when substr({{ as_text('source_id') }}, 1, 3) in ('ch_', 'py_') then {{ as_text('source_id') }} end
    ) as charge_id,
    {{ as_text('order_reference') }} as order_reference,
    {{ provenance() }}
from movements
