{%- set levels = {
    'programme': "'(the programme)'",
    'relationship': 'relationship',
    'partner': 'partner_id',
    'campaign': 'campaign_id',
} -%}
{%- set cohort = 'cohort_month, level, brought_by' -%}
{%- set so_far -%}
    partition by cells.cohort_month, cells.level, cells.brought_by
    order by cells.month
    rows between unbounded preceding and current row
{%- endset -%}
with
    -- Who brought a customer: the best evidence of their first order ever.
    acquired as (
        select
            orders.customer_id,
            cast({{ dbt.date_trunc('month', 'orders.ordered_on') }} as date) as cohort_month,
            touches.touch_id is not null as is_brought,
            touches.relationship,
            touches.partner_id,
            touches.campaign_id
        from {{ ref('int_orders_sold') }} as orders
        left join
            {{ ref('int_touches_related') }} as touches
            on touches.shop = orders.shop
            and touches.order_id = orders.order_id
            and touches.nth_by_evidence = 1
        where orders.is_new_customer and orders.customer_id is not null
    ),

    activity as (
        select
            orders.customer_id,
            cast({{ dbt.date_trunc('month', 'movements.moved_on') }} as date) as month,
            count(case when movements.kind = 'sale' then 1 end) as orders,
            sum(case when movements.kind = 'cost_of_goods' then 0 else movements.amount end) as net_revenue,
            sum(
                case when movements.kind = 'cost_of_goods' then - movements.amount else movements.amount end
            ) as contribution_margin
        from {{ ref('int_revenue_movements') }} as movements
        inner join
            {{ ref('int_orders_sold') }} as orders
            on orders.shop = movements.shop
            and orders.order_id = movements.order_id
        where orders.customer_id is not null
        group by 1, 2
    ),

    cohorts as (
        {%- for level, brought_by in levels.items() %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                cohort_month,
                '{{ level }}' as level,
                case
                    when is_brought
                    then coalesce({{ brought_by }}, '(unassigned)')
                    else '(not brought by the programme)'
                end as brought_by,
                customer_id
            from acquired
        {%- endfor %}
    ),

    sizes as (select {{ cohort }}, count(*) as customers from cohorts group by {{ cohort }}),

    found as (
        select
            cohorts.cohort_month,
            cohorts.level,
            cohorts.brought_by,
            activity.month,
            count(case when activity.orders > 0 then 1 end) as active_customers,
            sum(activity.orders) as orders,
            sum(activity.net_revenue) as net_revenue,
            sum(activity.contribution_margin) as contribution_margin
        from cohorts
        inner join activity on activity.customer_id = cohorts.customer_id
        group by cohorts.cohort_month, cohorts.level, cohorts.brought_by, activity.month
    ),

    -- No month after the last order or refund: of those nobody knows anything yet.
    months as (
        select day as month
        from
            (
                {{ day_spine('(select min(month) from activity)', '(select max(month) from activity)') | indent(12) }}
            ) as spine
        where day = {{ dbt.date_trunc('month', 'day') }}
    ),

    costs as (
        {%- for level, brought_by in levels.items() %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
                '{{ level }}' as level,
                coalesce({{ brought_by }}, '(unassigned)') as brought_by,
                sum(cost) as cost
            from {{ ref('int_costs_daily') }}
            group by 1, 2, 3
        {%- endfor %}
    ),

    cells as (
        select
            sizes.cohort_month,
            sizes.level,
            sizes.brought_by,
            months.month,
            sizes.customers,
            today.as_of > {{ dbt.last_day('months.month', 'month') }} as is_complete,
            found.active_customers,
            found.orders,
            found.net_revenue,
            found.contribution_margin,
            costs.cost
        from sizes
        cross join {{ ref('stg_plan__today') }} as today
        inner join months on months.month >= sizes.cohort_month
        left join
            found
            on found.cohort_month = sizes.cohort_month
            and found.level = sizes.level
            and found.brought_by = sizes.brought_by
            and found.month = months.month
        left join
            costs
            on costs.month = sizes.cohort_month
            and costs.level = sizes.level
            and costs.brought_by = sizes.brought_by
    ),

    added_up as (
        select
            *,
            sum(coalesce(net_revenue, 0)) over ({{ so_far }}) as net_revenue_so_far,
            sum(coalesce(contribution_margin, 0)) over ({{ so_far }}) as contribution_margin_so_far
        from cells
    )

select
    cells.cohort_month,
    cells.level,
    cells.brought_by,
    coalesce(roster.name, campaigns.name) as name,
    cast({{ dbt.datediff('cells.cohort_month', 'cells.month', 'month') }} as bigint) as months_since,
    cells.month,
    cells.customers,
    -- A month without an order is 0 once it is over; before, it is not known.
    {%- for figure, type in {
        'active_customers': 'bigint',
        'orders': 'bigint',
        'net_revenue': 'decimal(18, 2)',
        'contribution_margin': 'decimal(18, 2)',
    }.items() %}
        case
            when cells.is_complete or cells.{{ figure }} is not null
            then cast(coalesce(cells.{{ figure }}, 0) as {{ type }})
        end as {{ figure }},
    {%- endfor %}
    cast(cells.net_revenue_so_far as {{ type_double() }}) / cells.customers as cumulative_net_revenue_per_customer,
    cast(cells.cost as decimal(18, 2)) as cost,
    min(
        case
            when cells.contribution_margin_so_far >= cells.cost
            then cast({{ dbt.datediff('cells.cohort_month', 'cells.month', 'month') }} as bigint)
        end
    ) over (partition by cells.cohort_month, cells.level, cells.brought_by) as payback_month,
    cells.is_complete
from added_up as cells
left join
    {{ ref('int_partners_latest') }} as roster
    on roster.partner_id = case when cells.level = 'partner' then cells.brought_by end
left join
    {{ ref('int_campaigns_latest') }} as campaigns
    on campaigns.campaign_id = case when cells.level = 'campaign' then cells.brought_by end
