-- Net revenue by relationship in the plan's attribution model ($model) beside first touch and linear: how much depends on
-- the model.
select
    relationship,
    sum(net_revenue) filter (attribution_model = $model) as of_plan,
    sum(net_revenue) filter (attribution_model = 'first_touch') as first_touch,
    sum(net_revenue) filter (attribution_model = 'last_touch') as last_touch,
    sum(net_revenue) filter (attribution_model = 'linear') as linear
from results.relationships_all_time
group by relationship
order by of_plan desc nulls last, relationship
