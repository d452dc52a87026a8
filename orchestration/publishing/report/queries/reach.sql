-- Potential impact by platform: nothing here stands beside a result.
select
    platform,
    sum(posts)::bigint as posts,
    sum(impressions)::bigint as impressions,
    sum(reach)::bigint as reach,
    sum(engagements)::bigint as engagements
from reach.partners
group by all
order by platform
