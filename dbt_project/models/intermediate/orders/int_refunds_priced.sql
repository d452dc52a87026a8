select
    coalesce(matched.shop, refunds.shop) as shop,
    refunds.refund_id,
    coalesce(matched.order_id, refunds.order_id) as order_id,
    {{ day_in_zone('refunds.refunded_at', 'settings.timezone') }} as refunded_on,
    coalesce(refunds.currency, settings.currency) as currency,
    rates.rate,
    {{ in_reporting_currency('refunds.amount') }} as amount,
    refunds._file,
    refunds._row
from {{ ref('int_refunds_latest') }} as refunds
cross join {{ ref('stg_plan__settings') }} as settings
left join
    {{ ref('int_claims_matched') }} as matched
    on matched.claim_type = 'refund'
    and matched.claim_id = refunds.shop || ' ' || refunds.refund_id
left join
    {{ ref('stg_plan__exchange_rates') }} as rates on rates.currency = coalesce(refunds.currency, settings.currency)
