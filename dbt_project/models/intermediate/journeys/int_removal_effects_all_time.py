"""What would be lost without each player: one graph of the journeys of all months."""

from removal_effects import compute_effects_of_all_months


def model(dbt, session):
    return compute_effects_of_all_months(dbt.ref("int_journey_transitions").df())
