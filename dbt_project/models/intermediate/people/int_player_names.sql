{{ config(materialized='view') }}
select
    'partner ' || known.partner_id as player,
    -- A customer's id is a pseudonym, and means nothing to a reader.
    case
        when roster.partner_id is null and known.relationship = 'customer'
        then 'a customer'
        else coalesce(roster.name, known.partner_id)
    end as name
from {{ ref('int_partners_known') }} as known
left join {{ ref('int_partners_latest') }} as roster on roster.partner_id = known.partner_id

union all

select 'campaign ' || campaign_id as player, coalesce(name, campaign_id) as name
from {{ ref('int_campaigns_latest') }}
