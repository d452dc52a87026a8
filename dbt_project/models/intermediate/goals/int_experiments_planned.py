"""Sizes of experiments: the method is experiment_planning.py, the outcomes come from SQL. Without a goal that is to be
proved, the outcomes are not even counted."""

from experiment_planning import plan_randomised


def model(dbt, session):
    goals = dbt.ref("int_goals_to_prove").df()
    measures = goals.loc[~goals["is_study"].astype(bool), "measure"].dropna().unique()
    names = ", ".join(f"'{name}'" for name in sorted(measures))
    outcomes = dbt.ref("int_outcomes_of_people").filter(f"measure in ({names})" if names else "false")
    return plan_randomised(outcomes.union(dbt.ref("int_answers_of_studies")).df())
