{{ removal_effects_shared(by_month=false) }}
