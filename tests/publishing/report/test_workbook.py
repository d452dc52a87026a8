"""marts.xlsx as a spreadsheet program opens it (openpyxl): numbers are numbers, and no text is ever a formula."""

from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from openpyxl import load_workbook

from orchestration.publishing.report.workbook import write_workbook
from tests.publishing.report.marts import INFLUENCER, SPRING, make_marts, make_report

EVIL = ("=cmd()", "+1+1", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example")', "http://evil.example", "12")
ROWS = {
    "goals.progress": [SPRING | {"owner": None}],
    "goals.steps": [{"objective_id": "sell", "step_id": text, "statement": text, "status": "open"} for text in EVIL],
    "results.relationships": [INFLUENCER, INFLUENCER | {"attribution_model": "linear"}],
    "results.partners": [
        {"partner_id": f"p-{n}", "month": date(2026, 3, 1), "attribution_model": "last_touch", "orders": n}
        for n in range(9)
    ],
    "results.incrementality": [],
}


def read_sheet(file: Path, name: str) -> list[dict]:
    header, *rows = load_workbook(file)[name].iter_rows()
    return [dict(zip((cell.value for cell in header), row, strict=True)) for row in rows]


def test_numbers_are_numbers_and_days_are_days(tmp_path: Path):
    workbook = make_report(tmp_path, ROWS).workbook
    [goal] = read_sheet(workbook, "goals")
    assert goal["actual"].value == 2600.5 and goal["actual"].data_type == "n"
    assert goal["starts_on"].value == datetime(2026, 3, 1) and goal["starts_on"].is_date
    assert goal["goal_id"].value == "spring"
    assert goal["owner"].value is None
    [influencer] = read_sheet(workbook, "relationships")
    assert influencer["net_revenue"].value == 1234.5
    assert influencer["attribution_model"].value == "last_touch"


def test_customers_who_are_no_partner_are_one_row_without_pseudonyms(tmp_path: Path):
    """Two of them, with costs of 30 and 10 and margins of 10 and 30: together 1."""
    brought = {"month": date(2026, 3, 1), "attribution_model": "last_touch", "relationship": "customer"}
    rows = {
        "results.partners": [
            brought | {"partner_id": "f00d", "orders": 1, "cost": 30, "contribution_margin": 10},
            brought | {"partner_id": "beef", "orders": 2, "cost": 10, "contribution_margin": 30},
            brought | {"partner_id": "p-1", "orders": 4},
        ],
        "relationships.advocates": [
            {"person_id": "f00d", "is_partner": False},
            {"person_id": "beef", "is_partner": False},
            {"person_id": "p-1", "is_partner": True},
        ],
    }
    partners = read_sheet(make_report(tmp_path, rows).workbook, "partners")
    assert [(row["partner_id"].value, row["orders"].value, row["return_on_cost"].value) for row in partners] == [
        ("(customers who are not partners)", 3, 1),
        ("p-1", 4, None),
    ]


def test_text_that_could_be_a_formula_or_a_link_is_text(tmp_path: Path):
    workbook = make_report(tmp_path, ROWS).workbook
    steps = read_sheet(workbook, "steps")
    assert {step["statement"].value for step in steps} == set(EVIL)
    for step in steps:
        assert step["statement"].data_type == "s"
        assert step["statement"].hyperlink is None
        assert step["statement"].quotePrefix == step["statement"].value.startswith(("=", "+", "-", "@", "\t"))
    with ZipFile(workbook) as files:
        assert not any(b"<f>" in files.read(name) for name in files.namelist() if "sheet" in name)


def test_its_sheets_are_goals_and_results_and_none_is_reach(tmp_path: Path):
    names = load_workbook(make_report(tmp_path, {}, deliveries=[]).workbook).sheetnames
    assert names == [
        *(
            "goals",
            "goal history",
            "steps",
            "undefined",
            "relationships",
            "campaigns",
            "partners",
            "relationships, all time",
            "campaigns, all time",
            "partners, all time",
            "cohorts",
            "paths",
            "experiments",
            "experiments to come",
            "brand lift",
            "evidence",
            "columns",
        )
    ]


def test_rows_that_do_not_fit_are_counted_in_a_note(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """9 partners, in sheets of 10, 9 and 8 rows: the header takes one, the note another."""
    made_at = datetime(2026, 3, 11)
    caplog.set_level("INFO")
    with duckdb.connect(make_marts(tmp_path / "marts.duckdb", {"results.partners": ROWS["results.partners"]})) as marts:
        for most, shown, note in ((10, 9, None), (9, 7, "2 more rows"), (8, 6, "3 more rows")):
            caplog.clear()
            write_workbook(marts, "last_touch", made_at, tmp_path / "marts.xlsx", most_rows=most)
            rows = [row["partner_id"].value for row in read_sheet(tmp_path / "marts.xlsx", "partners")]
            assert rows[:shown] == [f"p-{n}" for n in range(shown)]
            assert rows[shown:] == ([f"{note}, which a sheet does not take; they are in marts.duckdb."] if note else [])
            assert ("sheet partners leaves out" in caplog.text) == bool(note)


def test_a_cell_that_is_too_long_is_cut_with_a_note(tmp_path: Path):
    long = {"objective_id": "sell", "step_id": "s", "statement": "x" * 40_000, "status": "open"}
    [step] = read_sheet(make_report(tmp_path, {"goals.steps": [long]}).workbook, "steps")
    assert step["statement"].value.endswith("… (the rest is cut)")
    assert len(step["statement"].value) <= 32_767
