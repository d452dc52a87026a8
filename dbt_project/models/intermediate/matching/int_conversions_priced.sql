select
    conversions.conversion_id,
    conversions.kind,
    conversions.state,
    conversions.partner_id,
    conversions.campaign_id,
    {{ day_in_zone('conversions.converted_at', 'settings.timezone') }} as converted_on,
    coalesce(conversions.currency, settings.currency) as currency,
    rates.rate,
    conversions.orders,
    {{ in_reporting_currency('conversions.revenue') }} as revenue,
    {{ in_reporting_currency('conversions.commission') }} as commission,
    conversions._entry,
    conversions._file,
    conversions._row
from {{ ref('int_conversions_latest') }} as conversions
cross join {{ ref('stg_plan__settings') }} as settings
left join
    {{ ref('stg_plan__exchange_rates') }} as rates
    on rates.currency = coalesce(conversions.currency, settings.currency)
