"""`make onboard`: shows what a file is and what its entry would be, and adds both to a programme."""

from pathlib import Path

import pytest

from orchestration.cli.onboard import main
from orchestration.landing.load import land
from orchestration.programme import ProgrammeError, ProgrammeFolder, read_programme
from orchestration.programme.contract import read_formats
from orchestration.programme.new_programme import create_programme

FIXTURES = Path(__file__).parents[1] / "formats"


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


def test_a_column_that_cannot_be_guessed_is_left_to_fill_in(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "promises.csv"
    file.write_text("commitment_id,promise,due_on\n1,a bag of coffee,2026-03-01\n")
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert "partner_id: TO FILL IN" in screen
    assert "To whom we committed." in screen
    assert "1. commitment_id: 1, partner_id: to fill in, promise: a bag of coffee, due_on: 2026-03-01" in screen


@pytest.mark.parametrize("name", sorted(read_formats()))
def test_a_known_format_is_recognised_by_its_headers_and_shown_as_it_would_arrive(
    name: str, capsys: pytest.CaptureFixture
):
    file = sorted((FIXTURES / name / "export").iterdir())[0]
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert f"    format: {name}\n" in screen
    assert "\n  1. " in screen


def test_without_a_file_it_asks_for_one(capsys: pytest.CaptureFixture):
    assert main(["/nowhere.csv"]) == 1
    assert "make onboard FILE=" in capsys.readouterr().err


def test_a_missing_file_or_a_folder_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture):
    assert main([str(tmp_path / "gone.csv")]) == 1
    assert main([str(tmp_path)]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "gone.csv is missing" in first and "is a folder" in second


DUTCH = "Bestelnr.;Klant;Besteld;Bedrag\n1;An;03/03/2026 10:15;24,50\n2;Bo;04/03/2026 09:00;1.040,00\n"


def test_unknown_headers_make_it_ask_for_the_extract(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "verkoop.csv"
    file.write_text(DUTCH)
    assert main([str(file)]) == 1
    screen = capsys.readouterr().out
    assert "Bestelnr., Klant, Besteld, Bedrag" in screen
    assert "FEEDS=orders" in screen and "\n  orders " in screen
    assert main(["--feeds", "order", str(file)]) == 1
    assert "Did you mean 'orders'?" in capsys.readouterr().err


@pytest.fixture
def programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProgrammeFolder:
    folder = ProgrammeFolder(tmp_path / "Jo's [1]")
    create_programme(folder)
    monkeypatch.setenv("PROGRAMME", str(folder.path))
    return folder


def test_a_file_and_its_entry_are_added_once_and_every_comment_stays(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    before = programme.extracts_file.read_text()
    file = tmp_path / "till [2026].csv"
    file.write_text("BasketID,Household ID,Placed at,Net sales\n1,h1,2026-03-01 10:00,5.00\n")
    assert main(["--add", str(file)]) == 0
    assert "make nightly PROGRAMME=" in capsys.readouterr().out
    assert (programme.landing / file.name).read_text() == file.read_text()
    assert programme.extracts_file.read_text().startswith(before)
    read = read_programme(programme.path)
    assert [entry.feeds for entry in read.entries] == ["orders"]
    assert [delivery.rows_kept for delivery in land(read).deliveries] == [1]
    assert main(["--add", str(file)]) == 1
    assert "already" in capsys.readouterr().err
    assert len(read_programme(programme.path).entries) == 1


def test_a_programme_is_invalid_until_every_column_is_filled_in(programme: ProgrammeFolder, tmp_path: Path):
    file = tmp_path / "verkoop.csv"
    file.write_text(DUTCH)
    assert main(["--add", "--feeds", "orders", str(file)]) == 0
    with pytest.raises(ProgrammeError) as caught:
        read_programme(programme.path)
    assert [problem.message for problem in caught.value.problems] == [
        f"{name} is still to be filled in" for name in ("order_id", "ordered_at", "net")
    ]
    text = programme.extracts_file.read_text()
    for name, header in (("order_id", "Bestelnr."), ("ordered_at", "Besteld"), ("net", "Bedrag")):
        text = text.replace(f"{name}: TO FILL IN", f"{name}: {header}")
    programme.extracts_file.write_text(f"{text}    decimal: ','\n    date_order: day-month\n")
    [delivery] = land(read_programme(programme.path)).deliveries
    assert (delivery.rows_kept, delivery.rows_quarantined) == (2, 0)


def test_a_constant_that_is_still_to_be_filled_in_is_an_error(programme: ProgrammeFolder):
    programme.extracts_file.write_text(
        "extracts:\n  - {files: landing/o.csv, format: shopify_orders, values: {shop: TO FILL IN}}\n"
    )
    with pytest.raises(ProgrammeError, match="shop is still to be filled in"):
        read_programme(programme.path)


def test_a_file_that_is_in_landing_is_not_copied(programme: ProgrammeFolder, capsys: pytest.CaptureFixture):
    file = programme.landing / "shop" / "codes.csv"
    file.parent.mkdir()
    file.write_text("code,partner_id\nLENA10,p1\n")
    assert main(["--add", str(file)]) == 0
    assert [entry.files for entry in read_programme(programme.path).entries] == ["landing/shop/codes.csv"]
    assert "the file is landing/shop/codes.csv" in capsys.readouterr().out


def test_another_file_of_the_same_name_is_not_overwritten(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    (programme.landing / "codes.csv").write_text("mine")
    file = tmp_path / "codes.csv"
    file.write_text("code,partner_id\nLENA10,p1\n")
    before = programme.extracts_file.read_text()
    assert main(["--add", str(file)]) == 1
    assert "another file of that name" in capsys.readouterr().err
    assert (programme.landing / "codes.csv").read_text() == "mine"
    assert programme.extracts_file.read_text() == before


def test_a_list_in_another_notation_is_left_as_it_is(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    programme.extracts_file.write_text("extracts: []\n")
    file = tmp_path / "codes.csv"
    file.write_text("code,partner_id\nLENA10,p1\n")
    assert main(["--add", str(file)]) == 1
    assert "Write the entry there yourself" in capsys.readouterr().err
    assert programme.extracts_file.read_text() == "extracts: []\n"
    assert not (programme.landing / "codes.csv").exists()


def test_nothing_is_added_to_the_sample(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.delenv("PROGRAMME", raising=False)
    assert main(["--add", __file__]) == 1
    assert "PROGRAMME=/path/to/folder" in capsys.readouterr().err
