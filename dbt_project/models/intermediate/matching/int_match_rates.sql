{%- set shown = 3 -%}
with
    claims as (
        select
            claims.claim_type,
            coalesce(entries.entry, claims.entry_id) as source,
            claims.order_number,
            matched.order_id,
            matched.matched_by
        from {{ ref('int_claims') }} as claims
        left join {{ entry_names() }} as entries on entries.entry_id = claims.entry_id
        left join
            {{ ref('int_claims_matched') }} as matched
            on matched.claim_type = claims.claim_type
            and matched.claim_id = claims.claim_id
    ),

    counted as (
        select
            claim_type,
            source,
            count(*) as claims,
            count(order_id) as matched,
            count(case when matched_by = 'order_id' then 1 end) as by_order_id,
            count(case when matched_by = 'order_ref' then 1 end) as by_order_ref,
            count(case when matched_by = 'person and day' then 1 end) as by_person_and_day,
            count(case when matched_by = 'ambiguous' then 1 end) as ambiguous
        from claims
        group by claim_type, source
    ),

    -- An order number is no personal data, unless somebody used an address as one.
    numbers as (
        select distinct claim_type, source, order_number
        from claims
        where order_id is null and order_number is not null and position('@' in order_number) = 0
    ),

    claimed as (
        select claim_type, source, {{ dbt.listagg('order_number', "', '", 'order by order_number') }} as examples
        from
            (
                select *, row_number() over (partition by claim_type, source order by order_number) as nth from numbers
            ) as numbered
        where nth <= {{ shown }}
        group by claim_type, source
    ),

    delivered as (
        select {{ dbt.listagg('number', "', '", 'order by number') }} as examples
        from
            (
                select number, row_number() over (order by orders.ordered_at desc, number) as nth
                from {{ ref('int_order_numbers') }} as numbers
                inner join
                    {{ ref('int_orders_priced') }} as orders
                    on orders.shop = numbers.shop
                    and orders.order_id = numbers.order_id
                where position('@' in number) = 0
            ) as numbered
        where nth <= {{ shown }}
    )

select
    counted.*,
    cast(counted.matched as {{ type_double() }}) / counted.claims as match_ratio,
    claimed.examples as claimed_examples,
    delivered.examples as order_examples
from counted
cross join delivered
left join claimed on claimed.claim_type = counted.claim_type and claimed.source = counted.source
