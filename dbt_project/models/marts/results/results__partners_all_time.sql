{{ results_by_partner('today.as_of', by_month=false) }}
