{{ results_by_month(['campaign_id']) }}
