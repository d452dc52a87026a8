-- Not every partner with every campaign: who shares nothing
-- with a campaign, and has nothing to do with it, is left out.
with
    shared as (
        select
            partners.owner_id as partner_id,
            campaigns.owner_id as campaign_id,
            count(*) as topics_shared,
            {{ dbt.listagg('partners.topic', "'; '", 'order by partners.topic') }} as shared_topics
        from {{ ref('int_topics') }} as partners
        inner join {{ ref('int_topics') }} as campaigns on campaigns.topic = partners.topic
        where partners.owner = 'partner' and campaigns.owner = 'campaign'
        group by partners.owner_id, campaigns.owner_id
    ),

    -- Posts and codes name who is in a campaign. What these brought is not part of relevance.
    engaged as (
        select partner_id, campaign_id
        from {{ ref('int_posts_latest') }}
        where partner_id is not null and campaign_id is not null

        union

        select partner_id, campaign_id
        from {{ ref('int_codes_latest') }}
        where partner_id is not null and campaign_id is not null
    ),

    pairs as (
        select partner_id, campaign_id
        from shared
        union
        select partner_id, campaign_id
        from engaged
    ),

    counted as (select owner, owner_id, count(*) as topics from {{ ref('int_topics') }} group by owner, owner_id)

select
    pairs.partner_id,
    partners.name as partner_name,
    pairs.campaign_id,
    campaigns.name as campaign_name,
    engaged.partner_id is not null as is_in_campaign,
    coalesce(shared.topics_shared, 0) as topics_shared,
    coalesce(of_campaigns.topics, 0) as topics_of_campaign,
    coalesce(of_partners.topics, 0) as topics_of_partner,
    cast(coalesce(shared.topics_shared, 0) as {{ type_double() }}) / of_campaigns.topics as relevance_ratio,
    shared.shared_topics
from pairs
left join shared on shared.partner_id = pairs.partner_id and shared.campaign_id = pairs.campaign_id
left join engaged on engaged.partner_id = pairs.partner_id and engaged.campaign_id = pairs.campaign_id
left join counted as of_partners on of_partners.owner = 'partner' and of_partners.owner_id = pairs.partner_id
left join counted as of_campaigns on of_campaigns.owner = 'campaign' and of_campaigns.owner_id = pairs.campaign_id
left join {{ ref('int_partners_latest') }} as partners on partners.partner_id = pairs.partner_id
left join {{ ref('int_campaigns_latest') }} as campaigns on campaigns.campaign_id = pairs.campaign_id
