select
    costs.cost_id,
    costs.paid_on,
    costs.partner_id,
    costs.campaign_id,
    costs.kind,
    coalesce(costs.currency, settings.currency) as currency,
    rates.rate,
    {{ in_reporting_currency('costs.amount') }} as amount,
    costs._file,
    costs._row
from {{ ref('int_costs_latest') }} as costs
cross join {{ ref('stg_plan__settings') }} as settings
left join {{ ref('stg_plan__exchange_rates') }} as rates on rates.currency = coalesce(costs.currency, settings.currency)
