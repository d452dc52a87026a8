-- Everybody who is named anywhere, so that no result loses
-- its partner: the roster first, then customers who refer.
with
    named as (
        select partner_id, relationship, is_connected, 1 as source_rank
        from {{ ref('int_partners_latest') }}

        union all

        select partner_id, 'customer' as relationship, null as is_connected, 2 as source_rank
        from {{ ref('int_referrals_latest') }}
        where is_referrer_only_a_customer

        union all

        select partner_id, null as relationship, null as is_connected, 3 as source_rank
        from {{ ref('int_touches_counted') }}

        union all

        select partner_id, null as relationship, null as is_connected, 3 as source_rank
        from {{ ref('int_costs_priced') }}
    )

select partner_id, coalesce(relationship, 'unknown') as relationship, is_connected
from named
where partner_id is not null
qualify row_number() over (partition by partner_id order by source_rank, relationship nulls last) = 1
