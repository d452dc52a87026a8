with
    listed as (
        select person_id, {{ list_in_order('reason', 'nth') }} as reasons
        from {{ ref('int_advocate_reasons') }}
        group by person_id
    )

select
    people.name,
    people.person_id,
    people.partner_id,
    people.customer_id,
    people.partner_id is not null as is_partner,
    people.relationship,
    people.is_connected,
    people.left_on,
    listed.reasons,
    people.orders,
    people.last_ordered_on,
    people.net_revenue,
    people.referrals_made,
    people.referred_customers,
    people.referred_orders,
    people.referred_revenue,
    people.latest_recommendation,
    people.latest_recommended_on,
    people.other_partner_ids
from listed
inner join {{ ref('int_people') }} as people on people.person_id = listed.person_id
