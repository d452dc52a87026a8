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

    {{ media_costs('google', ['account', 'campaign', 'ad_group', 'paid_on']) }}
