"""Which tests of a build did not pass, and the rows that break them."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from orchestration.building.build import NodeResult
from orchestration.discretion import hide_people
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse import read_warehouse

FAILING_ROWS = 5
NOT_PASSED = ("fail", "warn")


@dataclass(frozen=True)
class BrokenTest:
    """A data test with failing rows; `rows` are the first of them, every value as text, people left out."""

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


def read_broken_tests(results: Iterable[NodeResult], folder: ProgrammeFolder) -> dict[str, BrokenTest]:
    """The tests that failed or warned, by unique id."""
    broken = [result for result in results if result.unique_id.startswith("test.") and result.status in NOT_PASSED]
    if not broken:
        return {}
    with read_warehouse(folder) as warehouse:
        return {result.unique_id: read_broken_test(result, warehouse) for result in broken}


def read_broken_test(result: NodeResult, warehouse: duckdb.DuckDBPyConnection) -> BrokenTest:
    found = warehouse.execute(f"select * from ({result.sql}\n) limit {FAILING_ROWS}")
    names = [column[0] for column in found.description]
    rows = [{name: hide_people(str(value)) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]
    return BrokenTest(
        result.unique_id.split(".")[2],
        result.status == "fail",
        result.failures or 0,
        rows,
    )
