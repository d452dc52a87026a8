from geo_experiment import estimate_geo_daily
from several_experiments import estimate_each


def model(dbt, session):
    return estimate_each(dbt.ref("int_geo_outcomes").df(), estimate_geo_daily)
