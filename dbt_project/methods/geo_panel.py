"""The days and units that a geo experiment is judged on, or what keeps it from being judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

CONTROL = "control"
PRE_DAYS_PER_TEST_DAY = 4
FEWEST_CONTROLS = 2  # one would be a comparison with that unit, not a synthetic control


@dataclass(frozen=True)
class Panel:
    """One treatment arm beside the control units, from the first day delivered to the last day of the test.

    `objections` say in words why it cannot be judged; only without any are `treated` (days,), the average of the arm's
    units, and `donors` (days, units) filled. The first `pre_days` of the days lie before the start.
    """

    arm: str
    units: int
    days: pd.DatetimeIndex
    pre_days: int
    objections: tuple[str, ...]
    treated: np.ndarray
    donors: np.ndarray

    @property
    def test_days(self) -> int:
        return len(self.days) - self.pre_days


def read_panels(outcomes: pd.DataFrame, starts_on: date | None, ends_on: date | None) -> Iterator[Panel]:
    """One panel per treatment arm, by name; days after the test are left out. The columns are those of estimate_geo.

    A unit is in the arm of its rows on test days, or of its latest row where it has none: some exports call every unit
    control until the test starts.
    """
    start, end = (pd.NaT if pd.isna(day) else pd.Timestamp(day) for day in (starts_on, ends_on))
    rows = pd.DataFrame(
        {
            "unit": outcomes["unit_id"].astype("str"),
            "day": pd.to_datetime(outcomes["observed_on"]).dt.normalize(),
            "arm": outcomes["arm"].astype("str"),
            "value": outcomes["value"].astype("float64").replace([np.inf, -np.inf], np.nan),
        }
    )
    rows = rows[~(rows["day"] > end)].sort_values(["unit", "day"], kind="stable")
    tested = rows[rows["day"].between(start, end)]
    latest = rows.drop_duplicates("unit", keep="last")
    members = pd.concat([tested, latest[~latest["unit"].isin(tested["unit"])]])[["unit", "arm"]].drop_duplicates()
    for arm in sorted(set(members["arm"].dropna()) - {CONTROL}):
        yield _read_panel(rows, members[members["arm"].isin([arm, CONTROL])], arm, start, end)


def _read_panel(rows: pd.DataFrame, members: pd.DataFrame, arm: str, start: pd.Timestamp, end: pd.Timestamp) -> Panel:
    units, controls = (members.loc[members["arm"] == name, "unit"] for name in (arm, CONTROL))
    rows = rows[rows["unit"].isin(members["unit"])]
    days = pd.DatetimeIndex([])
    if start <= end:
        days = pd.date_range(min(rows["day"].fillna(start).min(), start), end)
    pre_days = int((days < start).sum())
    objections = tuple(_object(rows, members, len(controls), days, pre_days))
    treated, donors = np.empty(0), np.empty((0, 0))
    if not objections:
        values = rows.pivot(index="day", columns="unit", values="value")
        treated, donors = values[units].mean(axis=1).to_numpy(), values[controls].to_numpy()
    return Panel(arm, len(units), days, pre_days, objections, treated, donors)


def _object(
    rows: pd.DataFrame, members: pd.DataFrame, controls: int, days: pd.DatetimeIndex, pre_days: int
) -> Iterator[str]:
    if days.empty:
        yield "the experiment has no start, no end, or ends before it starts"
        return
    if controls < FEWEST_CONTROLS:
        yield f"{controls or 'no'} control unit{'' if controls else 's'}; a synthetic control takes {FEWEST_CONTROLS}"
    if needed := max(0, PRE_DAYS_PER_TEST_DAY * (len(days) - pre_days) - pre_days):
        yield (
            f"{pre_days:,} days before the start of a test of {len(days) - pre_days:,}; it takes {needed:,} more, "
            f"{PRE_DAYS_PER_TEST_DAY} for each day of the test"
        )
    if torn := int(members["unit"].duplicated().sum()):
        yield f"{torn:,} units are in two arms during the test"
    if unknown := int(rows[["unit", "day"]].isna().any(axis=1).sum()):
        yield f"{unknown:,} outcomes have no unit or no day"
    rows = rows.dropna(subset=["unit", "day"])
    if twice := int(rows.duplicated(["unit", "day"]).sum()):
        yield f"{twice:,} outcomes are a second one of the same unit and day"
    delivered = rows.dropna(subset="value").groupby("unit")["day"].nunique()
    missing = len(days) - delivered.reindex(members["unit"].unique(), fill_value=0)
    if missing.any():
        yield (
            f"{missing.sum():,} of {len(days) * len(missing):,} unit-days have no outcome, {missing.max():,} of them "
            f"of {missing.idxmax()}; each unit needs one on every day, 0 where nothing happened"
        )
