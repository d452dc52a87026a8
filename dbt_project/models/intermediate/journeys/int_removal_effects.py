"""What would be lost without each player in a month: the method is removal_effects.py, the graphs come from SQL."""

from removal_effects import compute_effects_of_months


def model(dbt, session):
    built = session.table(str(dbt.this)).df() if dbt.is_incremental else None
    return compute_effects_of_months(dbt.ref("int_journey_transitions").df(), built)
