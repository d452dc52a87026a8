with
    actions as (
        select
            *,
            case
                lower({{ as_text('action_tracker') }})
                when 'sale'
                then 'sale'
                when 'online sale'
                then 'sale'
                when 'lead'
                then 'lead'
                when 'signup'
                then 'signup'
                when 'sign up'
                then 'signup'
                when 'sign-up'
                then 'signup'
                when 'install'
                then 'install'
                when 'app install'
                then 'install'
            end as kind
        from {{ source('raw', 'impact_actions') }}
    )

select
    {{ as_text('action_id') }} as conversion_id,
    {{ as_timestamp('event_at') }} as converted_at,
    {{ as_text('media_partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    cast(null as {{ dbt.type_string() }}) as shop,
    {{ as_text('order_reference') }} as order_id,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    kind,
    cast(case when kind = 'sale' then 1 else 0 end as bigint) as orders,
    {{ as_money('amount') }} as revenue,
    {{ as_currency('currency') }} as currency,
    {{ as_money('payout') }} as commission,
    lower({{ as_text('state') }}) as state,
    {{ provenance() }}
from actions
