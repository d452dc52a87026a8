with
    costs as (
        select {{ columns_with('delivered', 'currency', 'coalesce(delivered.currency, settings.currency)') }}
        from {{ ref('int_costs_latest') }} as delivered
        cross join {{ ref('stg_plan__settings') }} as settings
        where settings.commission_costs <> 'conversions' or coalesce(delivered.kind, '') <> 'commission'
    )

select
    costs.cost_id,
    costs.paid_on,
    costs.partner_id,
    costs.campaign_id,
    costs.kind,
    costs.currency,
    rates.rate,
    rates.rated_on,
    {{ in_reporting_currency('costs.amount') }} as amount,
    'costs' as extract,
    costs._file,
    costs._row
from costs
left join
    {{ ref('int_exchange_rates_by_day') }} as rates on rates.currency = costs.currency and rates.day = costs.paid_on

union all

select
    cost_id,
    paid_on,
    partner_id,
    campaign_id,
    kind,
    currency,
    rate,
    rated_on,
    amount,
    'conversions' as extract,
    _file,
    _row
from {{ ref('int_commissions_approved') }}
where is_cost
