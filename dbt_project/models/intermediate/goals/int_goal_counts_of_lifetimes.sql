-- A customer counts on the day after their first 180 days, with all that they bought in them. Who
-- brought them is the best evidence of their first order, as in results.cohorts.
with
    customers as (
        select goals.goal_id, goals.version, first_orders.customer_id, first_orders.ordered_on as first_ordered_on
        from {{ ref('int_goals_dated') }} as goals
        inner join
            {{ ref('results__orders') }} as first_orders
            on first_orders.is_new_customer
            and first_orders.customer_id is not null
            and first_orders.ordered_on
            between goals.starts_on - interval '180' day and goals.last_day - interval '180' day
        inner join
            {{ ref('results__credits') }} as credits
            on credits.shop = first_orders.shop
            and credits.order_id = first_orders.order_id
            and credits.attribution_model = 'evidence_order'
        left join {{ ref('evidence_tiers') }} as tiers on tiers.evidence = credits.evidence
        where
            goals.numerator = 'revenue_180'
            and not goals.needs_experiment
            and {{ passes_filters('credits', ['relationship', 'partner', 'campaign', 'platform']) }}
            and {{ passes_evidence('tiers.tier') }}
    ),

    bought as (
        select
            customers.goal_id,
            customers.version,
            customers.customer_id,
            cast(customers.first_ordered_on + interval '180' day as date) as day,
            sum(orders.net_revenue) as net_revenue
        from customers
        inner join
            {{ ref('results__orders') }} as orders
            on orders.customer_id = customers.customer_id
            and orders.ordered_on >= customers.first_ordered_on
            and orders.ordered_on < customers.first_ordered_on + interval '180' day
        group by customers.goal_id, customers.version, customers.customer_id, customers.first_ordered_on
    )

select goal_id, version, day, 'revenue_180' as measure, cast(net_revenue as decimal(38, 15)) as amount
from bought

union all

select goal_id, version, day, 'customers_180' as measure, cast(1 as decimal(38, 15)) as amount
from bought
