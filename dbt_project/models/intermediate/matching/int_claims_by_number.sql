with
    candidates as (
        select
            claims.claim_type,
            claims.claim_id,
            claims.entry_id,
            numbers.shop,
            numbers.order_id,
            numbers.matched_by,
            coalesce(claims.shop = numbers.shop, false) as is_of_shop,
            coalesce(claims.person_id = orders.customer_id, false) as is_of_person,
            coalesce(abs({{ seconds_between('orders.ordered_at', 'claims.claimed_at') }}) <= 86400, false) as is_of_day
        from {{ ref('int_claims') }} as claims
        inner join {{ ref('int_order_numbers') }} as numbers on numbers.number = claims.order_number
        inner join
            {{ ref('int_orders_priced') }} as orders
            on orders.shop = numbers.shop
            and orders.order_id = numbers.order_id
        -- An export without a shop is staged as that of `default`, and may mean any.
        where claims.shop is null or claims.shop in (numbers.shop, 'default')
    ),

    -- Each narrows the candidates down, where it leaves any.
    of_shop as (
        select * from candidates qualify is_of_shop or not bool_or(is_of_shop) over (partition by claim_type, claim_id)
    ),

    of_person as (
        select * from of_shop qualify is_of_person or not bool_or(is_of_person) over (partition by claim_type, claim_id)
    ),

    of_day as (
        select * from of_person qualify is_of_day or not bool_or(is_of_day) over (partition by claim_type, claim_id)
    )

select
    claim_type,
    claim_id,
    entry_id,
    case when count(*) = 1 then min(shop) end as shop,
    case when count(*) = 1 then min(order_id) end as order_id,
    case when count(*) = 1 then min(matched_by) else 'ambiguous' end as matched_by
from of_day
group by claim_type, claim_id, entry_id
