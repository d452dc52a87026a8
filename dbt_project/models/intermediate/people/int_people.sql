with
    people as (
        select
            as_people.person_id,
            max(as_people.customer_id) as customer_id,
            max(case when as_people.partner_id = as_people.person_id then partners.name end) as name,
            max(case when as_people.partner_id = as_people.person_id then partners.relationship end) as relationship,
            max(case when as_people.partner_id = as_people.person_id then partners.left_on end) as left_on,
            bool_or(partners.is_connected) as is_connected,
            bool_or(
                partners.relationship = 'employee' and coalesce(partners.left_on > today.as_of, true)
            ) as is_employee,
            max(
                case
                    when partners.relationship = 'employee' and partners.left_on <= today.as_of then partners.left_on
                end
            ) as was_employee_until,
            {{ dbt.listagg(
            "case when as_people.partner_id <> as_people.person_id then as_people.partner_id end",
            "'; '",
            "order by as_people.partner_id"
        ) }} as other_partner_ids
        from {{ ref('int_partners_as_people') }} as as_people
        inner join {{ ref('int_partners_named') }} as partners on partners.partner_id = as_people.partner_id
        cross join {{ ref('stg_plan__settings') }} as settings
        cross join {{ ref('stg_plan__today') }} as today
        group by as_people.person_id
    ),

    owned as (
        select as_people.person_id, {{ dbt.listagg('codes.code', "' and '", 'order by codes.code') }} as codes
        from
            (
                select distinct code, partner_id
                from {{ ref('int_codes_latest') }} as codes
                cross join {{ ref('stg_plan__settings') }} as settings
                cross join {{ ref('stg_plan__today') }} as today
                where
                    coalesce({{ day_in_zone('codes.valid_from', 'settings.timezone') }} <= today.as_of, true)
                    and coalesce({{ day_in_zone('codes.valid_to', 'settings.timezone') }} >= today.as_of, true)
            ) as codes
        inner join {{ ref('int_partners_as_people') }} as as_people on as_people.partner_id = codes.partner_id
        group by as_people.person_id
    ),

    bought as (
        select customer_id, count(*) as orders, max(ordered_on) as last_ordered_on, sum(net - refunded) as net_revenue
        from {{ ref('int_orders_sold') }}
        where customer_id is not null
        group by customer_id
    ),

    referred as (
        select
            coalesce(as_people.person_id, referrals.referrer_id) as person_id,
            sum(referrals.invites) as referrals_made,
            sum(referrals.registered) as registered,
            sum(referrals.referred_customers) as referred_customers,
            sum(referrals.referred_orders) as referred_orders,
            sum(referrals.referred_revenue) as referred_revenue
        from {{ ref('results__referrals') }} as referrals
        left join {{ ref('int_partners_as_people') }} as as_people on as_people.partner_id = referrals.referrer_id
        group by coalesce(as_people.person_id, referrals.referrer_id)
    ),

    said as (
        select
            recommendations.customer_id,
            recommendations.answer,
            {{ day_in_zone('recommendations.answered_at', 'settings.timezone') }} as answered_on
        from {{ ref('int_recommendations_latest') }} as recommendations
        cross join {{ ref('stg_plan__settings') }} as settings
        where
            recommendations.customer_id is not null
            -- Another number answers another question, or is on another scale.
            and recommendations.answer between 0 and 10
        qualify
            row_number() over (
                partition by recommendations.customer_id
                order by recommendations.answered_at desc, recommendations.response_id desc
            )
            = 1
    ),

    everybody as (
        select person_id, customer_id, person_id as partner_id
        from people

        union all

        -- Customers who are no partner.
        select customer_id as person_id, customer_id, cast(null as {{ dbt.type_string() }}) as partner_id
        from
            (
                select customer_id
                from bought
                union
                select customer_id
                from said
                union
                select person_id as customer_id
                from referred
                where person_id not in (select person_id from people)
            ) as customers
        where customer_id not in (select customer_id from people where customer_id is not null)
    )

select
    everybody.person_id,
    everybody.partner_id,
    everybody.customer_id,
    people.name,
    coalesce(people.relationship, 'customer') as relationship,
    people.is_connected,
    coalesce(people.is_employee, false) as is_employee,
    people.was_employee_until,
    people.left_on,
    people.other_partner_ids,
    owned.codes,
    coalesce(bought.orders, 0) as orders,
    bought.last_ordered_on,
    cast(coalesce(bought.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(coalesce(referred.referrals_made, 0) as bigint) as referrals_made,
    cast(coalesce(referred.registered, 0) as bigint) as registered,
    cast(coalesce(referred.referred_customers, 0) as bigint) as referred_customers,
    cast(coalesce(referred.referred_orders, 0) as bigint) as referred_orders,
    cast(coalesce(referred.referred_revenue, 0) as decimal(18, 2)) as referred_revenue,
    said.answer as latest_recommendation,
    said.answered_on as latest_recommended_on
from everybody
left join people on people.person_id = everybody.partner_id
left join owned on owned.person_id = everybody.partner_id
left join referred on referred.person_id = everybody.person_id
left join bought on bought.customer_id = everybody.customer_id
left join said on said.customer_id = everybody.customer_id
