with
    spent as (
        select
            {{ as_text('account') }} as account,
            {{ as_text('campaign') }} as campaign,
            {{ as_text('ad_set') }} as ad_set,
            coalesce({{ as_text('ad_id') }}, {{ as_text('ad') }}) as ad,
            {{ as_date("coalesce(nullif(trim(day), ''), starts_on)") }} as paid_on,
            {{ as_text('partner_id') }} as partner_id,
            {{ as_text('campaign_id') }} as campaign_id,
            {{ as_money('amount') }} as amount,
            {{ as_currency('currency') }} as currency,
            {{ provenance() }}
        from {{ source('raw', 'meta_ads') }}
    )

select
    {{ cost_id('meta', ['account', 'campaign', 'ad_set', 'ad', 'paid_on']) }} as cost_id,
    paid_on,
    partner_id,
    campaign_id,
    'media' as kind,
    amount,
    currency,
    {{ provenance() }}
from spent
-- A day is restated whole, so that an ad with another name is not counted beside its old one.
qualify _delivery_order = max(_delivery_order) over (partition by _entry, account, campaign, paid_on)
