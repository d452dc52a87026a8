pivot (select date_trunc('month', day) as day, platform, impressions from reach.daily) on platform using sum(impressions) group by day
