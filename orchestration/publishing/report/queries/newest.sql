select max(ordered_on) as newest_order_on from results.orders
