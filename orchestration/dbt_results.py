"""What a dbt build left behind: which tests did not pass, and the rows that break them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse import read_warehouse

FAILING_ROWS = 5
NOT_PASSED = ("fail", "warn")


@dataclass(frozen=True)
class BrokenTest:
    """A data test with failing rows; `rows` are the first of them, every value as text."""

    unique_id: str
    name: str
    is_critical: bool
    failures: int
    rows: list[dict[str, str]]

    def describe(self) -> list[str]:
        """One line a row: the test's own words where it has a column `problem`, else the values."""
        shown = [row.get("problem") or ", ".join(f"{k} {v}" for k, v in row.items()) for row in self.rows]
        left = self.failures - len(shown)
        return [
            *(f"{self.name}: {line}" for line in shown),
            *([f"{self.name}: … and {left:,} more"] if left > 0 else []),
        ]


def read_broken_tests(target: Path, folder: ProgrammeFolder) -> dict[str, BrokenTest]:
    """The tests of the last build below `target` that failed or warned, by unique id."""
    file = target / "run_results.json"
    if not file.exists():
        return {}
    results = [
        result
        for result in json.loads(file.read_text())["results"]
        if result["unique_id"].startswith("test.") and result["status"] in NOT_PASSED
    ]
    if not results:
        return {}
    with read_warehouse(folder) as warehouse:
        return {result["unique_id"]: read_broken_test(result, warehouse) for result in results}


def read_broken_test(result: dict[str, Any], warehouse: duckdb.DuckDBPyConnection) -> BrokenTest:
    found = warehouse.execute(f"select * from ({result['compiled_code']}\n) limit {FAILING_ROWS}")
    names = [column[0] for column in found.description]
    rows = [{name: str(value) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]
    return BrokenTest(
        result["unique_id"],
        result["unique_id"].split(".")[2],
        result["status"] == "fail",
        result["failures"],
        rows,
    )
