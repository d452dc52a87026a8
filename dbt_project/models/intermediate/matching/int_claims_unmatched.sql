{#- Claims that expect an order and found none, and whoever is named by an identifier that is nobody's. -#}
{%- set nobodys = 'its customer is an account of several shops, or an identifier that is shared by many' -%}
with
    expected as (
        select
            claims.claim_type,
            claims.claim_id,
            claims.entry_id,
            claims.claimed_on,
            claims.order_number,
            case
                when matched.matched_by = 'ambiguous'
                then 'several orders have this number'
                when claims.order_number is null and claims.person_id is null and claims.names_somebody
                then '{{ nobodys }}'
                when claims.order_number is null and claims.person_id is null
                then 'names neither order nor person'
                when claims.order_number is null
                then 'no order of this person on this day'
                when claims.person_id is null
                then 'no order has this number'
                else 'no order has this number, and none is of this person and day'
            end as reason
        from {{ ref('int_claims') }} as claims
        left join
            {{ ref('int_claims_matched') }} as matched
            on matched.claim_type = claims.claim_type
            and matched.claim_id = claims.claim_id
        where matched.order_id is null and not claims.is_reversed
    ),

    orders as (
        select
            'order' as claim_type,
            orders.shop || ' ' || orders.order_id as claim_id,
            orders._entry as entry_id,
            priced.ordered_on as claimed_on,
            cast(null as {{ dbt.type_string() }}) as order_number,
            'its account, address or telephone number is shared by many' as reason
        from {{ ref('int_orders_latest') }} as orders
        inner join
            {{ ref('int_orders_priced') }} as priced on priced.shop = orders.shop and priced.order_id = orders.order_id
        where
            priced.customer_id is null
            and coalesce(orders.customer_id, orders.customer_email, orders.customer_phone) is not null
    )

select *
from expected

union all

select *
from orders
{%- for claim_type, (model, claim_id, claimed_at) in {
    'click': ('int_clicks_latest', 'click_id', 'clicked_at'),
    'recommendation': ('int_recommendations_latest', 'response_id', 'answered_at'),
}.items() %}

    union all

    select
        '{{ claim_type }}' as claim_type,
        rows.{{ claim_id }} as claim_id,
        rows._entry as entry_id,
        {{ day_in_zone('rows.' ~ claimed_at, 'settings.timezone') }} as claimed_on,
        cast(null as {{ dbt.type_string() }}) as order_number,
        '{{ nobodys }}' as reason
    from {{ ref(model) }} as rows
    cross join {{ ref('stg_plan__settings') }} as settings
    where rows.names_somebody and rows.customer_id is null
{%- endfor %}
