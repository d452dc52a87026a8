select study_id, question, exposed_n, control_n, absolute_lift, ci_low, ci_high, p_value, verdict
from results.brand_lift
where stratum = 'all'
