"""What the asset that publishes says of closed months that a version changes."""

import logging

import pytest

from orchestration.defs.assets.published import report_restated
from orchestration.publishing.restated_months import Restatement
from orchestration.runtime.run_log import log


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger=log.name)
    return caplog


def test_closed_months_that_changed_are_logged_and_a_table_with_reasons(lines: pytest.LogCaptureFixture):
    months = {f"2025-{number:02}": "1 late order" for number in range(1, 13)} | {"2026-03": "2 orders gone"}
    [(name, table)] = report_restated(Restatement("2026-08-01T030000Z", months)).items()
    assert name == "closed months that changed"
    assert [dict(record.data) for record in table.records][-1] == {"month": "2026-03", "why": "2 orders gone"}
    assert len(table.records) == 13
    shown = ", ".join(list(months)[:12])
    assert lines.messages == [f"closed months that changed since version 2026-08-01T030000Z: {shown}, … and 1 more"]


def test_a_version_that_changes_no_closed_month_says_nothing(lines: pytest.LogCaptureFixture):
    assert report_restated(Restatement("2026-08-01T030000Z", {})) == {}
    assert lines.messages == []


def test_that_nothing_was_compared_is_a_warning(lines: pytest.LogCaptureFixture):
    metadata = report_restated(Restatement("2026-08-01T030000Z", {}, "marts.duckdb is gone"))
    assert metadata["closed months"].value == "marts.duckdb is gone"
    assert [(record.levelname, record.message) for record in lines.records] == [
        ("WARNING", "Closed months could not be compared with version 2026-08-01T030000Z: marts.duckdb is gone")
    ]
