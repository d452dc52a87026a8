from randomised_experiment import estimate_randomised
from several_experiments import adjust_for_arms


def model(dbt, session):
    return adjust_for_arms(estimate_randomised(dbt.ref("int_experiment_values").df()))
