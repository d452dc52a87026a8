"""Charts as SVG to stand inside the report. Colours are those of the light theme; report.css turns them in the dark."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import escape
from typing import Any

from markupsafe import Markup

# report.css knows these by their value.
ACTUAL = "#0b57d0"
EXPECTED = "#9a5b00"
TARGET = "#57606a"
INK = "#1f2328"
GRID = "#d8dee4"

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


def draw_history(history: Sequence[dict[str, Any]], title: str, description: str) -> Markup:
    """A goal's actual beside a steady pace and its target, day by day; a vertical line where something moved.

    Rows as queries/history.sql gives them; empty with fewer than two days, which draw no line.
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
    """A horizontal bar for every row, in their order; empty without rows."""
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


def render(spec: dict[str, Any], description: str) -> Markup:
    """Vega-Lite to SVG that scales to its place and is one image to a screen reader."""
    # Imported here, because it takes half a second to start.
    from vl_convert import vegalite_to_svg

    svg = vegalite_to_svg({"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, **spec})
    opening, drawing = re.fullmatch(r"(<svg [^>]*>)(.*)", svg, re.DOTALL).groups()
    width = re.search(r'width="([\d.]+)"', opening)[1]
    box = re.search(r'viewBox="([^"]+)"', opening)[1]
    # One image: what the drawing says about its parts is noise beside the description and the table.
    drawing = re.sub(r' (?:role|aria-[a-z]+|class)="[^"]*"', "", drawing)
    return Markup(
        f'<svg viewBox="{box}" style="max-width:{width}px" role="img" aria-label="{escape(description)}">{drawing}'
    )


def to_milliseconds(day: date) -> int:
    """As JavaScript counts time; a plain day would be read in the machine's own time zone."""
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
