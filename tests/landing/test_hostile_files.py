"""Files that were made to break things: each is loaded as it is or refused with what to do, and nothing else happens."""

import gzip
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from orchestration.programme.problems import ProgrammeError

CSV = "Order,Date,Net\n1,2026-03-01,10\n"
STATUS = """\
extracts:
  - files: landing/*
    feeds: orders
    columns: {order_id: Order, ordered_at: Date, net: Net, status: Status}
"""

NAMES = (
    "orders'; drop table files; --.csv",
    'orders".csv',
    "orders*.csv",
    "orders?[a-z].csv",
    "orders#1.csv",
    "orders%s{0}$HOME.csv",
    "orders..csv",
    "orders -rf.csv",
    "orders…ñ日本.csv",
)


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_a_name(bench, name):
    bench.write(f"landing/{name}", CSV + "2,x,1\n")
    landing = bench.land()
    assert [delivery.file for delivery in landing.deliveries] == [f"landing/{name}"]
    assert bench.select("order_id, _file") == [("1", f"landing/{name}")]
    assert bench.select_quarantined("file, value") == [(f"landing/{name}", "x")]
    assert bench.land().unchanged == 1


def test_a_name_that_starts_with_a_dash_is_a_name(bench):
    bench.declare(STATUS.replace(", status: Status", ""))
    bench.write("landing/-rf --help.csv", CSV)
    assert len(bench.land().deliveries) == 1


@pytest.mark.parametrize(
    "name", [b"orders\n  published version 1.csv", b"orders\x1b[2J.csv", b"orders\xff.csv", b"orders\\'.csv"]
)
def test_a_name_that_cannot_be_shown_is_refused_and_shown_as_it_is(bench, refuse, name):
    (Path(os.fsencode(bench.path / "landing").decode()) / os.fsdecode(name)).write_text(CSV)
    message = refuse()
    assert "has a name with characters that cannot be read or shown. Rename the file." in message
    assert message.isprintable()


def test_a_link_that_leaves_landing_is_refused(bench, refuse, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(CSV)
    (bench.path / "landing/orders.csv").symlink_to(secret)
    assert refuse() == "landing/orders.csv is a link that leads out of landing/. Put the file itself there."
    assert bench.select("*") == []


def test_a_link_within_the_programme_that_leaves_landing_is_refused(bench, refuse):
    """The key of the pseudonyms must not become an order's status."""
    bench.write(".pseudonym_key", CSV)
    (bench.path / "landing/orders.csv").symlink_to("../.pseudonym_key")
    assert "leads out of landing/" in refuse()


def test_a_link_within_landing_is_its_file(bench):
    bench.declare(
        "extracts:\n  - {files: landing/latest.csv, feeds: orders, columns: {order_id: Order, ordered_at: Date, net: Net}}\n"
    )
    bench.write("landing/archive/2026-03-01.csv", CSV)
    (bench.path / "landing/latest.csv").symlink_to("archive/2026-03-01.csv")
    assert len(bench.land().deliveries) == 1


def test_a_link_to_nothing_is_refused_and_not_ignored(bench, refuse):
    (bench.path / "landing/orders.csv").symlink_to("gone.csv")
    assert refuse().startswith("landing/orders.csv cannot be read: No such file")


@pytest.mark.parametrize(
    "pattern", ["landing/shop/orders*", "landing/**/orders*", "landing/*/orders.csv", "landing/**"]
)
def test_a_linked_folder_is_refused(bench, refuse, tmp_path, pattern):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "orders.csv").write_text(CSV)
    (bench.path / "landing/shop").symlink_to(outside)
    bench.declare(STATUS.replace("landing/*", pattern))
    assert refuse() == "landing/shop is a link to a folder, which is not followed. Put the folder itself there."


def test_links_in_circles_end(bench):
    """Two links to the folder that they are in: a walk that follows them has 2^40 ways to go."""
    bench.write("landing/orders.csv", CSV)
    for name in ("a", "b"):
        (bench.path / "landing" / name).symlink_to(".")
    bench.declare(STATUS.replace("landing/*", "landing/**/*.csv").replace(", status: Status", ""))
    started = time.monotonic()
    landing = bench.land()
    assert [delivery.file for delivery in landing.deliveries] == ["landing/orders.csv"]
    assert [refusal.file for refusal in landing.refusals] == ["landing/a", "landing/b"]
    assert time.monotonic() - started < 5


def test_a_landing_that_is_a_link_itself_is_read(bench, tmp_path):
    """A share that is mounted elsewhere: whoever may write the programme's folder decides where landing is."""
    (bench.path / "landing").rename(tmp_path / "share")
    (bench.path / "landing").symlink_to(tmp_path / "share")
    bench.write("landing/orders.csv", CSV)
    assert len(bench.land().deliveries) == 1


@pytest.mark.parametrize("pattern", ["../../etc/passwd", "/etc/passwd", "landing/../../*", "landing/../.pseudonym_key"])
def test_a_pattern_that_leaves_the_programme_is_refused(bench, pattern):
    bench.declare(f"extracts:\n  - {{files: {pattern}, feeds: orders}}\n")
    with pytest.raises(ProgrammeError, match="not inside the programme folder"):
        bench.read()


SQL = "x'); drop table bad; attach '/tmp/stolen.db'; copy (select 1) to '/tmp/stolen.csv'; --"


@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx"])
def test_sql_and_formulas_in_headers_and_values_are_text(bench, suffix):
    values = [SQL, "=cmd|' /C calc'!A0", "@SUM(1+1)", "-1+1", "{{ 7*7 }}", "${jndi:ldap://x}", "\\'; select 1"]
    header = f'"{SQL}'
    bench.declare(json.dumps({"extracts": [{"files": "landing/*", "feeds": "orders", "columns": {
        "order_id": header, "ordered_at": "Date", "net": "Net", "status": "'; --"}}]}))  # fmt: skip
    rows = [[value, "2026-03-01", "1", value] for value in values]
    headers = [header, "Date", "Net", "'; --"]
    if suffix == "xlsx":
        workbook = openpyxl.Workbook()
        for row in [headers, *rows]:
            workbook.active.append(["" for _ in row])
            for column, value in enumerate(row, start=1):
                cell = workbook.active.cell(workbook.active.max_row, column)
                cell.value, cell.data_type = value, "s"
        workbook.save(bench.path / "landing/orders.xlsx")
    elif suffix == "json":
        bench.write("landing/orders.json", json.dumps([dict(zip(headers, row, strict=True)) for row in rows]))
    else:
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [headers, *rows]]
        bench.write("landing/orders.csv", "\n".join(quoted) + "\n")
    landing = bench.land()
    assert landing.refusals == ()
    assert bench.select("order_id, status") == [(value, value) for value in values]
    assert not Path("/tmp/stolen.csv").exists() and not Path("/tmp/stolen.db").exists()


def test_constants_of_an_entry_are_text(bench):
    bench.declare(json.dumps({"extracts": [{"files": "landing/*", "feeds": "orders", "values": {"status": SQL},
        "columns": {"order_id": "Order", "ordered_at": "Date", "net": "Net"}}]}))  # fmt: skip
    bench.write("landing/orders.csv", CSV)
    bench.land()
    assert bench.select("status") == [(SQL,)]


HUGE = ("1e400", "-1e400", "9" * 40, "NaN", "Infinity", "-inf", "1e-400", "0x10", "١٢", "1_000")


@pytest.mark.parametrize("value", HUGE)
@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl"])
def test_a_number_that_is_none_or_does_not_fit_quarantines_only_its_row(bench, value, suffix):
    if suffix == "csv":
        text = f"Order,Date,Net\n1,2026-03-01,{value}\n2,2026-03-01,5\n"
    else:
        rows = [f'{{"Order": {n}, "Date": "2026-03-01", "Net": {net}}}' for n, net in ((1, value), (2, 5))]
        text = "\n".join(rows) if suffix == "jsonl" else f"[{','.join(rows)}]"
    bench.write(f"landing/orders.{suffix}", text)
    landing = bench.land()
    if landing.refusals:
        assert suffix == "json" and "is not valid JSON" in str(landing.refusals[0])
        return
    (delivery,) = landing.deliveries
    assert (delivery.rows_read, delivery.rows_quarantined, bench.select("order_id")) == (2, 1, [("2",)])


def test_numbers_of_a_workbook_or_parquet_that_are_none_quarantine_only_their_row(bench):
    import pyarrow as pa
    import pyarrow.parquet as pq

    nets = [float("nan"), float("inf"), 1e300, 5.0]
    table = pa.table({"Order": ["1", "2", "3", "4"], "Date": ["2026-03-01"] * 4, "Net": nets})
    pq.write_table(table, bench.path / "landing/orders.parquet")
    (delivery,) = bench.land().deliveries
    assert (delivery.rows_quarantined, bench.select("order_id, net")) == (3, [("4", "5.0")])


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "tsv"])
def test_nul_bytes_are_kept_or_quarantined(bench, suffix):
    bench.declare(STATUS)
    texts = {
        "csv": "Order,Date,Net,Status\n1,2026-03-01,5,a\0b\n2,2026-03-01,5,c\n",
        "tsv": "Order\tDate\tNet\tStatus\n1\t2026-03-01\t5\ta\0b\n2\t2026-03-01\t5\tc\n",
        "json": '[{"Order":1,"Date":"2026-03-01","Net":5,"Status":"a\\u0000b"},{"Order":2,"Date":"2026-03-01","Net":5,"Status":"c"}]',
        "jsonl": '{"Order":1,"Date":"2026-03-01","Net":5,"Status":"a\\u0000b"}\n{"Order":2,"Date":"2026-03-01","Net":5,"Status":"c"}\n',
    }
    bench.write(f"landing/orders.{suffix}", texts[suffix])
    (delivery,) = bench.land().deliveries
    assert delivery.rows_read == delivery.rows_kept + delivery.rows_quarantined == 2
    assert ("2", "c") in bench.select("order_id, status")
    assert set(bench.select("order_id, status")) <= {("1", "a\0b"), ("2", "c")}


def test_ten_thousand_columns_are_read(bench):
    extra = [f"c{number}" for number in range(10_000)]
    bench.write("landing/orders.csv", f"Order,Date,Net,{','.join(extra)}\n1,2026-03-01,5,{','.join(extra)}\n")
    started = time.monotonic()
    (delivery,) = bench.land().deliveries
    assert (delivery.rows_kept, len(delivery.ignored_columns)) == (1, 10_000)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "csv.gz"])
def test_more_columns_than_the_limit_are_refused(bench, refuse, monkeypatch, suffix):
    monkeypatch.setenv("MAX_COLUMNS", "100")
    names = [f"c{number}" for number in range(101)]
    text = ",".join(names) + "\n" + ",".join(names) + "\n"
    if "json" in suffix:
        text = json.dumps(dict.fromkeys(names, 1))
        text = f"[{text}]" if suffix == "json" else text
    bench.write(f"landing/orders.{suffix}", gzip.compress(text.encode()) if suffix == "csv.gz" else text)
    assert "has more than 100 columns" in refuse()


@pytest.mark.parametrize("text", ['"a quote that nobody closes', '"' + "x" * 200_000, "x" * 200_000, '"\n' * 100_001])
def test_a_header_that_never_ends_is_refused(bench, refuse, text):
    bench.write("landing/orders.csv", text + "\n1,2\n" * 5)
    assert refuse().startswith("landing/orders.csv ")


@pytest.mark.parametrize("depth", [100, 900, 5_000, 200_000])
@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_deeply_nested_json_is_refused_or_quarantined(bench, depth, suffix):
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        nested = opening * depth + "1" + closing * depth
        record = f'{{"Order": 1, "Date": "2026-03-01", "Net": 5, "Deep": {nested}}}'
        bench.write(f"landing/orders_{len(closing)}.{suffix}", f"[{record}]" if suffix == "json" else record)
        landing = bench.land()
        for refusal in landing.refusals:
            assert "nested too deeply" in str(refusal)
        for delivery in landing.deliveries:
            assert delivery.rows_read == delivery.rows_kept + delivery.rows_quarantined == 1


LIMITED_LINES = """
import resource, sys
from pathlib import Path
from orchestration.landing.load import land
from orchestration.programme import read_programme
programme = read_programme(sys.argv[1], Path(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for refusal in land(programme).refusals:
    print(refusal)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "csv.gz"])
def test_a_line_of_a_gigabyte_is_refused_in_bounded_memory(bench, suffix):
    """The file is sparse: a gigabyte of NUL bytes without an end of line. 200 MB here; all of it by BIG_LINE_MB=1024."""
    import subprocess

    size = int(os.environ.get("BIG_LINE_MB", 200)) * 2**20
    file = bench.path / f"landing/orders.{suffix}"
    if suffix == "csv.gz":
        with gzip.open(file, "wb", compresslevel=1) as opened:
            opened.write(b"Order,Date,Net\n")
            for _ in range(size // 2**20):
                opened.write(b"x" * 2**20)
    else:
        file.write_text("Order,Date,Net\n")
        os.truncate(file, size)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED_LINES, str(bench.path), str(bench.kpis)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "has more than 16,777,216 bytes in one line" in done.stdout, done.stderr
    assert int(done.stdout.split()[-1]) < 150, "MB more than before it was read"


def test_json_that_is_too_large_to_be_held_is_refused(bench, refuse, monkeypatch):
    monkeypatch.setenv("MAX_JSON_BYTES", "1000")
    bench.write("landing/orders.json", "[" + " " * 2000 + "]")
    assert "has more than 1,000 bytes" in refuse()


def write_sheet(file: Path, rows: str, shared: str = "", size: int = 0) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(
                b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            )
            sheet.write(rows.encode())
            for _ in range(size):
                sheet.write(b'<row><c t="inlineStr"><is><t>' + b"x" * 2**20 + b"</t></is></c></row>")
            sheet.write(b"</sheetData></worksheet>")


def test_a_workbook_with_one_cell_in_the_last_corner_is_refused(bench, refuse):
    """1 KB that asks for 17 billion cells."""
    write_sheet(
        bench.path / "landing/orders.xlsx",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )
    assert "needs more memory than" in refuse()


def test_a_workbook_that_unpacks_to_a_multiple_is_refused(bench, refuse, monkeypatch):
    """A gigabyte of text in a megabyte of zip."""
    monkeypatch.setenv("MAX_WORKBOOK_BYTES", str(2**30))
    write_sheet(bench.path / "landing/orders.xlsx", "", size=1024)
    assert (bench.path / "landing/orders.xlsx").stat().st_size < 2 * 2**20
    assert "needs more memory than" in refuse()


def test_a_workbook_of_many_sheets_is_read_by_its_first(bench):
    workbook = openpyxl.Workbook()
    for row in (["Order", "Date", "Net"], ["1", "2026-03-01", "5"]):
        workbook.active.append(row)
    for number in range(500):
        workbook.create_sheet(f"s{number}").append(["x"])
    workbook.save(bench.path / "landing/orders.xlsx")
    assert bench.land().deliveries[0].rows_kept == 1


def test_a_parquet_file_that_repeats_one_value_too_often_is_refused(bench, refuse, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    monkeypatch.setenv("MAX_UNPACKED_LINES", "1000")
    pq.write_table(
        pa.table({"Order": ["1"] * 1001, "Date": ["2026-03-01"] * 1001, "Net": ["1"] * 1001}),
        bench.path / "landing/orders.parquet",
    )
    assert "has more than 1,000 rows" in refuse()


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))


@pytest.mark.parametrize("name", ["plan.yml", "extracts.yml"])
@pytest.mark.parametrize(
    "bomb", [LAUGHS, "a: !!python/object/apply:os.system ['touch /tmp/stolen.csv']\n", "[" * 50_000]
)
def test_a_yaml_bomb_is_refused(bench, name, bomb):
    bench.write(name, bomb)
    started = time.monotonic()
    with pytest.raises(ProgrammeError, match=name):
        bench.read()
    assert time.monotonic() - started < 20
    assert not Path("/tmp/stolen.csv").exists()
