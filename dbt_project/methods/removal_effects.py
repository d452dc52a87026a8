"""Removal effects of a first-order Markov graph of journeys."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, identity
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
# Beyond these the figure depends on the order in which the machine added up.
SIGNIFICANT_DIGITS = 12
EFFECTS = {"level": "str", "player": "str", "removal_effect": "float64"}
BUILT_FROM = ["month", "inputs_hash"]


def compute_effects_of_months(transitions: pd.DataFrame, built: pd.DataFrame | None) -> pd.DataFrame:
    """The effects of the journeys of each month, one graph for each level.

    `transitions` has the columns `month`, `inputs_hash` and `level` beside those of compute_removal_effects(); `built`
    has the effects of the last build (None: this is the first). Months with the same hash are skipped. A month without
    effects is one row that has only `month` and `inputs_hash`.
    """
    months = transitions[BUILT_FROM].drop_duplicates()
    if built is not None:
        known = set(built[BUILT_FROM].itertuples(index=False, name=None))
        months = months[[month not in known for month in months.itertuples(index=False, name=None)]]
    effects = _compute_effects_by(["month", "level"], transitions[transitions["month"].isin(months["month"])])
    return months.merge(effects, on="month", how="left").astype(EFFECTS).reset_index(drop=True)


def compute_effects_of_all_months(transitions: pd.DataFrame) -> pd.DataFrame:
    """The same of the journeys of all months together; columns `level`, `player` and `removal_effect`."""
    chain = ["level", "from_state", "to_state"]
    together = transitions.groupby(chain, as_index=False)["transitions"].sum()
    return _compute_effects_by(["level"], together)[list(EFFECTS)].astype(EFFECTS)


def _compute_effects_by(keys: list[str], transitions: pd.DataFrame) -> pd.DataFrame:
    """The effects of several graphs, one for each combination of `keys`. One in which nothing converts has none."""
    converting = transitions.loc[transitions["to_state"] == CONVERSION, keys].drop_duplicates()
    graphs = transitions.merge(converting, on=keys).groupby(keys)
    effects = [compute_removal_effects(graph).assign(**dict(zip(keys, key, strict=True))) for key, graph in graphs]
    none = transitions[keys].head(0).assign(player="", removal_effect=0.0)
    return pd.concat([none, *effects])[[*keys, "player", "removal_effect"]]


def compute_removal_effects(transitions: pd.DataFrame) -> pd.DataFrame:
    """Which share of conversions is lost when a player is removed, that is: when whoever would come to it goes to null.

    `transitions`: one row a pair of states, columns `from_state`, `to_state`, `transitions` (how often); each journey
    starts in `(start)` and ends in `(conversion)` or `(null)`. Gives columns `player` and `removal_effect` (0 to 1; 0
    for all if nothing ever converts), sorted by player.

    Source: Anderl, Becker, von Wangenheim & Schumann (2016), "Mapping the customer journey", International Journal of
    Research in Marketing 33, 457-474. The graph is not solved anew for every player: the journeys that would be lost
    are those that visit the player and convert, so the effect is P(visits it) × P(converts from it) / P(converts), and
    the first is N[start, it] / N[it, it] with N the fundamental matrix of the absorbing chain (Kemeny & Snell 1960,
    ch. III).
    """
    states = sorted(({*transitions["from_state"], *transitions["to_state"]}) - {START, CONVERSION, NULL})
    if not states:
        return pd.DataFrame({"player": pd.Series([], dtype="str"), "removal_effect": pd.Series([], dtype="float64")})
    number = {state: index for index, state in enumerate([*states, START])}
    origins = transitions["from_state"].map(number).to_numpy()
    counts = transitions["transitions"].to_numpy(dtype="float64")
    probabilities = counts / np.bincount(origins, weights=counts, minlength=len(number))[origins]

    onward = transitions["to_state"].isin(number.keys()).to_numpy()
    targets = transitions["to_state"].where(onward, states[0]).map(number).to_numpy()
    shape = (len(number), len(number))
    moves = csr_matrix((probabilities[onward], (origins[onward], targets[onward])), shape=shape)
    converts = (transitions["to_state"] == CONVERSION).to_numpy()
    conversion = np.bincount(origins[converts], weights=probabilities[converts], minlength=len(number))

    chain = splu((identity(len(number)) - moves).tocsc())
    converts_from = chain.solve(conversion)
    start = np.zeros(len(number))
    start[number[START]] = 1.0
    visits = chain.solve(start, trans="T")
    converted = converts_from[number[START]]
    effects = np.clip(visits / compute_returns(moves) * converts_from / (converted if converted > 0 else 1.0), 0, 1)
    rounded = [float(f"{effect:.{SIGNIFICANT_DIGITS}g}") for effect in effects[:-1]]
    return pd.DataFrame({"player": states, "removal_effect": rounded})


def compute_returns(moves: csr_matrix) -> np.ndarray:
    """N[k, k]: how often a state is visited once it is visited at all.

    It is 1 where no way leads back, so only groups of states that lead to each other are solved, each separately.
    """
    returns = np.ones(moves.shape[0])
    _, groups = connected_components(moves, directed=True, connection="strong")
    members = pd.Series(np.arange(len(groups))).groupby(groups).indices
    loops = moves.diagonal()
    for group in members.values():
        if len(group) > 1:
            returns[group] = np.linalg.inv(np.eye(len(group)) - moves[group][:, group].toarray()).diagonal()
        else:
            returns[group] = 1 / (1 - loops[group])
    return returns
