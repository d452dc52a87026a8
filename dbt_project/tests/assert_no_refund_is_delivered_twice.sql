{{ config(meta={'dagster': {'ref': {'name': 'int_refunds_latest'}}}, severity='warn') }}
-- Two exports of one refund have ids of their own, so both are taken back.
with
    refunds as (
        select *, _entry in (select own._entry from {{ ref('stg_extracts__refunds') }} as own) as is_of_extract
        from {{ ref('int_refunds_latest') }}
    )

select
    min(_file)
    || ' and '
    || max(_file)
    || ': order '
    || order_id
    || ' (shop '
    || shop
    || ') has refunds from files of refunds and from its shop''s export; where they are the same, leave one of them out'
    as problem
from refunds
group by shop, order_id
having count(distinct is_of_extract) > 1
