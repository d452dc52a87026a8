"""Queries MetricFlow on the published marts: `ask.py query --metrics net_revenue --group-by metric_time__month`.

Takes the arguments of `mf`. Results and reach are two projects with two manifests, so no query can combine them; this
finds the project with the metrics, builds its views on the marts of PROGRAMME, and explains why both are refused.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
SIDES = ("results", "reach")
SAMPLE = HERE.parents[1] / "sample" / "programme"


def list_metrics(side: str) -> set[str]:
    found = set()
    for file in (HERE / side / "models").glob("*.yml"):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        found |= {metric["name"] for metric in document.get("metrics", [])}
        for model in document.get("semantic_models", []):
            found |= {measure["name"] for measure in model["measures"] if measure.get("create_metric")}
    return found


def find_sides(metrics: list[str]) -> list[str]:
    """The sides that have the metrics; both if none is asked for. Raises SystemExit with an explanation."""
    known = {side: list_metrics(side) for side in SIDES}
    if unknown := [metric for metric in metrics if not any(metric in names for names in known.values())]:
        every = ", ".join(sorted(set.union(*known.values())))
        sys.exit(f"No metric is called {', '.join(unknown)}. The metrics are: {every}.")
    asked = {side: [metric for metric in metrics if metric in known[side]] for side in SIDES}
    if all(asked.values()):
        sys.exit(
            f"{', '.join(asked['results'])} and {', '.join(asked['reach'])} cannot be asked in one query: reach is"
            " potential impact and is never combined with results. Ask twice."
        )
    return [side for side in SIDES if asked[side]] or list(SIDES)


def read_asked(arguments: list[str]) -> list[str]:
    for at, argument in enumerate(arguments):
        if argument.startswith("--metrics"):
            named = argument.partition("=")[2] or arguments[at + 1 : at + 2][0]
            return [name.strip() for name in named.split(",") if name.strip()]
    return []


def list_variables(side: str) -> Mapping[str, str]:
    """Environment variables for the project of a side. Raises SystemExit if nothing is published yet."""
    published = Path(os.environ.get("PROGRAMME", SAMPLE)).resolve() / "published"
    if not (published / "marts.duckdb").exists():
        sys.exit(f"{published} has no marts. Publish them with: make nightly")
    plans = json.loads((published / "latest.json").read_text(encoding="utf-8"))["attribution_model"]
    return {
        "MARTS": os.fspath(published / "marts.duckdb"),
        "ATTRIBUTION_MODEL": os.environ.get("ATTRIBUTION_MODEL", plans),
        "DBT_PROJECT_DIR": os.fspath(HERE / side),
        "DBT_PROFILES_DIR": os.fspath(HERE / side),
    }


def run_tool(tool: str, *arguments: str, side: str, **options) -> subprocess.CompletedProcess:
    """`dbt` or `mf` of this environment, in the project of a side."""
    return subprocess.run(
        [Path(sys.executable).with_name(tool), *arguments],
        cwd=HERE / side,
        env={**os.environ, **list_variables(side)},
        **options,
    )


def main(arguments: list[str]) -> int:
    status = 0
    for side in find_sides(read_asked(arguments)):
        status = run_tool("dbt", "--quiet", "build", side=side).returncode or status
        status = status or run_tool("mf", *arguments, side=side).returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
