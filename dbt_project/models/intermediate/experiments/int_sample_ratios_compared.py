from sample_ratio import compare_sample_ratios


def model(dbt, session):
    return compare_sample_ratios(dbt.ref("int_experiment_arms").df())
