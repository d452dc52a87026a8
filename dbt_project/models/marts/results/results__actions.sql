select
    {{ day_in_zone('conversions.converted_at', 'settings.timezone') }} as day,
    coalesce(conversions.partner_id, '(unassigned)') as partner_id,
    case
        when conversions.partner_id is null then '(unassigned)' else coalesce(partners.relationship, 'unknown')
    end as relationship,
    coalesce(conversions.campaign_id, '(unassigned)') as campaign_id,
    count(case when conversions.kind = 'lead' then 1 end) as leads,
    count(case when conversions.kind = 'signup' then 1 end) as signups,
    count(case when conversions.kind = 'install' then 1 end) as installs
from {{ ref('int_conversions_latest') }} as conversions
cross join {{ ref('stg_plan__settings') }} as settings
left join {{ ref('int_partners_known') }} as partners on partners.partner_id = conversions.partner_id
where conversions.kind in ('lead', 'signup', 'install') and coalesce(conversions.state, 'approved') <> 'reversed'
group by 1, 2, 3, 4
