"""Data tests of a build that failed or warned, with their first failing rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.messages import shorten_list
from orchestration.runtime.redaction import redact_people
from orchestration.warehouse.dbt_build import FAILED_TESTS, NodeResult
from orchestration.warehouse.engines.engine import Engine

FAILING_ROWS = 5


@dataclass(frozen=True)
class FailedTest:
    """A data test with failing rows; `rows` are the first of them, every value as text, redacted."""

    name: str
    is_critical: bool
    failures: int
    rows: list[dict[str, str]]

    def describe(self) -> list[str]:
        """One line per row: the test's own message if it has a column `problem`, else the values."""
        shown = [row.get("problem") or ", ".join(f"{k} {v}" for k, v in row.items()) for row in self.rows]
        return [f"{self.name}: {line}" for line in shorten_list(shown, FAILING_ROWS, self.failures)]


def read_failed_tests(results: Iterable[NodeResult], folder: ProgrammeFolder, engine: Engine) -> dict[str, FailedTest]:
    """The tests that failed or warned, by unique id."""
    return {
        result.unique_id: read_failed_test(result, folder, engine)
        for result in results
        if result.status in FAILED_TESTS
    }


def read_failed_test(result: NodeResult, folder: ProgrammeFolder, engine: Engine) -> FailedTest:
    found = engine.read_failing_rows(folder, result.sql or "", FAILING_ROWS)
    rows = [{name: redact_people(str(value)) for name, value in row.items()} for row in found]
    return FailedTest(result.unique_id.split(".")[2], result.status == "fail", result.failures or 0, rows)
