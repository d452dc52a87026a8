from geo_experiment import estimate_geo
from several_experiments import adjust_for_arms, estimate_each


def model(dbt, session):
    return adjust_for_arms(estimate_each(dbt.ref("int_geo_outcomes").df(), estimate_geo))
