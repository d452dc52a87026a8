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

    {{ media_costs('meta', ['account', 'campaign', 'ad_set', 'ad', 'paid_on']) }}
