"""What `make plan-experiment` was asked for and has simulated, in published/planned_experiments.json: kept like the
history of goals when the warehouse is deleted, and published by the next run."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder

FIELDS = (
    "design",
    "detectable_relative_lift",
    "units_per_arm",
    "regions",
    "days",
    "false_positive_ratio",
    "is_feasible",
    "reason",
)


class UnreadablePlannedExperiments(Exception):
    """The file cannot be read; the message names it and says what to do."""


def read_planned_experiments(folder: ProgrammeFolder) -> list[dict[str, Any]]:
    """A row per goal that was asked for, without a design, and one per geo experiment; columns goal_id, kpi, asked_on
    and FIELDS, sorted so that the same file gives the same rows."""
    rows = []
    for goal_id, asked in sorted(_read(folder).items()):
        about = {"goal_id": goal_id, "kpi": asked["kpi"], "asked_on": date.fromisoformat(asked["asked_on"])}
        rows += [{**about, **dict.fromkeys(FIELDS)}, *({**about, **row} for row in asked["geo"])]
    return rows


def write_planned_experiments(
    folder: ProgrammeFolder, goal_id: str, kpi: str, asked_on: date, geo: Sequence[Mapping[str, Any]]
) -> None:
    """Keep the answer for one goal, in place of an earlier one; `geo` are rows of FIELDS."""
    asked = {**_read(folder), goal_id: {"kpi": kpi, "asked_on": asked_on.isoformat(), "geo": list(geo)}}
    with replace_whole(folder.planned_experiments_file) as temporary:
        temporary.write_text(json.dumps(asked, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _read(folder: ProgrammeFolder) -> dict[str, Any]:
    file = folder.planned_experiments_file
    if not file.exists():
        return {}
    try:
        asked: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        for answer in asked.values():
            date.fromisoformat(answer["asked_on"])
            if not isinstance(answer["kpi"], str) or any(set(row) != set(FIELDS) for row in answer["geo"]):
                raise ValueError("an answer has other columns")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadablePlannedExperiments(
            f"{file} cannot be read ({error}). What to do: delete it, and ask make plan-experiment again"
        ) from None
    return asked
