-- What the partner was when they were paid, not what they are today.
select
    costs.paid_on as day,
    costs.partner_id,
    coalesce(history.relationship, partners.relationship, '(unassigned)') as relationship,
    partners.is_connected,
    costs.campaign_id,
    cast(sum(costs.amount) as decimal(18, 2)) as cost
from {{ ref('int_costs_priced') }} as costs
left join {{ ref('int_partners_known') }} as partners on partners.partner_id = costs.partner_id
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = costs.partner_id
    and {{ is_valid_on('history', 'costs.paid_on') }}
group by 1, 2, 3, 4, 5
