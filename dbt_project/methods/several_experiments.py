"""What is true of every design: experiments are judged one by one, and the arms of each together."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd


def estimate_each(outcomes: pd.DataFrame, estimate: Callable[[pd.DataFrame, date, date], pd.DataFrame]) -> pd.DataFrame:
    """What `estimate(outcomes, starts_on, ends_on)` says of each experiment, with experiment_id in front.

    Args:
        outcomes: experiment_id, starts_on, ends_on, and what `estimate` takes.
    """
    found = []
    for experiment_id, one in outcomes.groupby("experiment_id"):
        frame = estimate(one.reset_index(drop=True), one["starts_on"].iloc[0], one["ends_on"].iloc[0])
        found.append(frame.assign(experiment_id=str(experiment_id)))
    result = pd.concat(found or [estimate(outcomes.iloc[:0], pd.NaT, pd.NaT).assign(experiment_id="")])
    columns = ["experiment_id", *(column for column in result.columns if column != "experiment_id")]
    return result[columns].astype({"experiment_id": "string"}).reset_index(drop=True)


def adjust_for_arms(effects: pd.DataFrame) -> pd.DataFrame:
    """The effects with p_value_adjusted: the p-value among the arms of the same experiment that have one.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics
    6:65-70.
    """
    by_experiment = effects.dropna(subset="p_value").groupby("experiment_id")["p_value"]
    return effects.assign(p_value_adjusted=by_experiment.transform(adjust_by_holm).reindex(effects.index))


def adjust_by_holm(p_values: pd.Series) -> pd.Series:
    """The smallest is multiplied by how many there are, the next by one fewer, and so on; none becomes smaller than the
    one before it, or larger than 1. The multipletests of statsmodels gives the same, but collects the garbage of the
    whole process each time, which takes a third of a second in a run."""
    ordered = p_values.sort_values()
    return (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1)
