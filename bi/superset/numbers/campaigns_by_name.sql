select name, campaign_id, orders, net_revenue, new_customers, cost, roas, cost_per_new_customer, return_on_cost, average_order_value
from results.campaigns_all_time
where attribution_model = 'last_touch'
