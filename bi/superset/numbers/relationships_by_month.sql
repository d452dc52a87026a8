pivot (
    select date_trunc('month', day) as month, relationship, net_revenue from results.daily
    where attribution_model = 'last_touch'
)
on relationship using sum(net_revenue) group by month
