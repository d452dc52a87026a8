"""The report of a published version: beside its marts, swapped in with them, or not at all."""

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.marts import read_marts
from orchestration.publishing.publish import publish_version
from orchestration.publishing.report.writing import ReportError
from tests.conftest import REPOSITORY, Run
from tests.publishing.report.marts import Page

MANIFEST = REPOSITORY / "dbt_project" / "target" / "manifest.json"


def test_a_version_keeps_its_report_and_the_newest_is_published(sample_run: Run):
    published = sample_run.programme / "published"
    latest = json.loads((published / "latest.json").read_text())
    for name, key in (("report.html", "report"), ("marts.xlsx", "spreadsheet")):
        assert (published / latest[key]).read_bytes() == (published / name).read_bytes()
    assert f"Report: {published / 'report.html'}" in sample_run.screen


def test_every_goal_is_in_it_with_its_status(sample_run: Run):
    page = Page((sample_run.programme / "published" / "report.html").read_text(encoding="utf-8"))
    goals = sample_run.query("select goal_id, status from goals.progress")
    assert len(goals) == 9
    for goal, status in goals:
        assert f"{goal}\n{status}: " in page.sections["goals"].replace("\n\n", "\n")
    assert "People who trust our partners buy their first bag from us, and the next." in page.sections["goals"]


def test_no_pseudonym_of_a_customer_is_shown(sample_run: Run):
    customers = {
        id
        for (id,) in sample_run.query("select distinct customer_id from results.orders where customer_id is not null")
    }
    assert len(customers) > 100
    published = sample_run.programme / "published"
    page = Page((published / "report.html").read_text(encoding="utf-8"))
    shown = set(" ".join(page.sections.values()).split())
    for sheet in load_workbook(published / "marts.xlsx", read_only=True):
        shown |= {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}
    assert "(customers who are not partners)" in shown
    assert not customers & shown


def test_a_report_that_fails_leaves_the_last_version_whole(sample_run: Run, tmp_path: Path):
    programme = tmp_path / "programme"
    shutil.copytree(sample_run.programme, programme)
    published = programme / "published"
    before = {file: file.read_bytes() for file in published.glob("*.*")}
    versions = sorted(published.glob("versions/2*"))
    marts = [mart for mart in read_marts(MANIFEST) if mart.table != "goals.steps"]
    with pytest.raises(ReportError, match=r"the report could not be written, so nothing was published .*steps"):
        publish_version(ProgrammeFolder(programme), marts, 7)
    assert {file: file.read_bytes() for file in published.glob("*.*")} == before
    assert sorted(published.glob("versions/2*")) == versions
