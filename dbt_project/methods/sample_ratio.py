"""Sample ratio mismatch: did the arms get the units that they were to get?

Where they did not, units were lost or moved in a way that may have to do with the treatment, and no comparison of the
arms can be trusted. Source: Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments,
KDD.
"""

import pandas as pd
from frames import build_frame
from scipy.stats import chisquare

COLUMNS = {"experiment_id": "string", "sample_ratio_p_value": "float64"}


def compare_sample_ratios(arms: pd.DataFrame) -> pd.DataFrame:
    """The p-value (chi-squared) of every experiment's numbers of units against its declared shares.

    Args:
        arms: one row per experiment_id and arm, with units and declared_ratio; the ratios of an experiment sum to 1.

    Returns:
        One row per experiment with the columns of COLUMNS; missing where an arm has no declared share above 0, there is
        one arm only, or nobody is in any.
    """
    rows = []
    for experiment_id, found in arms.sort_values(["experiment_id", "arm"]).groupby("experiment_id", sort=False):
        units, ratios = found["units"].to_numpy(float), found["declared_ratio"].to_numpy(float)
        can_be_compared = len(units) > 1 and units.sum() > 0 and bool((ratios > 0).all())
        p_value = float(chisquare(units, ratios * units.sum()).pvalue) if can_be_compared else None
        rows.append({"experiment_id": experiment_id, "sample_ratio_p_value": p_value})
    return build_frame(rows, COLUMNS)
