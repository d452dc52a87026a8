with
    transactions as (
        select
            *,
            case when lower({{ as_text('type') }}) = 'lead' then 'lead' else 'sale' end as kind,
            {{ as_currency('currency') }} as sale_currency
        from {{ source('raw', 'awin_transactions') }}
    )

select
    {{ as_text('transaction_id') }} as conversion_id,
    {{ as_timestamp('transaction_at') }} as converted_at,
    {{ as_text('publisher_id') }} as partner_id,
    {{ as_text('campaign') }} as campaign_id,
    cast(null as {{ dbt.type_string() }}) as shop,
    {{ as_text('order_reference') }} as order_id,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    kind,
    cast(case when kind = 'sale' then 1 else 0 end as bigint) as orders,
    -- Of a lead, the amount is how many leads it was.
    case when kind = 'sale' then {{ as_money('sale_amount') }} end as revenue,
    sale_currency as currency,
    -- A conversion has one currency: a commission in another one is not in it.
    case
        when coalesce({{ as_currency('commission_currency') }}, sale_currency) = sale_currency
        then {{ as_money('commission') }}
    end as commission,
    case
        when lower({{ as_text('status') }}) in ('pending', '0')
        then 'pending'
        when lower({{ as_text('status') }}) in ('approved', '1')
        then 'approved'
        when lower({{ as_text('status') }}) in ('declined', 'deleted', '2')
        then 'reversed'
    end as state,
    {{ provenance() }}
from transactions
