"""The onboarding help: it knows every known format by its headers, and guesses the rest so that one can start."""

from pathlib import Path

import pytest

from orchestration.landing.contract import read_formats
from orchestration.onboarding.__main__ import main
from orchestration.onboarding.proposal import propose

FIXTURES = Path(__file__).parents[1] / "formats"


@pytest.mark.parametrize("name", sorted(read_formats()))
def test_a_known_format_is_known_by_its_headers(name: str, tmp_path: Path):
    file = sorted((FIXTURES / name / "export").iterdir())[0]
    proposal = propose(file, f"landing/{file.name}", tmp_path)
    assert proposal.entry["format"] == name


def test_a_teams_own_export_gets_an_entry_that_lands(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "till 2026.csv"
    file.write_text(
        "BasketID;Household ID;Placed at;Net sales\n1;h1;2026-03-01 10:00;5.00\n2;h2;2026-03-01 11:00;n/a\n"
    )
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert "most like the extract orders" in screen
    assert "delimiter: ;" in screen
    assert "order_id: 1, customer_id: h1, ordered_at: 2026-03-01 10:00, net: 5.00" in screen
    assert "line 3, net: 'n/a' is not a money amount" in screen


def test_what_nobody_can_guess_is_left_to_fill_in(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "promises.csv"
    file.write_text("commitment_id,promise,due_on\n1,a bag of coffee,2026-03-01\n")
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert "partner_id: TO FILL IN" in screen
    assert "Whom we promised it." in screen
    assert "1. commitment_id: 1, partner_id: TO FILL IN, promise: a bag of coffee, due_on: 2026-03-01" in screen


@pytest.mark.parametrize("name", sorted(read_formats()))
def test_rows_are_shown_as_they_would_arrive(name: str, capsys: pytest.CaptureFixture):
    file = sorted((FIXTURES / name / "export").iterdir())[0]
    assert main([str(file)]) == 0
    assert "\n  1. " in capsys.readouterr().out


def test_no_file_is_said(capsys: pytest.CaptureFixture):
    assert main(["/nowhere.csv"]) == 1
    assert "make onboard FILE=" in capsys.readouterr().err
