"""What would be lost without each player: the method is removal_effects.py, the graphs come from SQL."""

from removal_effects import compute_effects_by_chain


def model(dbt, session):
    return compute_effects_by_chain(dbt.ref("int_journey_transitions").df())
