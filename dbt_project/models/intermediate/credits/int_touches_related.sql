{{ config(materialized='view') }}
-- What the partner was to us when they vouched, not what they are today.
select
    touches.*,
    {{ player('touches') }} as player,
    coalesce(history.relationship, partners.relationship, '(unassigned)') as relationship,
    partners.is_connected,
    orders.is_new_customer
from {{ ref('int_touches_counted') }} as touches
inner join {{ ref('int_orders_sold') }} as orders on orders.shop = touches.shop and orders.order_id = touches.order_id
left join {{ ref('int_partners_known') }} as partners on partners.partner_id = touches.partner_id
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = touches.partner_id
    and {{ is_valid_on('history', 'touches.touched_on') }}
