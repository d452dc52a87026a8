-- Of all orders, whoever brought them: an experiment by region compares what comes in.
select
    region,
    ordered_on as day,
    cast(
        sum(
            case $measure
                when 'net_revenue' then net_revenue
                when 'contribution_margin' then contribution_margin
                when 'orders' then 1
                when 'new_customers' then case when is_new_customer then 1 else 0 end
                when 'referred_customers' then case when is_new_customer and evidence = 'referral' then 1 else 0 end
            end
        ) as double
    ) as value
from results.orders
cross join staging.stg_plan__today
where region is not null and ordered_on <= as_of
group by region, ordered_on
order by region, ordered_on
