with
    spent as (
        select
            {{ as_text('account') }} as account,
            {{ as_text('campaign') }} as campaign,
            {{ as_text('ad_group') }} as ad_group,
            {{ as_date('day') }} as paid_on,
            {{ as_text('partner_id') }} as partner_id,
            {{ as_text('campaign_id') }} as campaign_id,
            {{ as_money('amount') }} as amount,
            {{ as_currency('currency') }} as currency,
            {{ provenance() }}
        from {{ source('raw', 'google_ads') }}
    )

select
    {{ cost_id('google', ['account', 'campaign', 'ad_group', 'paid_on']) }} as cost_id,
    paid_on,
    partner_id,
    campaign_id,
    'media' as kind,
    amount,
    currency,
    {{ provenance() }}
from spent
-- A day is restated whole, as in stg_meta__costs.
qualify _delivery_order = max(_delivery_order) over (partition by _entry, account, campaign, paid_on)
