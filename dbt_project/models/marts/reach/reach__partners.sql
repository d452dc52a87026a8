with
    posted as (
        select
            coalesce(partner_id, '(unassigned)') as partner_id,
            coalesce(platform, '(unknown)') as platform,
            count(*) as posts,
            sum(impressions) as impressions,
            sum(reach) as reach,
            sum({{ engagements() }}) as engagements,
            sum(case when reach > 0 then {{ engagements() }} end) as engagements_with_reach,
            sum(case when reach > 0 and {{ engagements() }} is not null then reach end) as reach_with_engagements
        from {{ ref('reach__posts') }}
        group by coalesce(partner_id, '(unassigned)'), coalesce(platform, '(unknown)')
    ),

    followed as (
        select partner_id, platform, max_by(followers, observed_at) as followers
        from {{ ref('int_audiences_latest') }}
        where followers is not null
        group by partner_id, platform
    ),

    presences as (
        select partner_id, platform
        from posted
        union
        select partner_id, platform
        from followed
    )

select
    presences.partner_id,
    presences.platform,
    coalesce(posted.posts, 0) as posts,
    followed.followers,
    cast(posted.impressions as bigint) as impressions,
    cast(posted.reach as bigint) as reach,
    cast(posted.engagements as bigint) as engagements,
    cast(posted.engagements_with_reach as {{ type_double() }}) / posted.reach_with_engagements as engagement_rate
from presences
left join posted on posted.partner_id = presences.partner_id and posted.platform = presences.platform
left join followed on followed.partner_id = presences.partner_id and followed.platform = presences.platform
