-- What the person behind the order $order_id of $shop is known by: kinds and counts, never values.
with
    ordered as (
        select priced.customer_id as person_id, orders.shop, orders.customer_id, orders.customer_email, orders.customer_phone
        from intermediate.int_orders_latest as orders
        join intermediate.int_orders_priced as priced using (shop, order_id)
        where orders.shop = $shop and orders.order_id = $order_id
    ),

    named as (
        select unnest([customer_id, customer_email, customer_phone]) as identifier, shop from ordered
    ),

    known as (
        select split_part(identities.identifier, ' ', 1) as kind, identities.identifier || identities.shop as node
        from intermediate.int_identities as identities
        join ordered using (person_id)
        -- An account is there once more, without its shop.
        where identities.shop <> '' or not starts_with(identities.identifier, 'account ')

        union all

        select 'browser', visitors.visitor_id
        from intermediate.int_visitors_identified as visitors
        join ordered on ordered.person_id = visitors.customer_id

        union all

        select 'shared ' || split_part(shared.identifier, ' ', 1), shared.node
        from intermediate.int_identifiers as shared
        join named on named.identifier = shared.identifier and shared.shop in ('', named.shop)
        where shared.is_shared

        union all

        select 'partner', partners.partner_id
        from intermediate.int_partners_as_people as partners
        join ordered on ordered.person_id = partners.customer_id
    )

select kind, count(distinct node) as identifiers
from known
group by kind
order by list_position(['account', 'email', 'phone', 'browser', 'partner'], kind) nulls last, kind
