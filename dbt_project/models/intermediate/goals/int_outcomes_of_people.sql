{#- Whole tests of so many days fit into a year, counted back from the newest order. -#}
{%- set lengths = [14, 28, 56, 84] -%}
{%- set year = 364 -%}
{{ config(materialized='view') }}
-- A view: unless an experiment is to be planned, nobody reads it and it costs nothing.
with
    orders as (
        select orders.*
        from {{ ref('results__orders') }} as orders
        cross join {{ ref('stg_plan__today') }} as today
        where orders.ordered_on <= today.as_of
    ),

    people as (
        select customer_id, min(ordered_on) as known_on from orders where customer_id is not null group by customer_id
    ),

    periods as (
        {%- for days in lengths %}
            {%- for nth in range(1, year // days + 1) %}
                {% if not (loop.first and days == lengths[0]) %}
                    union all
                {% endif %}
                select
                    {{ days }} as days,
                    cast({{ dbt.dateadd('day', 1 - nth * days, 'max(ordered_on)') }} as date) as first_day,
                    cast({{ dbt.dateadd('day', (1 - nth) * days, 'max(ordered_on)') }} as date) as last_day
                from orders
            {%- endfor %}
        {%- endfor %}
    ),

    -- Only who was known before its first day could have been drawn for a test.
    known as (
        select periods.days, periods.first_day, periods.last_day, people.customer_id
        from periods
        inner join people on people.known_on < periods.first_day
    ),

    -- A new customer is an outcome of the customer who brought them, as a partner or by an invitation.
    brought as (
        select
            case when roster.partner_id is null then orders.partner_id else roster.customer_id end as customer_id,
            orders.ordered_on,
            orders.evidence
        from orders
        left join {{ ref('int_partners_latest') }} as roster on roster.partner_id = orders.partner_id
        where orders.is_new_customer and orders.partner_id is not null
    ),

    outcomes as (
        select customer_id, ordered_on, 'net_revenue' as measure, cast(net_revenue as decimal(38, 15)) as amount
        from orders
        union all
        select customer_id, ordered_on, 'contribution_margin', cast(contribution_margin as decimal(38, 15))
        from orders
        where has_cost_of_goods
        union all
        select customer_id, ordered_on, 'orders', cast(1 as decimal(38, 15))
        from orders
        union all
        select customer_id, ordered_on, 'new_customers', cast(1 as decimal(38, 15))
        from brought
        union all
        select customer_id, ordered_on, 'referred_customers', cast(1 as decimal(38, 15))
        from brought
        where evidence = 'referral'
    ),

    measures as (select distinct measure from outcomes),

    found as (
        select outcomes.measure, known.days, known.first_day, known.customer_id, sum(outcomes.amount) as amount
        from known
        inner join
            outcomes
            on outcomes.customer_id = known.customer_id
            and outcomes.ordered_on between known.first_day and known.last_day
        group by outcomes.measure, known.days, known.first_day, known.customer_id
    ),

    -- Who did nothing is not in the orders.
    counted as (
        select measures.measure, known.days, coalesce(found.amount, 0) as amount, count(*) as units
        from measures
        cross join known
        left join
            found
            on found.measure = measures.measure
            and found.days = known.days
            and found.first_day = known.first_day
            and found.customer_id = known.customer_id
        group by measures.measure, known.days, coalesce(found.amount, 0)
    )

select
    counted.measure,
    cast(counted.days as bigint) as days,
    cast(counted.amount as {{ type_double() }}) as value,
    counted.units,
    available.units as units_available
from counted
cross join (select count(*) as units from people) as available
