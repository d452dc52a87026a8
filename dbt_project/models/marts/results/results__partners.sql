with months as ({{ results_by_month(['partner_id']) | indent(4) }})

select months.*, coalesce(history.relationship, partners.relationship, '(unassigned)') as relationship
from months
left join {{ ref('int_partners_known') }} as partners on partners.partner_id = months.partner_id
left join
    {{ ref('int_partner_relationships') }} as history
    on history.partner_id = months.partner_id
    and {{ is_valid_on('history', dbt.last_day('months.month', 'month')) }}
