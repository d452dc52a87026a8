"""Each vendor's file, saved once through a spreadsheet (as CSV or as a workbook) or on a machine of another country, is read
as the file itself or refused with a reason: no row gets another value. A file in JSON is read alike however it is laid out.

The variants are made from the fixtures of the formats, and landed only: values are compared as raw has them, cast.
"""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml

from orchestration.landing.load import Landing, land
from orchestration.programme.casts import cast_expression
from orchestration.programme.contract import Extract, read_formats
from orchestration.programme.programme import read_programme
from orchestration.programme.sql import quote_name

FIXTURES = Path(__file__).parent
FORMATS = {name: table for name, table in read_formats().items() if list((FIXTURES / name / "export").glob("*.csv"))}
# The others are made of the same parts: `make test-slow` tries them, too.
REPRESENTATIVE = ("dub_commissions", "ecb_exchange_rates", "shopify_orders", "stripe_balance")
ORIGINAL = "original"

Rows = list[list[str]]


@dataclass(frozen=True)
class Export:
    """A CSV file: what stands before its header, its header, its rows."""

    before: Rows
    header: list[str]
    rows: Rows

    def change(self, write_cell: Callable[[str], str]) -> "Export":
        return Export(self.before, self.header, [[write_cell(cell) for cell in row] for row in self.rows])

    def write(self, delimiter: str = ",", start: str = "", line_end: str = "\n") -> str:
        return start + "".join(
            delimiter.join(quote(cell, delimiter) for cell in row) + line_end
            for row in (*self.before, self.header, *self.rows)
        )


def quote(cell: str, delimiter: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search(f'["\n{re.escape(delimiter)}]', cell) else cell


def read_export(name: str) -> Export:
    """The format's first CSV, which is the one with most of its quirks."""
    file = sorted((FIXTURES / name / "export").glob("*.csv"))[0]
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    reading = dict(FORMATS[name].format.reading)
    at = int(reading.get("skip_rows", 0))
    while not rows[at] or ("comment" in reading and rows[at][0].startswith(str(reading["comment"]))):
        at += 1
    return Export(rows[:at], rows[at], rows[at + 1 :])


def write_comma(cell: str) -> str:
    """A number as a spreadsheet with a decimal comma writes it."""
    number = cell.replace(",", "") if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?", cell) else cell
    return number.replace(".", ",") if re.fullmatch(r"-?[0-9]+([.][0-9]+)?", number) else cell


def write_date(cell: str) -> str:
    """A day as spreadsheets show it (15-Mar-26), a time without seconds and month first (3/15/2026 9:34)."""
    for pattern, shown in (("%Y-%m-%d", "%d-%b-%y"), ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M")):
        try:
            return datetime.strptime(cell, pattern).strftime(shown)
        except ValueError:
            continue
    return cell


def write_rounded(cell: str) -> str:
    """A long number as spreadsheets show it (6.09758E+12)."""
    digits = cell.removeprefix("'")
    return f"{int(digits):.5E}" if re.fullmatch(r"[0-9]{12,}", digits) else cell


def add_title(export: Export) -> Export:
    return Export([["Export of 30 November 2026"], [], *export.before], export.header, export.rows)


def add_totals(export: Export) -> Export:
    totals = ["Total", *[""] * (len(export.header) - 2), "1234.50"]
    return Export(export.before, export.header, [*export.rows, totals])


def write_as_workbook(cell: str) -> object:
    """What a spreadsheet makes of a cell that it opens: numbers of 15 digits, days and times, TRUE and FALSE, else text."""
    text = cell.removeprefix("'")
    if cell.startswith("'"):
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]+)?", text):
        return float(f"{float(text.replace(',', '')):.15g}")
    for pattern in DATES:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return text or None


def write_workbook(export: Export, place: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (*export.before, export.header):
        workbook.active.append(row)
    for row in export.rows:
        workbook.active.append([write_as_workbook(cell) for cell in row])
    workbook.save(place / "export_2026-03-20.xlsx")


# What spreadsheets take for a day or a time when they open a CSV.
DATES = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"),
    *("%m/%d/%Y", "%m/%d/%y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%b %d, %Y", "%B %d, %Y", "%B %d, %Y %I:%M %p"),
)
WORKBOOK = "workbook"

VARIANTS: dict[str, tuple[Callable[[Export], str], dict[str, str]]] = {
    ORIGINAL: (lambda export: export.write(), {}),
    "byte order mark and CRLF": (lambda export: export.write(start="\ufeff", line_end="\r\n"), {}),
    "semicolon and decimal comma": (lambda export: export.change(write_comma).write(";"), {}),
    "semicolon, declared": (lambda export: export.change(write_comma).write(";"), {"delimiter": ";"}),
    "both declared": (lambda export: export.change(write_comma).write(";"), {"delimiter": ";", "decimal": ","}),
    "decimal comma in quotes": (lambda export: export.change(write_comma).write(), {}),
    "dates rewritten": (lambda export: export.change(write_date).write(), {}),
    "ids rounded": (lambda export: export.change(write_rounded).write(), {}),
    "title row": (lambda export: add_title(export).write(), {}),
    "totals row": (lambda export: add_totals(export).write(), {}),
}
# Days and times are no texts in a workbook, so how the vendor writes them is lost with them.
READ_ALIKE = ("byte order mark and CRLF", "totals row")
REFUSED = ("semicolon and decimal comma", "title row")


class Landed:
    """Every variant of some formats in one programme."""

    def __init__(self, folder: Path, names: tuple[str, ...]):
        self.folder = folder
        entries = []
        for name in names:
            export = read_export(name)
            for variant, (write, options) in {**VARIANTS, WORKBOOK: (None, {})}.items():
                place = folder / "landing" / name / variant
                place.mkdir(parents=True)
                if write is None:
                    write_workbook(export, place)
                else:
                    (place / "export_2026-03-20.csv").write_text(write(export), encoding="utf-8", newline="")
                # Read anew, because YAML would write the same object as an anchor, which extracts.yml does not allow.
                entry = yaml.safe_load((FIXTURES / name / "entry.yml").read_text())
                label = {"name": f"{name}-{re.sub(r'[^a-z]+', '-', variant.lower())}"}
                entries.append({"files": f"landing/{name}/{variant}/*", **entry, **options, **label})
        (folder / "plan.yml").write_text("{programme: Variants, currency: EUR, timezone: Europe/Brussels}\n")
        (folder / "extracts.yml").write_text(yaml.safe_dump({"extracts": entries}))
        self.landing: Landing = land(read_programme(folder))

    def read(self, table: Extract, variant: str) -> dict[int, tuple]:
        """By the number of the row, its values as they are cast."""
        values = ", ".join(cast_expression(column.data_type, quote_name(column.name)) for column in table.columns)
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"select _row, {values} from read_parquet(?) where _file like ?",
                [str(self.folder / f"warehouse/raw/{table.name}/*.parquet"), f"landing/{table.name}/{variant}/%"],
            ).fetchall()
        return {number: tuple(found) for number, *found in rows}

    def find_refusals(self, name: str, variant: str) -> list[str]:
        start = f"landing/{name}/{variant}/"
        return [refusal.remedy for refusal in self.landing.refusals if refusal.file.startswith(start)]

    def find_rows_refused(self, name: str, variant: str) -> int | None:
        """How many rows were quarantined or left out; None if the file was not loaded."""
        start = f"landing/{name}/{variant}/"
        counts = [
            delivery.rows_quarantined + delivery.rows_dropped
            for delivery in self.landing.deliveries
            if delivery.file.startswith(start)
        ]
        return counts[0] if counts else None


@pytest.fixture(scope="module")
def representative(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    return Landed(tmp_path_factory.mktemp("variants"), REPRESENTATIVE)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    return Landed(tmp_path_factory.mktemp("variants"), tuple(name for name in FORMATS if name not in REPRESENTATIVE))


def as_read(value: object) -> object:
    """Without the apostrophe before a telephone number, which staging ignores."""
    return value.removeprefix("'") if isinstance(value, str) else value


def check(landed: Landed, name: str, variant: str) -> None:
    original, found = (landed.read(FORMATS[name], other) for other in (ORIGINAL, variant))
    assert original
    # A spreadsheet may rewrite free text, and what it writes may be read where the original was quarantined.
    compared = [
        position
        for position, column in enumerate(FORMATS[name].columns)
        if column.data_type not in ("text", "list") or column.is_id or column.identifies
    ]
    different = [
        (number, FORMATS[name].column_names[position], row[position], original[number][position])
        for number, row in found.items()
        for position in compared
        if number in original and as_read(row[position]) != as_read(original[number][position])
    ]
    assert different == []
    refusals, rows_refused = landed.find_refusals(name, variant), landed.find_rows_refused(name, variant)
    assert bool(refusals) == (rows_refused is None)
    if variant in REFUSED:
        assert refusals and all(refusals)
    if variant in READ_ALIKE:
        assert found == original
    if not refusals:
        assert len(found) + (rows_refused or 0) >= len(original)


@pytest.mark.parametrize("variant", [*(variant for variant in VARIANTS if variant != ORIGINAL), WORKBOOK])
@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_a_file_that_went_through_a_spreadsheet_is_read_right_or_refused(
    representative: Landed, name: str, variant: str
):
    check(representative, name, variant)


@pytest.mark.slow
@pytest.mark.parametrize("variant", [*(variant for variant in VARIANTS if variant != ORIGINAL), WORKBOOK])
@pytest.mark.parametrize("name", [name for name in FORMATS if name not in REPRESENTATIVE])
def test_so_is_every_other_format(others: Landed, name: str, variant: str):
    check(others, name, variant)


# A vendor's file in JSON: the same objects as the fixture's, in another layout.
LAYOUTS: dict[str, Callable[[list[dict]], tuple[str, str]]] = {
    ORIGINAL: lambda objects: ("jsonl", "".join(json.dumps(one) + "\n" for one in objects)),
    "array": lambda objects: ("json", json.dumps(objects, indent=2)),
    "inside an object": lambda objects: ("json", json.dumps({"page": 1, "data": objects})),
    "keys in another order": lambda objects: ("json", json.dumps([dict(reversed(one.items())) for one in objects])),
    "without what is null": lambda objects: (
        "jsonl",
        "".join(json.dumps({key: value for key, value in one.items() if value is not None}) + "\n" for one in objects),
    ),
    "numbers as texts": lambda objects: (
        "json",
        json.dumps([{k: as_text(v) for k, v in one.items()} for one in objects]),
    ),
    "byte order mark": lambda objects: ("json", "\ufeff" + json.dumps(objects, ensure_ascii=False)),
}


def as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def read_objects(name: str) -> list[dict]:
    """The objects of the format's first file in JSON; a line that is none is left out."""
    file = next(file for file in sorted((FIXTURES / name / "export").iterdir()) if file.suffix in (".json", ".jsonl"))
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    found = json.loads(text)
    return next(value for value in found.values() if isinstance(value, list)) if isinstance(found, dict) else found


IN_JSON = sorted({file.parent.parent.name for file in FIXTURES.glob("*/export/*.json*")})


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_JSON)
def test_json_is_read_alike_however_it_is_laid_out(name: str, tmp_path: Path):
    objects, entries = read_objects(name), []
    for number, (layout, write) in enumerate(LAYOUTS.items()):
        suffix, text = write(objects)
        (place := tmp_path / "landing" / str(number)).mkdir(parents=True)
        (place / f"export_2026-03-20.{suffix}").write_text(text, encoding="utf-8")
        entry = yaml.safe_load((FIXTURES / name / "entry.yml").read_text())
        entries.append({"files": f"landing/{number}/*", **entry, "name": layout.replace(" ", "_")})
    (tmp_path / "plan.yml").write_text("{programme: Layouts, currency: EUR, timezone: Europe/Brussels}\n")
    (tmp_path / "extracts.yml").write_text(yaml.safe_dump({"extracts": entries}))
    assert not land(read_programme(tmp_path)).refusals
    columns = ", ".join(quote_name(column) for column in read_formats()[name].column_names)
    with duckdb.connect() as connection:
        raw = f"read_parquet('{tmp_path}/warehouse/raw/{name}/*.parquet')"
        rows = [
            connection.execute(
                f"select _row, {columns} from {raw} where starts_with(_file, 'landing/{number}/') order by _row"
            ).fetchall()
            for number in range(len(LAYOUTS))
        ]
    assert rows[0]
    assert all(found == rows[0] for found in rows)
