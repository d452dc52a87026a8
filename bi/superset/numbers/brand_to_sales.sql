select study_id, question, window_days, yes_n, yes_buyers, no_n, no_buyers, buyer_ratio_difference, ci_low, ci_high, verdict
from results.brand_to_sales
