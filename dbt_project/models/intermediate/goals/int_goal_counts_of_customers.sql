-- A customer counts once, on the day of their first credited order within the goal's days;
-- as one who came back, on the day of the first such order that is not their first ever.
with
    customers as (
        select
            goals.goal_id,
            goals.version,
            orders.customer_id,
            min(orders.ordered_on) as first_day,
            min(case when not orders.is_new_customer then orders.ordered_on end) as first_day_back
        from {{ ref('int_goals_dated') }} as goals
        cross join {{ ref('stg_plan__settings') }} as settings
        inner join
            {{ ref('results__orders') }} as orders
            on orders.ordered_on between goals.starts_on and goals.last_day
            and orders.customer_id is not null
        inner join
            {{ ref('results__credits') }} as credits
            on credits.shop = orders.shop
            and credits.order_id = orders.order_id
            and credits.attribution_model = settings.attribution_model
        left join {{ ref('evidence_tiers') }} as tiers on tiers.evidence = credits.evidence
        where
            goals.mart = 'results.credits'
            and not goals.needs_experiment
            and {{ passes_filters('credits', ['relationship', 'partner', 'campaign', 'platform']) }}
            and {{ passes_evidence('tiers.tier') }}
        group by goals.goal_id, goals.version, orders.customer_id
    )

select goal_id, version, first_day as day, 'customers' as measure, cast(1 as decimal(38, 15)) as amount
from customers

union all

select goal_id, version, first_day_back as day, 'repeat_customers' as measure, cast(1 as decimal(38, 15)) as amount
from customers
where first_day_back is not null
