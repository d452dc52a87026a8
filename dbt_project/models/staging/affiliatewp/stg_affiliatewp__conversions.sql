select
    {{ as_text('affiliate_id') }}
    || '|'
    || coalesce({{ as_text('context') }}, '')
    || '|'
    || coalesce({{ as_text('reference') }}, '')
    || '|'
    || cast({{ as_timestamp_in_words('referred_at') }} as {{ dbt.type_string() }}) as conversion_id,
    {{ as_timestamp_in_words('referred_at') }} as converted_at,
    {{ as_text('affiliate_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_text('shop') }} as shop,
    {{ as_text('reference') }} as order_id,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    coalesce(lower({{ as_text('kind') }}), 'sale') as kind,
    cast(case when coalesce(lower({{ as_text('kind') }}), 'sale') = 'sale' then 1 else 0 end as bigint) as orders,
    cast(null as decimal(18, 2)) as revenue,
    {{ as_currency('currency') }} as currency,
    {{ as_money('commission') }} as commission,
    case
        lower({{ as_text('status') }}) when 'rejected' then 'reversed' when 'pending' then 'pending' else 'approved'
    end as state,
    {{ provenance() }}
from {{ source('raw', 'affiliatewp_referrals') }}
