{%- set shown = 3 -%}
{%- set remedies = [
    ('several orders have this number', 'Deliver the shop with the claims, or who bought.'),
    ('names neither order nor person', 'Deliver the order number or the customer with the claims.'),
    ('no order of this person on this day', 'Deliver the orders of that day, or the order number with the claims.'),
    ('its account, address or telephone number is shared by many', 'If it is one person, raise identity_limit in plan.yml.'),
    (
        'its customer is an account of several shops, or an identifier that is shared by many',
        'Deliver the shop with it, or an address instead of the account.',
    ),
] -%}
with
    claims as (
        select
            unmatched.claim_type || 's' as extract,
            coalesce(entries.entry, unmatched.entry_id) as source,
            unmatched.reason,
            unmatched.claimed_on,
            case when position('@' in unmatched.order_number) = 0 then unmatched.order_number end as example,
            coalesce(conversions.revenue, refunds.amount, orders.net) as revenue
        from {{ ref('int_claims_unmatched') }} as unmatched
        left join {{ entry_names() }} as entries on entries.entry_id = unmatched.entry_id
        -- In one equation each: of a condition beside it the engine would compare each row with each row.
        left join
            {{ ref('int_conversions_priced') }} as conversions
            on conversions.conversion_id = case when unmatched.claim_type = 'conversion' then unmatched.claim_id end
        left join
            {{ ref('int_refunds_priced') }} as refunds
            on refunds.shop || ' ' || refunds.refund_id
            = case when unmatched.claim_type = 'refund' then unmatched.claim_id end
        left join
            {{ ref('int_orders_priced') }} as orders
            on orders.shop || ' ' || orders.order_id
            = case when unmatched.claim_type = 'order' then unmatched.claim_id end
    ),

    examples as (
        select extract, source, reason, {{ dbt.listagg('example', "', '", 'order by example') }} as examples
        from
            (
                select *, row_number() over (partition by extract, source, reason order by example) as nth
                from (select distinct extract, source, reason, example from claims where example is not null) as named
            ) as numbered
        where nth <= {{ shown }}
        group by extract, source, reason
    )

select
    claims.extract,
    claims.source,
    claims.reason,
    count(*) as rows,
    cast(sum(claims.revenue) as decimal(18, 2)) as revenue,
    min(claims.claimed_on) as first_day,
    max(claims.claimed_on) as last_day,
    max(examples.examples) as examples,
    case
        claims.reason
        {%- for reason, remedy in remedies %} when '{{ reason }}' then '{{ remedy }}' {%- endfor %}
        else
            'Compare the number with those of the orders: if the shop has it under another name, deliver it as order_refs'
            || ' of the orders; if the orders are missing, deliver them.'
    end as what_to_do
from claims
left join
    examples
    on examples.extract = claims.extract
    and examples.source = claims.source
    and examples.reason = claims.reason
group by claims.extract, claims.source, claims.reason
