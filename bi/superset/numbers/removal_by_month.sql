pivot (from results.removal_effects where level = 'platform') on name using sum(net_revenue) group by month
