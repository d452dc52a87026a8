{{ config(materialized='view') }}
with
    named as (
        select
            'partner ' || known.partner_id as player,
            known.partner_id as id,
            -- A customer's id is a pseudonym, and means nothing to a reader.
            case
                when roster.partner_id is not null or known.relationship is distinct from 'customer'
                then coalesce(roster.name, known.partner_id)
            end as name
        from {{ ref('int_partners_known') }} as known
        left join {{ ref('int_partners_latest') }} as roster on roster.partner_id = known.partner_id

        union all

        select 'campaign ' || campaign_id as player, campaign_id as id, coalesce(name, campaign_id) as name
        from {{ ref('int_campaigns_latest') }}
    )

select
    player,
    case
        when name is null
        then 'a customer'
        when count(*) over (partition by name) > 1
        then name || ' (' || id || ')'
        else name
    end as name
from named
