{{ config(meta={'dagster': {'ref': {'name': 'int_costs_priced'}}}, severity='warn') }}
-- An invoice of a network for all of its partners may be the sum of the commissions that it reports.
with
    commissions as (
        select
            count(case when costs.extract = 'costs' then 1 end) as invoices,
            count(case when costs.extract = 'conversions' then 1 end) as conversions,
            sum(case when costs.extract = 'costs' then costs.amount end) as invoiced,
            sum(case when costs.extract = 'conversions' then costs.amount end) as converted
        from {{ ref('int_costs_priced') }} as costs
        where
            costs.kind = 'commission'
            and (
                costs.extract = 'conversions'
                and costs.partner_id is not null
                or costs.extract = 'costs'
                and costs.partner_id is null
            )
    )

select
    'without a partner: '
    || {{ counted('commissions.invoices', 'cost', 'costs') }}
    || ' of kind commission, '
    || commissions.invoiced
    || ' '
    || settings.currency
    || '; counted beside it: '
    || {{ counted('commissions.conversions', 'commission', 'commissions') }}
    || ' of conversions, '
    || commissions.converted
    || ' '
    || settings.currency
    || '. If they are the same money, set commission_costs to conversions or costs in plan.yml' as problem
from commissions
cross join {{ ref('stg_plan__settings') }} as settings
where commissions.invoices > 0 and commissions.conversions > 0
