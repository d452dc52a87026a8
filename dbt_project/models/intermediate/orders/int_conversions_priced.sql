with
    conversions as (
        select
            {{ columns_with('delivered', 'currency', 'coalesce(delivered.currency, settings.currency)') }},
            {{ day_in_zone('delivered.converted_at', 'settings.timezone') }} as converted_on
        from {{ ref('int_conversions_latest') }} as delivered
        cross join {{ ref('stg_plan__settings') }} as settings
    )

select
    conversions.conversion_id,
    conversions.kind,
    conversions.state,
    conversions.partner_id,
    conversions.campaign_id,
    conversions.converted_on,
    conversions.currency,
    rates.rate,
    rates.rated_on,
    conversions.orders,
    {{ in_reporting_currency('conversions.revenue') }} as revenue,
    {{ in_reporting_currency('conversions.commission') }} as commission,
    conversions.revenue is not null or conversions.commission is not null as has_money,
    conversions._entry,
    conversions._file,
    conversions._row
from conversions
left join
    {{ ref('int_exchange_rates_by_day') }} as rates
    on rates.currency = conversions.currency
    and rates.day = conversions.converted_on
