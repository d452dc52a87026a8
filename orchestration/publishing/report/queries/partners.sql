-- Partners over all months by one attribution model ($model), by name; ratios are ratios of sums. `ltv` is what a customer
-- whom they brought has bought so far (results.cohorts). Customers who refer without being partners are one row.
with
    lifetimes as (
        select brought_by as partner_id, customers, customers * cumulative_net_revenue_per_customer as net_revenue
        from results.cohorts
        where level = 'partner'
        qualify row_number() over (partition by cohort_month, brought_by order by months_since desc) = 1
    ),

    brought as (
        select partner_id, sum(customers) as customers, sum(net_revenue) as net_revenue
        from lifetimes
        group by all
    ),

    named as (
        select
            all_time.*,
            brought.customers as brought_customers,
            brought.net_revenue as lifetime_revenue,
            case
                when partners.partner_id is null and all_time.partner_id <> '(unassigned)'
                then '(customers who are not partners)'
                else coalesce(all_time.name, all_time.partner_id)
            end as shown
        from results.partners_all_time as all_time
        left join relationships.partners on partners.partner_id = all_time.partner_id
        left join brought on brought.partner_id = all_time.partner_id
        where all_time.attribution_model = $model
    )

select
    shown as name,
    relationship,
    sum(orders) as orders,
    sum(net_revenue) as net_revenue,
    sum(new_customers) as new_customers,
    sum(cost) as cost,
    sum(net_revenue) / nullif(sum(cost), 0) as roas,
    sum(cost) / nullif(sum(new_customers), 0) as cost_per_new_customer,
    sum(lifetime_revenue) / nullif(sum(brought_customers), 0) as ltv
from named
group by shown, relationship, case when shown = '(customers who are not partners)' then shown else partner_id end
order by net_revenue desc, name
