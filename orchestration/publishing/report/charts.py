"""Charts as inline SVG, in the colours of the light theme; report.css replaces them in the dark theme."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import escape
from typing import Any

from markupsafe import Markup

# report.css refers to these values.
ACTUAL = "#0b57d0"
EXPECTED = "#9a5b00"
TARGET = "#57606a"
INK = "#1f2328"
GRID = "#d8dee4"
# Readable on light and dark paper, and told apart without red and green (after Okabe and Ito 2008).
SERIES = ("#3b82c4", "#c77d0a", "#2a9d8f", "#b565a7", "#8a8f98", "#c9a227", "#7a5cc0", "#5c7f2e")

CONFIG = {
    "background": None,
    "view": {"stroke": None},
    "font": "sans-serif",
    "axis": {
        **{"labelColor": INK, "titleColor": INK, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID},
        **{"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"},
    },
}
NUMBER_FORMAT = ",.12~g"
# The width, the viewBox and the content of the only svg element.
SVG = re.compile(r'<svg (?=[^>]*width="([\d.]+)")(?=[^>]*viewBox="([^"]+)")[^>]*>(.*)', re.DOTALL)


def draw_history(history: Sequence[dict[str, Any]], title: str, description: str) -> Markup:
    """A line chart of a goal's actual, steady pace and target by day; a vertical line marks a changed goal.

    Rows of queries/history.sql; empty for fewer than two days, which make no line.
    """
    if len(history) < 2:
        return Markup()
    days = [
        {"day": to_milliseconds(row["day"]), **{name: row[name] for name in ("actual", "expected", "target")}}
        for row in history
    ]
    moved = [{"day": to_milliseconds(row["day"])} for row in history if row["what_moved"]]
    day = {
        "field": "day",
        "type": "temporal",
        "title": None,
        "scale": {"type": "utc"},
        "axis": {"format": "%-d %b %y", "tickCount": 4, "grid": False, "labelOverlap": True},
    }

    def draw_line(name: str, colour: str, dash: list[int], width: float, shape: str = "linear") -> dict[str, Any]:
        value = {"field": name, "type": "quantitative", "title": title, "axis": {"format": NUMBER_FORMAT}}
        mark = {"type": "line", "color": colour, "strokeDash": dash, "strokeWidth": width, "interpolate": shape}
        return {"data": {"values": days}, "mark": mark, "encoding": {"x": day, "y": value}}

    layers = [
        draw_line("target", TARGET, [2, 3], 1.5, "step-after"),
        draw_line("expected", EXPECTED, [7, 4], 2),
        draw_line("actual", ACTUAL, [], 2.5),
    ]
    if moved:
        rule = {"type": "rule", "color": TARGET, "strokeWidth": 1}
        layers.append({"data": {"values": moved}, "mark": rule, "encoding": {"x": day}})
    return render({"width": 340, "height": 170, "layer": layers}, description)


def draw_bars(rows: Sequence[dict[str, Any]], name: str, value: str, title: str, description: str) -> Markup:
    """A horizontal bar for every row, in their order; empty if there are no rows."""
    if not rows:
        return Markup()
    bars = [{"name": row[name], "value": float(row[value])} for row in rows]
    return render(
        {
            "width": 300,
            "height": {"step": 30},
            "data": {"values": bars},
            "mark": {"type": "bar", "color": ACTUAL},
            "encoding": {
                "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 140}},
                "x": {
                    **{"field": "value", "type": "quantitative", "title": title},
                    "axis": {"format": NUMBER_FORMAT, "tickCount": 4, "labelOverlap": True},
                },
            },
        },
        description,
    )


def draw_months(rows: Sequence[dict[str, Any]], title: str, description: str) -> Markup:
    """Stacked bars by month, a colour and a legend entry for each `name`; rows have month, name and net_revenue.

    Empty for fewer than two months, which show no course.
    """
    if len({row["month"] for row in rows}) < 2:
        return Markup()
    names = list(dict.fromkeys(row["name"] for row in rows))
    bars = [
        {"month": f"{row['month']:%Y-%m}", "name": row["name"], "value": float(row["net_revenue"] or 0)} for row in rows
    ]
    return render(
        {
            "width": {"step": 42},
            "height": 200,
            "data": {"values": bars},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": -45}},
                "y": {
                    **{"field": "value", "type": "quantitative", "title": title},
                    "axis": {"format": NUMBER_FORMAT, "tickCount": 5},
                },
                "color": {
                    **{"field": "name", "type": "nominal", "sort": None},
                    "scale": {"domain": names, "range": [SERIES[at % len(SERIES)] for at in range(len(names))]},
                    "legend": {"title": None, "labelColor": INK, "labelFontSize": 13, "orient": "bottom", "columns": 3},
                },
            },
        },
        description,
    )


def render(spec: dict[str, Any], description: str) -> Markup:
    """Vega-Lite to SVG that scales with the page and is one image for a screen reader."""
    # Imported here, because the import takes half a second.
    from vl_convert import vegalite_to_svg

    svg = vegalite_to_svg({"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, **spec})
    [(width, box, drawing)] = SVG.findall(svg)
    # The parts of the drawing need no descriptions of their own: there is one of the chart, and a table.
    drawing = re.sub(r' (?:role|aria-[a-z]+|class)="[^"]*"', "", drawing)
    return Markup(
        f'<svg viewBox="{box}" style="max-width:{width}px" role="img" aria-label="{escape(description)}">{drawing}'
    )


def to_milliseconds(day: date) -> int:
    """Milliseconds since 1970 in UTC, because Vega-Lite would read a date in the machine's time zone."""
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
