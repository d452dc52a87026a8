{{ config(meta={'dagster': {'ref': {'name': 'int_exchange_rates_latest'}}}) }}
-- Whose rate of the reporting currency is not 1 gives all rates in another one.
select
    rates._file
    || ', record '
    || rates._row
    || ': the rate of '
    || rates.currency
    || ' is '
    || rates.rate
    || ', but plan.yml reports in '
    || settings.currency
    || ': are they in another currency? Deliver what one unit of each is worth in '
    || settings.currency as problem
from {{ ref('int_exchange_rates_latest') }} as rates
inner join {{ ref('stg_plan__settings') }} as settings on settings.currency = rates.currency
where rates.rate <> 1
