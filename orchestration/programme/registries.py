"""What a plan may name, as the dbt project declares it: KPIs that a goal may aim at, and attribution models."""

import csv
from dataclasses import dataclass
from pathlib import Path

from orchestration.programme.repository import DBT_PROJECT

SEEDS = DBT_PROJECT / "seeds"
KPIS_FILE = SEEDS / "kpis.csv"

GOAL_FAMILIES = ("result", "relationship")


@dataclass(frozen=True)
class Kpi:
    """One row of the registry; `family` is reach, engagement, relevance, result or relationship, `better` higher or
    lower, `narrowed_by` what a goal on it may be narrowed to."""

    name: str
    family: str
    better: str = "higher"
    narrowed_by: tuple[str, ...] = ()

    @property
    def can_be_goal(self) -> bool:
        """Reach is potential impact, never a goal; neither is what only leads to it."""
        return self.family in GOAL_FAMILIES


def read_kpis(path: Path = KPIS_FILE) -> dict[str, Kpi]:
    """The registry by name, in the order of the file, which has columns `kpi`, `family`, `better` and `narrowed_by`
    (names separated by `;`) among others."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["kpi"]: Kpi(
                row["kpi"],
                row["family"],
                row.get("better", "higher"),
                tuple(name for name in row.get("narrowed_by", "").split(";") if name),
            )
            for row in csv.DictReader(file)
        }


def read_attribution_models() -> tuple[str, ...]:
    """Their names, in the order of the file, which has one column."""
    return tuple((SEEDS / "attribution_models.csv").read_text(encoding="utf-8").split()[1:])
