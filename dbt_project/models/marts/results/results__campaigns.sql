{{ results_by_campaign() }}
