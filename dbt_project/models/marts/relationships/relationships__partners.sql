{%- set kinds = {'fee': 'fees', 'commission': 'commission', 'product': 'product', 'travel': 'travel', 'media': 'media'} -%}

with
    commitments as (
        select
            partner_id,
            count(*) as made
            {%- for state in ['kept', 'late', 'broken', 'open'] %}
                , count(*) filter (where state = '{{ state }}') as {{ state }}
            {%- endfor %}
        from {{ ref('relationships__commitments') }}
        group by partner_id
    ),

    requests as (
        select
            partner_id,
            count(*) as asked,
            count(*) filter (where is_answered) as answered,
            median(answer_hours) as median_answer_hours,
            max(unanswered_days) as oldest_unanswered_days
        from {{ ref('relationships__requests') }}
        group by partner_id
    ),

    received as (
        select
            costs.partner_id,
            sum(costs.amount) as total
            {%- for kind, name in kinds.items() %}
                , sum(case when costs.kind = '{{ kind }}' then costs.amount else 0 end) as {{ name }}
            {%- endfor %},
            sum(
                case when coalesce(costs.kind, '') not in ('{{ kinds | join("', '") }}') then costs.amount else 0 end
            ) as other
        from {{ ref('int_costs_priced') }} as costs
        cross join {{ ref('stg_plan__today') }} as today
        where costs.paid_on <= today.as_of
        group by costs.partner_id
    )

select
    partners.partner_id,
    partners.name,
    partners.relationship,
    partners.is_in_roster,
    partners.joined_on,
    partners.left_on,
    case when partners.is_in_roster then coalesce(partners.left_on > today.as_of, true) end as is_active,
    coalesce(commitments.made, 0) as commitments_made,
    {%- for state in ['kept', 'late', 'broken', 'open'] %}
        coalesce(commitments.{{ state }}, 0) as commitments_{{ state }},
    {%- endfor %}
    coalesce(requests.asked, 0) as requests,
    coalesce(requests.answered, 0) as requests_answered,
    coalesce(requests.asked - requests.answered, 0) as requests_unanswered,
    requests.median_answer_hours,
    requests.oldest_unanswered_days,
    cast(coalesce(received.total, 0) as decimal(18, 2)) as value_received,
    {%- for name in kinds.values() %}
        cast(coalesce(received.{{ name }}, 0) as decimal(18, 2)) as {{ name }}_received,
    {%- endfor %}
    cast(coalesce(received.other, 0) as decimal(18, 2)) as other_received
from {{ ref('int_partners_named') }} as partners
cross join {{ ref('stg_plan__today') }} as today
left join commitments on commitments.partner_id = partners.partner_id
left join requests on requests.partner_id = partners.partner_id
left join received on received.partner_id = partners.partner_id
