"""Writes report.html and marts.xlsx of a version."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from orchestration.publishing.report import charts, figures, words
from orchestration.publishing.report.opening import write_opening
from orchestration.publishing.report.parts import Row, read_parts
from orchestration.publishing.report.workbook import WORKBOOK, write_workbook
from orchestration.runtime.connections import connect

REPORT = "report.html"
HERE = Path(__file__).parent
# There may be thousands of campaigns; a report must stay readable.
SHOWN = 50


class ReportError(Exception):
    """The report could not be written, so the version is not published."""


def write_report(
    marts: Path,
    version: Mapping[str, Any],
    quarantined: Mapping[str, int],
    into: Path,
    changes: Sequence[str] | None = None,
) -> None:
    """Write `into`/report.html and `into`/marts.xlsx from the version's `marts`.

    `version` is the content of latest.json; `quarantined` counts rows that are not corrected yet, by extract;
    `changes` are sentences about what differs from the version before, None where there is none. Raises ReportError.
    """
    from xlsxwriter.exceptions import XlsxWriterException

    try:
        with connect(database=marts, read_only=True) as connection:
            parts = read_parts(connection, version["attribution_model"], date.fromisoformat(version["as_of"]))
            (into / REPORT).write_text(render_report(parts, version, quarantined, changes), encoding="utf-8")
            made_at = datetime.fromisoformat(version["made_at"])
            write_workbook(connection, version["attribution_model"], made_at, into / WORKBOOK)
    except (
        duckdb.Error,
        TemplateError,
        XlsxWriterException,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        # Not chained: the run reports the innermost cause, which would not mention the report.
        raise ReportError(
            f"the report could not be written, so nothing was published ({type(error).__name__}: {error})"
        ) from None


def render_report(
    parts: Mapping[str, list[Row]],
    version: Mapping[str, Any],
    quarantined: Mapping[str, int],
    changes: Sequence[str] | None = None,
) -> str:
    """The whole report. The same parts give the same text, except for the line with the time of publishing."""
    currency = version["currency"]
    history: dict[str, list[Row]] = {}
    for row in parts["history"]:
        history.setdefault(row["goal_id"], []).append(row)
    objectives = list_objectives(parts, version)
    goals = [goal for objective in objectives for goal in objective["goals"]]
    text = (
        make_environment(currency)
        .get_template("report.html.jinja")
        .render(
            **{**parts, "goals": goals},
            version=version,
            changes=changes,
            currency=currency,
            as_of=date.fromisoformat(version["as_of"]),
            model=version["attribution_model"].replace("_", " "),
            goal_histories=history,
            objectives=objectives,
            opening=write_opening({**parts, "goals": goals}, objectives, currency),
            deliveries=list_deliveries(version, quarantined),
        )
    )
    # Without the blank lines of the macros, which would precede the doctype.
    return text.lstrip()


@cache
def make_environment(currency: str) -> Environment:
    """Kept, with the compiled templates: compiling takes longer than writing the report."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        number=figures.format_number,
        count=figures.format_count,
        attainment=figures.format_attainment,
        percent=figures.format_percent,
        name=lambda text: text.replace("_", " "),
        day=figures.format_day,
        month=lambda day: f"{day:%b %Y}",
        month_head=lambda month: (f"month {month}", "figure"),
        pair_figure=lambda name: (name, "figure"),
        sentence=lambda text: text[:1].upper() + text[1:],
        figure=lambda value, unit: figures.format_figure(value, unit, currency),
    )
    environment.globals.update(words=words, charts=charts, SHOWN=SHOWN)
    return environment


def list_objectives(parts: Mapping[str, list[Row]], version: Mapping[str, Any]) -> list[Row]:
    """Objectives in the order of the plan, each with its goals and steps. `anchor` is the id of a goal in the page: its
    goal_id may contain characters that are not allowed in an address."""
    goals = [{**goal, "anchor": f"goal-{number}"} for number, goal in enumerate(parts["goals"], start=1)]
    return [
        {
            **objective,
            **{
                name: [row for row in rows if row["objective_id"] == objective["objective_id"]]
                for name, rows in (("goals", goals), ("steps", parts["steps"]))
            },
        }
        for objective in version["objectives"]
    ]


def list_deliveries(version: Mapping[str, Any], quarantined: Mapping[str, int]) -> list[Row]:
    """Files, rows and newest delivery of each extract; `version["deliveries"]` are in the order of delivery."""
    found: dict[str, Row] = {}
    for delivery in version["deliveries"]:
        row = found.setdefault(delivery["extract"], {"extract": delivery["extract"], "files": 0, "rows": 0})
        row["files"] += 1
        row["rows"] += delivery["rows_kept"]
        row["newest_file"] = delivery["file"]
        row["delivered_on"] = date.fromisoformat(delivery["delivered_on"])
    return [{**row, "quarantined": quarantined.get(name, 0)} for name, row in sorted(found.items())]
