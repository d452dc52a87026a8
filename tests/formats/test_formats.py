"""Every known format, read from an export as its vendor writes it, quirks and all.

A format's folder beside this file holds `entry.yml` (what a team writes in extracts.yml, with the story of the fixture),
`export/` (the files), and `expected/`: a CSV for each extract that it feeds, with the columns that matter, written by hand
before the format was; `deliveries.csv` with the rows of each file; `quarantine.csv` where something is unreadable.

Each fixture has a return, a foreign currency, a missing value, a duplicate and a row that a later file restates;
`lacks.yml` says which of them a vendor cannot have, and why.
"""

import csv
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.landing.load import Landing, land
from orchestration.programme.contract import read_contract, read_formats
from orchestration.programme.programme import read_programme
from orchestration.programme.sql import quote_name
from tests.warehouse.bare import CompiledProject, build, find_failed_tests

FIXTURES = Path(__file__).parent
FORMATS = sorted(read_formats())
KINDS = ("return", "currency", "missing", "duplicate", "restated")
LACKS = yaml.safe_load((FIXTURES / "lacks.yml").read_text())
# What a later file restates, as SQL, where it is not the row that the format's key means.
RESTATED = {
    "ga4_sessions": "session_key",
    "linkedin_posts": "regexp_extract(url, '[0-9]{19}')",
    "meta_ads": "campaign || coalesce(day, starts_on)",
    "rakuten_transactions": "order_id || sku",
    "shopify_orders": "order_id",
}
PLAN = "{programme: Formats, currency: EUR, timezone: Europe/Brussels}\n"


class Loaded:
    """All fixtures in one programme, landed and staged."""

    def __init__(self, folder: Path, landing: Landing, warehouse: duckdb.DuckDBPyConnection):
        self.folder = folder
        self.landing = landing
        self.warehouse = warehouse

    def read(self, table: str, columns: list[str], format_name: str) -> list[dict[str, str]]:
        found = self.warehouse.execute(
            f"select {', '.join(columns)} from {table} where starts_with(_file, 'landing/{format_name}/')"
        )
        return [dict(zip(columns, map(show, row), strict=True)) for row in found.fetchall()]


def show(value: object) -> str:
    return "" if value is None else str(value)


@pytest.fixture(scope="module")
def loaded(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("formats")
    entries = []
    for name in FORMATS:
        shutil.copytree(FIXTURES / name / "export", folder / "landing" / name)
        entries.append({"files": f"landing/{name}/*", **yaml.safe_load((FIXTURES / name / "entry.yml").read_text())})
    (folder / "plan.yml").write_text(PLAN)
    (folder / "extracts.yml").write_text(yaml.safe_dump({"extracts": entries}))
    landing = land(read_programme(folder))
    assert not landing.refusals
    warehouse = build(project, folder)
    # The fixtures of all formats together are no programme: what is made from them has currencies without a rate.
    fed = {f"int_{extract}_latest" for name in FORMATS for extract in read_formats()[name].format.feeds}
    assert find_failed_tests(project, warehouse, fed) == {}
    return Loaded(folder, landing, warehouse)


def read_expected(format_name: str, table: str) -> list[dict[str, str]]:
    with (FIXTURES / format_name / "expected" / f"{table}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def has_missing_value(rows: str, columns: list[str], warehouse: duckdb.DuckDBPyConnection) -> bool:
    """Whether a file has a column that is empty in one row and filled in another."""
    counts = ", ".join(f"count(nullif(trim({quote_name(name)}), '')) as {quote_name(name)}" for name in columns)
    some = " or ".join(f"({quote_name(name)} > 0 and {quote_name(name)} < rows)" for name in columns)
    return bool(
        warehouse.execute(f"from (select count(*) as rows, {counts} {rows} group by _file) where {some}").fetchall()
    )


def find_kinds(loaded: Loaded, format_name: str) -> set[str]:
    """Which of the kinds the fixture has, by its rows in raw and by what they are read as."""
    table, warehouse = read_formats()[format_name], loaded.warehouse
    columns = list(table.column_names)
    rows = f"from raw.{format_name}"
    listed = ", ".join(map(quote_name, columns))
    parts = ", ".join(f"lower(trim({quote_name(name)}))" for name in table.key)
    key = RESTATED.get(format_name) or f"concat_ws('|', {parts})"
    found = set()
    if has_missing_value(rows, columns, warehouse):
        found.add("missing")
    if warehouse.execute(f"select 1 {rows} group by _file, {listed} having count(*) > 1").fetchall():
        found.add("duplicate")
    restated = f"count(distinct _file) > 1 and count(distinct hash({listed})) > 1"
    if warehouse.execute(f"select {key} {rows} where {key} <> '' group by {key} having {restated}").fetchall():
        found.add("restated")
    for extract in table.format.feeds:
        model = f"intermediate.int_{extract}_latest where starts_with(_file, 'landing/{format_name}/')"
        names = {name for (name,) in warehouse.execute(f"select column_name from (describe from {model})").fetchall()}
        taken_back = {
            "refunds": "true",
            "conversions": "state = 'reversed'",
            "orders": "status in ('cancelled', 'refunded')",
            "partners": "left_at is not null",
            "costs": "amount < 0",
        }.get(extract, "false")
        if warehouse.execute(f"select 1 from {model} and {taken_back}").fetchall():
            found.add("return")
        if "currency" in names and warehouse.execute(f"select 1 from {model} and currency <> 'EUR'").fetchall():
            found.add("currency")
    if table.part_of and "refunds" in table.format.feeds:
        # Its rows are what is taken back.
        found.add("return")
    return found


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_fixture_has_every_kind_that_its_vendor_can_have(loaded: Loaded, format_name: str):
    lacks = LACKS.get(format_name, {})
    assert set(lacks) <= set(KINDS) and all(lacks.values())
    assert find_kinds(loaded, format_name) == set(KINDS) - set(lacks)


def test_only_formats_say_what_they_lack():
    assert set(LACKS) <= set(FORMATS)


def test_every_format_has_a_fixture():
    fixtures = {path.parent.name for path in FIXTURES.glob("*/entry.yml")}
    assert fixtures == set(FORMATS)


@pytest.mark.parametrize(
    ("format_name", "extract"),
    [
        (name, extract)
        for name in FORMATS
        for extract in read_formats()[name].format.feeds
        # What completes the rows of another format is in that one's expected rows.
        if read_formats()[name].part_of is None
    ],
)
def test_a_format_is_read_as_its_vendor_writes_it(loaded: Loaded, format_name: str, extract: str):
    expected = read_expected(format_name, extract)
    found = loaded.read(f"intermediate.int_{extract}_latest", list(expected[0]), format_name)
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_row_is_kept_quarantined_or_dropped_by_a_rule(loaded: Loaded, format_name: str):
    found = [
        {
            "file": Path(delivery.file).name,
            "rows_read": str(delivery.rows_read),
            "rows_kept": str(delivery.rows_kept),
            "rows_quarantined": str(delivery.rows_quarantined),
            "rows_dropped": str(delivery.rows_dropped),
        }
        for delivery in loaded.landing.deliveries
        if delivery.extract == format_name
    ]
    assert found == read_expected(format_name, "deliveries")


@pytest.mark.parametrize(
    "format_name", [name for name in FORMATS if (FIXTURES / name / "expected/quarantine.csv").exists()]
)
def test_unreadable_values_are_reported_with_line_and_column(loaded: Loaded, format_name: str):
    [*expected] = read_expected(format_name, "quarantine")
    with duckdb.connect() as connection:
        rows = connection.execute(
            'select file, line, "column", value from read_parquet(?)',
            [str(loaded.folder / "warehouse/raw/ledger/quarantine.parquet")],
        ).fetchall()
    found = [
        {"file": Path(file).name, "line": show(line), "column": show(column), "value": show(value)}
        for file, line, column, value in rows
        if f"/{format_name}/" in file
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("format_name", "sibling"),
    [(name, sibling) for name in FORMATS for sibling in read_formats()[name].format.siblings],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.headers),
)
def test_a_sibling_export_is_refused_by_its_headers(tmp_path: Path, format_name: str, sibling):
    headers = [
        *sibling.headers,
        *(c.headers[0] for c in read_formats()[format_name].columns if c.required and c.headers),
    ]
    entry = {"files": "landing/*", **yaml.safe_load((FIXTURES / format_name / "entry.yml").read_text())}
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "sibling.csv").write_text(",".join(dict.fromkeys(headers)) + "\n")
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "extracts.yml").write_text(yaml.safe_dump({"extracts": [entry]}))
    [refusal] = land(read_programme(tmp_path)).refusals
    assert sibling.message in str(refusal)


def test_formats_have_the_columns_of_what_they_feed_in_the_same_order(loaded: Loaded):
    columns: dict[str, list[tuple[str, str]]] = {}
    for model, column, data_type in loaded.warehouse.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'staging'"
    ).fetchall():
        columns.setdefault(model, []).append((column, data_type))
    for extract in read_contract():
        for model, found in columns.items():
            if model.endswith(f"__{extract}") and model.startswith("stg_") and not model.startswith("stg_plan__"):
                assert found == columns[f"stg_extracts__{extract}"], model


def test_a_header_in_another_language_is_an_error_that_lists_expected_and_found(tmp_path: Path):
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "beitraege.csv").write_text("Beitrags-ID,Kontoname,Datum,Aufrufe,Reichweite\n1,n,x,1,1\n")
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "extracts.yml").write_text("extracts: [{files: landing/*, format: instagram_posts}]\n")
    [refusal] = land(read_programme(tmp_path)).refusals
    assert "expected is Post ID" in str(refusal)
    assert "its headers are Beitrags-ID, Kontoname, Datum, Aufrufe, Reichweite" in str(refusal)
