{#- How many claims of one source can find orders of one person on one day. -#}
{%- set rounds = 3 -%}
with
    -- Whose number no order has: an order of the same person on the same day.
    pairs as (
        select
            claims.claim_type,
            claims.claim_id,
            claims.entry_id,
            orders.shop,
            orders.order_id,
            claims.is_reversed,
            abs({{ seconds_between('orders.ordered_at', 'claims.claimed_at') }}) as seconds_apart
        from {{ ref('int_claims') }} as claims
        inner join
            {{ ref('int_orders_priced') }} as orders
            on orders.customer_id = claims.person_id
            and orders.ordered_on = claims.claimed_on
            and orders.excluded_because is null
            and (claims.shop is null or claims.shop = orders.shop)
        left join
            {{ ref('int_claims_by_number') }} as numbered
            on numbered.claim_type = claims.claim_type
            and numbered.claim_id = claims.claim_id
        left join
            (select distinct claim_type, entry_id, shop, order_id from {{ ref('int_claims_by_number') }}) as taken
            on taken.claim_type = claims.claim_type
            and taken.entry_id = claims.entry_id
            and taken.shop = orders.shop
            and taken.order_id = orders.order_id
        where numbered.claim_id is null and taken.order_id is null
    )
    {%- for nth in range(1, rounds + 1) %}
        ,

        -- Of what is left, who is nearest to each other.
        round_{{ nth }} as (
            select claim_type, claim_id, entry_id, shop, order_id
            from
                (
                    select pairs.*
                    from pairs
                    {%- for earlier in range(1, nth) %}
                        left join
                            round_{{ earlier }} as claims_{{ earlier }}
                            on claims_{{ earlier }}.claim_type = pairs.claim_type
                            and claims_{{ earlier }}.claim_id = pairs.claim_id
                        left join
                            round_{{ earlier }} as orders_{{ earlier }}
                            on orders_{{ earlier }}.claim_type = pairs.claim_type
                            and orders_{{ earlier }}.entry_id = pairs.entry_id
                            and orders_{{ earlier }}.shop = pairs.shop
                            and orders_{{ earlier }}.order_id = pairs.order_id
                    {%- endfor %}
                        {%- for earlier in range(1, nth) %}
                            {{ 'where' if loop.first else 'and' }} claims_{{ earlier }}.claim_id is null
                            and orders_{{ earlier }}.order_id is null
                        {%- endfor %}
                    qualify
                        row_number() over (
                            partition by pairs.claim_type, pairs.claim_id
                            order by pairs.seconds_apart, pairs.shop, pairs.order_id
                        )
                        = 1
                ) as nearest
            qualify
                row_number() over (
                    partition by claim_type, entry_id, shop, order_id order by is_reversed, seconds_apart, claim_id
                )
                = 1
        )
    {%- endfor %}

select claim_type, claim_id, shop, order_id, matched_by
from {{ ref('int_claims_by_number') }}
{%- for nth in range(1, rounds + 1) %}

    union all

    select claim_type, claim_id, shop, order_id, 'person and day' as matched_by
    from round_{{ nth }}
{%- endfor %}
