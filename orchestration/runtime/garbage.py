"""How often Python looks for objects that refer to each other and that nothing else refers to.

A run holds two million objects (dbt's project, Dagster's graph) that live until its end. With Python's own thresholds,
looking through them again and again was a tenth of a small run's CPU time.
"""

import gc

ALLOCATIONS = 20_000
ROUNDS = 20


def collect_less_often() -> None:
    """For a process that ends soon."""
    gc.set_threshold(ALLOCATIONS, ROUNDS, ROUNDS)
