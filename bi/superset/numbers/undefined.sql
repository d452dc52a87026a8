select objective_id, goal_id, campaign_id, element, why_it_matters from goals.undefined
