"""What is true of every design: experiments are judged one by one, and the arms of each together."""

from collections.abc import Callable
from datetime import date

import pandas as pd
from statsmodels.stats.multitest import multipletests


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
    adjusted = pd.Series(float("nan"), index=effects.index, dtype="float64")
    for _, p_values in effects["p_value"].dropna().groupby(effects["experiment_id"]):
        adjusted[p_values.index] = multipletests(p_values.to_numpy(float), method="holm")[1]
    return effects.assign(p_value_adjusted=adjusted)
