-- Orders that are called $number, by their id or by one of their references as int_order_numbers compares them; only
-- those of $shop, unless it is empty. In one shop, an id goes before a reference.
with
    named as (
        select shop, order_id
        from intermediate.int_order_numbers
        where
            number = regexp_replace(lower(replace($number, ' ', '')), '^#+', '') and ($shop = '' or shop = $shop)
        qualify matched_by = 'order_id' or not bool_or(matched_by = 'order_id') over (partition by shop)
    ),

    refunds as (select shop, order_id, sum(amount) as refunded from intermediate.int_refunds_priced group by all)

select
    orders.shop,
    orders.order_id,
    orders.order_refs,
    orders.ordered_at,
    orders.net,
    coalesce(refunds.refunded, 0) as refunded,
    settings.currency,
    orders.excluded_because,
    orders.is_paid,
    orders.is_renewal,
    orders.customer_id,
    sold.is_new_customer
from intermediate.int_orders_priced as orders
join named using (shop, order_id)
left join intermediate.int_orders_sold as sold using (shop, order_id)
left join refunds using (shop, order_id)
cross join staging.stg_plan__settings as settings
order by orders.shop, orders.order_id
