{{ results_by_month(['relationship'], {
    'orders_of_unconnected': sum_of_shares('case when not is_connected then orders else 0 end'),
    'net_revenue_of_unconnected': 'cast(sum(case when not is_connected then net_revenue else 0 end) as decimal(18, 2))',
}) }}
