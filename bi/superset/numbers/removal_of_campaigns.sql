select name, share, removal_effect, orders, net_revenue
from results.removal_effects_all_time
where level = 'campaign'
