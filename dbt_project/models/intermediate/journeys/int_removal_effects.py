"""What would be lost without each player: the method is removal_effects.py, the graph comes from SQL."""

from removal_effects import compute_removal_effects


def model(dbt, session):
    return compute_removal_effects(dbt.ref("int_journey_transitions").df())
