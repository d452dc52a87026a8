pivot results.relationships_all_time on attribution_model using sum(net_revenue) group by relationship
