-- The roster, and whoever is named elsewhere: nobody is dropped. (Who only posts belongs to reach.)
with
    named as (
        select partner_id
        from {{ ref('int_referrals_latest') }}
        where not is_referrer_only_a_customer
        {%- for extract in ['partners', 'codes', 'links', 'clicks', 'conversions', 'surveys', 'costs', 'commitments', 'requests'] %}

            union

            select partner_id
            from {{ ref('int_' ~ extract ~ '_latest') }}
            where partner_id is not null
        {%- endfor %}
    )

select
    named.partner_id,
    roster.name,
    coalesce(history.relationship, 'unknown') as relationship,
    roster.customer_id,
    roster.is_connected,
    roster.partner_id is not null as is_in_roster,
    {{ day_in_zone('roster.joined_at', 'settings.timezone') }} as joined_on,
    {{ day_in_zone('roster.left_at', 'settings.timezone') }} as left_on
from named
cross join {{ ref('stg_plan__settings') }} as settings
cross join {{ ref('stg_plan__today') }} as today
left join {{ ref('int_partners_identified') }} as roster on roster.partner_id = named.partner_id
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = named.partner_id
    and {{ is_valid_on('history', 'today.as_of') }}
