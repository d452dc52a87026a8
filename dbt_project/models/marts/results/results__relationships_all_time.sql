{{ results_by_relationship(by_month=false) }}
