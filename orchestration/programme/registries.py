"""What a plan can name, as the dbt project's seeds declare it: KPIs and attribution models."""

import csv
from dataclasses import dataclass
from pathlib import Path

from orchestration.programme.repository import DBT_PROJECT

SEEDS = DBT_PROJECT / "seeds"
KPIS_FILE = SEEDS / "kpis.csv"

GOAL_FAMILIES = ("result", "relationship")


@dataclass(frozen=True)
class Kpi:
    """One KPI. `family` is reach, engagement, relevance, result or relationship, `better` is higher or lower,
    `narrowed_by` are the dimensions that a goal on it can be narrowed to."""

    name: str
    family: str
    better: str = "higher"
    narrowed_by: tuple[str, ...] = ()

    @property
    def can_be_goal(self) -> bool:
        """Only results and relationships can be goals: reach, engagement and relevance are potential impact."""
        return self.family in GOAL_FAMILIES


def read_kpis(path: Path = KPIS_FILE) -> dict[str, Kpi]:
    """KPIs by name, in the order of the file. Its columns `kpi`, `family`, `better` and `narrowed_by` (names separated
    by `;`) are used."""
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
    """Names of the attribution models, in the order of the file, which has one column."""
    return tuple((SEEDS / "attribution_models.csv").read_text(encoding="utf-8").split()[1:])
