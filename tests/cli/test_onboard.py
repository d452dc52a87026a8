"""`make onboard`: shows what a file is and what its entry would be, and adds both to a programme."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli.onboard import main
from orchestration.landing.load import land
from orchestration.programme import ProgrammeError, ProgrammeFolder, read_programme
from orchestration.programme.contract import read_formats
from orchestration.programme.new_programme import create_programme
from tests.conftest import SLOW

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
    assert "line 3, net: 'n/a' is empty, and net is required" in screen


def test_a_column_that_cannot_be_guessed_is_left_to_fill_in(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "promises.csv"
    file.write_text("commitment_id,promise,due_on\n1,a bag of coffee,2026-03-01\n")
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert "partner_id: TO FILL IN" in screen
    assert "To whom we committed." in screen
    assert "1. commitment_id: 1, partner_id: to fill in, promise: a bag of coffee, due_on: 2026-03-01" in screen


# One in CSV, one in a workbook, one that asks a question; that all others are recognised is a test of proposals.
SHOWN = ("linkedin_posts", "shopify_orders", "typeform_responses")
ALL = [pytest.param(name, marks=() if name in SHOWN else SLOW) for name in sorted(read_formats())]


@pytest.mark.parametrize("name", ALL)
def test_a_known_format_is_recognised_by_its_headers_and_shown_as_it_would_arrive(
    name: str, capsys: pytest.CaptureFixture
):
    file = sorted((FIXTURES / name / "export").iterdir())[0]
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert f"    format: {name}\n" in screen
    # Which question of a form is asked for is up to the team: without it, nothing can be shown.
    assert ("\n  1. " in screen) == (name != "typeform_responses")


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


INFLUENCERS = "ID,name,category,tier,platform\n1,Ada,beauty,macro,instagram\n2,Bo,food,micro,tiktok\n3,Cy,food,nano,x\n"


def test_where_several_extracts_fit_they_are_shown_with_their_columns_and_nothing_is_added(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    before = programme.extracts_file.read_text()
    file = tmp_path / "influencers.csv"
    file.write_text(INFLUENCERS)
    assert main(["--add", str(file)]) == 1
    screen = capsys.readouterr().out
    assert "  partners             partner_id ← ID, name ← name, topics ← category\n" in screen
    assert "  campaigns            campaign_id ← ID, name ← name, topics ← category\n" in screen
    assert "FEEDS=partners" in screen
    assert "  category  texts; 2 different; such as beauty\n" in screen
    assert programme.extracts_file.read_text() == before
    assert main(["--add", "--feeds", "partners", str(file)]) == 0
    assert [entry.feeds for entry in read_programme(programme.path).entries] == ["partners"]


def test_a_guess_with_gaps_is_not_added_until_somebody_names_the_extract(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    file = tmp_path / "promises.csv"
    file.write_text("commitment_id,promise,due_on\n1,a bag of coffee,2026-03-01\n")
    before = programme.extracts_file.read_text()
    assert main(["--add", str(file)]) == 1
    assert "no header fits partner_id" in (error := capsys.readouterr().err) and "FEEDS=commitments" in error
    assert programme.extracts_file.read_text() == before
    assert main(["--add", "--feeds", "commitments", str(file)]) == 0
    assert "partner_id: TO FILL IN" in programme.extracts_file.read_text()


def test_an_entry_that_is_to_be_filled_in_does_not_block_the_next(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    promises, codes = tmp_path / "promises.csv", tmp_path / "codes.csv"
    promises.write_text("commitment_id,promise,due_on\n1,a bag of coffee,2026-03-01\n")
    codes.write_text("code,partner_id\nLENA10,p1\n")
    assert main(["--add", "--feeds", "commitments", str(promises)]) == 0
    capsys.readouterr()
    assert main(["--add", str(codes)]) == 0
    screen = capsys.readouterr().out
    assert "Before the next run:\n  extracts.yml line " in screen
    assert "partner_id is still to be filled in. Write the header that holds it instead of TO FILL IN" in screen
    assert "`values: {partner_id: ...}`" in screen
    assert "feeds: codes" in programme.extracts_file.read_text()
    with pytest.raises(ProgrammeError) as caught:
        read_programme(programme.path)
    assert len(caught.value.problems) == 1
    programme.extracts_file.write_text(
        programme.extracts_file.read_text().replace(
            "partner_id: TO FILL IN\n", "promise: promise\n    values: {partner_id: p1}\n"
        )
    )
    landing = land(read_programme(programme.path))
    assert sorted((delivery.extract, delivery.rows_kept) for delivery in landing.deliveries) == [
        ("codes", 1),
        ("commitments", 1),
    ]


def test_both_entries_of_a_table_are_added_together(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    file = tmp_path / "shop.csv"
    file.write_text("Order ID,Created at,Total,Affiliate ID\n1001,2026-03-01,40.00,ada\n1002,2026-03-02,60.00,bo\n")
    assert main(["--add", str(file)]) == 0
    assert "orders and conversions: it holds both" in capsys.readouterr().out
    programme_read = read_programme(programme.path)
    assert [entry.feeds for entry in programme_read.entries] == ["orders", "conversions"]
    assert sorted(delivery.rows_kept for delivery in land(programme_read).deliveries) == [2, 2]


def test_one_of_two_entries_can_be_chosen(programme: ProgrammeFolder, tmp_path: Path):
    file = tmp_path / "shop.csv"
    file.write_text("Order ID,Created at,Total,Affiliate ID\n1001,2026-03-01,40.00,ada\n1002,2026-03-02,60.00,bo\n")
    assert main(["--add", "--feeds", "conversions", str(file)]) == 0
    assert main(["--add", "--feeds", "orders, conversions", str(file)]) == 1
    assert [entry.feeds for entry in read_programme(programme.path).entries] == ["conversions"]


def test_the_options_of_the_file_are_written_into_the_entry(
    programme: ProgrammeFolder, tmp_path: Path, capsys: pytest.CaptureFixture
):
    file = tmp_path / "codes.csv"
    file.write_bytes("Übersicht\nVoucher\tOwner\nCAFÉ10\tp1\n".encode("windows-1252"))
    options = ["--encoding", "windows-1252", "--skip-rows", "1", "--delimiter", "\\t"]
    assert main(["--add", *options, str(file)]) == 0
    assert "code: CAFÉ10" in capsys.readouterr().out
    [entry] = read_programme(programme.path).entries
    assert (entry.encoding, entry.skip_rows, entry.delimiter) == ("windows-1252", 1, "\t")
    assert land(read_programme(programme.path)).deliveries[0].rows_kept == 1


def test_an_option_that_cannot_be_is_refused_with_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture):
    file = tmp_path / "codes.csv"
    file.write_text("code,partner_id\nLENA10,p1\n")
    assert main(["--encoding", "klingon", str(file)]) == 1
    assert "klingon" in (error := capsys.readouterr().err) and "windows-1252" in error
    assert main(["--skip-rows", "two", str(file)]) == 1
    assert "skip_rows" in capsys.readouterr().err


def test_the_preview_names_the_ids_that_collide(tmp_path: Path, capsys: pytest.CaptureFixture):
    rows = "".join(f"T{n},2026-03-01,ada,{n}.00\n" for n in range(1, 9))
    file = tmp_path / "claims.csv"
    file.write_text(f"transaction_id,transaction_date,affiliate,commission\n{rows}T1,2026-03-02,bo,7.00\n")
    assert main([str(file)]) == 0
    screen = capsys.readouterr().out
    assert "1 of its rows would be replaced, because a later row has the same conversion_id: T1." in screen
    assert "ids: {conversion_id: row}" in screen and "duplicates: last" in screen


def test_a_reader_that_stops_reading_causes_no_traceback(tmp_path: Path):
    file = tmp_path / "codes.csv"
    file.write_text("code,partner_id\nLENA10,p1\n")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.onboard", "--", str(file)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert done.stderr == ""


def test_make_passes_the_options_on(tmp_path: Path):
    given = {
        "FILE": "a b.csv",
        "ENCODING": "latin-1",
        "SKIP_ROWS": "2",
        "SHEET": "It's",
        "DELIMITER": ";",
        "FEEDS": "codes",
    }
    # -n prints the commands, -o leaves what sets the environment up alone.
    done = subprocess.run(
        ["make", "-n", "-o", ".venv/.set-up", "onboard"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    for option, name in (
        ("encoding", "ENCODING"),
        ("skip-rows", "SKIP_ROWS"),
        ("sheet", "SHEET"),
        ("delimiter", "DELIMITER"),
    ):
        assert f'--{option} "${name}"' in done.stdout
