with
    -- Whose commissions are delivered as costs.
    delivered as (
        select distinct {{ payee('costs') }} as payee
        from {{ ref('int_costs_latest') }} as costs
        where costs.kind = 'commission'
    )

select
    'conversion ' || conversions.conversion_id as cost_id,
    conversions.converted_on as paid_on,
    conversions.partner_id,
    conversions.campaign_id,
    'commission' as kind,
    conversions.currency,
    conversions.rate,
    conversions.rated_on,
    conversions.commission as amount,
    case
        settings.commission_costs when 'conversions' then true when 'costs' then false else delivered.payee is null
    end as is_cost,
    conversions._file,
    conversions._row
from {{ ref('int_conversions_priced') }} as conversions
cross join {{ ref('stg_plan__settings') }} as settings
left join delivered on delivered.payee = {{ payee('conversions') }}
where coalesce(conversions.state, 'approved') = 'approved' and conversions.commission <> 0
