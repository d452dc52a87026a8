{{ results_by_relationship() }}
