select platform, count(*) as posts, sum(impressions) as impressions, sum(reach) as reach, sum(views) as views from reach.posts group by all
