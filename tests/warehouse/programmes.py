"""Programmes written by tests: a plan, and extracts with our own column names."""

import csv
from collections.abc import Iterable
from pathlib import Path

Rows = list[dict[str, str]]
Extracts = dict[str, Rows]


def start_programme(folder: Path, plan: str, extracts: Iterable[str]) -> Path:
    """A programme whose files are landing/<extract>_*.csv; nothing is delivered yet."""
    (folder / "landing").mkdir()
    (folder / "plan.yml").write_text(plan)
    entries = "".join(f"  - {{files: landing/{extract}_*.csv, feeds: {extract}}}\n" for extract in extracts)
    (folder / "extracts.yml").write_text(f"extracts:\n{entries}")
    return folder


def deliver(folder: Path, extract: str, rows: Rows, day: int = 1) -> None:
    """One file, dated a day of August 2026."""
    if rows:
        with (folder / "landing" / f"{extract}_2026-08-{day:02d}.csv").open("w", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
