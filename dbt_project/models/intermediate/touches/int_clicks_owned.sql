with
    -- A tag does not say in which case an id is written; ids that differ in nothing else are not guessed.
    campaigns as (
        select lower(campaign_id) as utm_campaign, min(campaign_id) as campaign_id
        from {{ ref('int_campaigns_latest') }}
        group by lower(campaign_id)
        having count(*) = 1
    ),

    owned as (
        select
            clicks.click_id,
            clicks.clicked_at,
            clicks.customer_id,
            clicks.visitor_id,
            coalesce(clicks.partner_id, links.partner_id) as partner_id,
            coalesce(
                clicks.campaign_id,
                case when links.click_id is null then campaigns.campaign_id else links.campaign_id end
            ) as campaign_id,
            nullif(tagged.utm_source, '') as platform,
            clicks.partner_id is null and clicks.campaign_id is null as is_unowned
        from {{ ref('int_clicks_latest') }} as clicks
        left join {{ ref('int_clicks_tagged') }} as tagged on tagged.click_id = clicks.click_id
        left join {{ ref('int_clicks_linked') }} as links on links.click_id = clicks.click_id and not links.is_ambiguous
        left join campaigns on campaigns.utm_campaign = tagged.utm_campaign
    )

select
    click_id,
    clicked_at,
    customer_id,
    visitor_id,
    partner_id,
    campaign_id,
    platform,
    -- A direct visit names no campaign.
    partner_id is not null or campaign_id is not null as is_touch,
    is_unowned and (partner_id is not null or campaign_id is not null) as is_of_link
from owned
