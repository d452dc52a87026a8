"""Small versions: marts by their contracts with the rows that a test names, and the report made from them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.report.workbook import WORKBOOK
from orchestration.publishing.report.writing import REPORT, write_report
from tests.expectations.tables import create_table, read_mart_columns

VERSION = {
    "version": "2026-03-11T030000Z",
    "programme": "Tiny",
    "made_at": "2026-03-11T03:00:00+00:00",
    "as_of": "2026-03-10",
    "currency": "EUR",
    "attribution_model": "last_touch",
    "objectives": [{"objective_id": "sell", "statement": "People buy.", "owner": "jo@tiny.example"}],
    "deliveries": [
        {"extract": "orders", "file": "landing/a.csv", "delivered_on": "2026-03-09", "rows_kept": 1000},
        {"extract": "orders", "file": "landing/b.csv", "delivered_on": "2026-03-10", "rows_kept": 234},
    ],
}
SPRING = {
    "objective_id": "sell",
    "goal_id": "spring",
    "kpi": "net_revenue",
    "owner": "jo@tiny.example",
    "starts_on": date(2026, 3, 1),
    "ends_on": date(2026, 3, 31),
    "baseline": 1000,
    "target": 9000,
    "actual": 2600.5,
    "attainment": 0.2000625,
    "expected_by_now": 2903.23,
    "evidence": "tracked",
    "status": "behind",
    "what_moved": "2026-03-05: target: 12000 → 9000",
    "moved_on": date(2026, 3, 5),
    "as_of": date(2026, 3, 10),
}
KPI = {
    "kpi": "net_revenue",
    "family": "result",
    "unit": "reporting currency",
    "definition": "Sold.",
    "better": "higher",
}
INFLUENCER = {
    "relationship": "influencer",
    "month": date(2026, 3, 1),
    "attribution_model": "last_touch",
    "orders": 10,
    "net_revenue": 1234.5,
    "new_customers": 4,
    "cost": 500,
    "contribution_margin": 250,
    "net_revenue_of_unconnected": 0,
}


@dataclass(frozen=True)
class Report:
    """What was written."""

    folder: Path

    @property
    def html(self) -> str:
        return (self.folder / REPORT).read_text(encoding="utf-8")

    @property
    def workbook(self) -> Path:
        return self.folder / WORKBOOK


@cache
def list_columns() -> dict[str, dict[str, str]]:
    return read_mart_columns()


def make_marts(file: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    """Every mart, empty but for `rows` by table."""
    with duckdb.connect(file) as connection:
        for table, columns in list_columns().items():
            create_table(connection, table, columns, rows.get(table, []))
    return file


def make_report(folder: Path, rows: dict[str, list[dict[str, Any]]], **version: Any) -> Report:
    folder.mkdir(parents=True, exist_ok=True)
    write_report(make_marts(folder / "marts.duckdb", rows), {**VERSION, **version}, {"orders": 3}, folder)
    return Report(folder)


class Page(HTMLParser):
    """A page as a reader without scripts gets it: `tags` with their attributes, `sections` with the text of each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.sections: dict[str, str] = {}
        self._section = "top"
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag == "section":
            self._section = str(dict(attributes)["aria-labelledby"])

    def handle_data(self, text: str) -> None:
        self.sections[self._section] = self.sections.get(self._section, "") + text

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.handle_data(" ")

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)
