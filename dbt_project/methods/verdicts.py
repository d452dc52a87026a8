"""Words that every comparison is judged with, and the rule that ties them to its interval. The geo method says the
same."""

LIFT = "lift"
LOSS = "loss"
NO_LIFT = "no lift shown"
TOO_FEW_ANSWERS = "too few answers"
TOO_FEW_UNITS = "too few units"


def judge_interval(low: float, high: float) -> str:
    """`lift` where the whole 95 % interval lies above 0, `loss` where it lies below, else `no lift shown`."""
    if low > 0:
        return LIFT
    return LOSS if high < 0 else NO_LIFT
