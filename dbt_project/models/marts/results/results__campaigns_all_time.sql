{{ results_by_campaign(by_month=false) }}
