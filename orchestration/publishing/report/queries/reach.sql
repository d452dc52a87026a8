-- Potential impact by platform. The only query that reads reach; it reads no results.
select
    platform,
    sum(posts)::bigint as posts,
    sum(impressions)::bigint as impressions,
    sum(reach)::bigint as reach,
    sum(engagements)::bigint as engagements
from reach.partners
group by all
order by platform
