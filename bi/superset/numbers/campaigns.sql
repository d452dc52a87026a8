select campaign_id, sum(net_revenue) as net_revenue from results.daily where attribution_model = 'last_touch' group by all
