-- A partner is in a campaign where a post, code, tracked visit, conversion or
-- cost names both, and in a step that names them as its owner or in its words.
with
    in_campaigns as (
        select partner_id
        from {{ ref('int_posts_by_campaign') }}
        {%- for extract in ['codes', 'clicks', 'conversions', 'costs'] %}

            union

            select partner_id
            from {{ ref('int_' ~ extract ~ '_latest') }}
            where partner_id is not null and campaign_id is not null
        {%- endfor %}
    ),

    vouching as (
        select partner_id
        from {{ ref('int_partners_posting') }}
        {%- for extract in ['codes', 'clicks', 'conversions', 'referrals', 'surveys', 'costs', 'commitments', 'requests'] %}

            union

            select partner_id
            from {{ ref('int_' ~ extract ~ '_latest') }}
            where partner_id is not null
        {%- endfor %}
    )

select partners.partner_id
from {{ ref('int_partners_latest') }} as partners
cross join {{ ref('stg_plan__settings') }} as settings
cross join {{ ref('stg_plan__today') }} as today
left join in_campaigns on in_campaigns.partner_id = partners.partner_id
left join vouching on vouching.partner_id = partners.partner_id
where
    in_campaigns.partner_id is null
    -- Whom the roster calls a customer, and nothing else names, is only a customer.
    and (coalesce(partners.relationship, '') <> 'customer' or vouching.partner_id is not null)
    -- Partners who have left need no plan.
    and coalesce({{ day_in_zone('partners.left_at', 'settings.timezone') }} > today.as_of, true)
    and not exists (
        select 1
        from {{ ref('stg_plan__steps') }} as steps
        where
            steps.owner in (partners.partner_id, partners.name)
            or position(lower(partners.partner_id) in lower(steps.statement)) > 0
            or position(lower(partners.name) in lower(steps.statement)) > 0
    )
