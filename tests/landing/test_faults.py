"""What landing does when disks, files and clocks fail: each fault is made for real."""

import os
import sqlite3
from pathlib import Path

import pytest

from orchestration.landing import delivery
from orchestration.landing.housekeeping import DamagedRaw
from orchestration.landing.ledger import Ledger
from orchestration.landing.load import land
from tests.namespace import in_a_namespace

CSV = "Order,Date,Net\n1,2026-03-01,10\n"


def find_raw(bench) -> Path:
    [file] = [file for file in (bench.path / "warehouse/raw/orders").iterdir() if file.name != "_empty.parquet"]
    return file


def flip_a_byte(file: Path, place: int = -100) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


DAMAGES = {
    "a flipped byte": flip_a_byte,
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "emptied": lambda file: os.truncate(file, 0),
    "another file's": lambda file: file.write_bytes((file.parent / "_empty.parquet").read_bytes()),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_raw_file_is_noticed_and_loaded_again(bench, caplog, what):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    before = bench.select("*")
    DAMAGES[what](find_raw(bench))
    landing = land(bench.read(), verify={"orders"})
    assert [delivered.file for delivered in landing.deliveries] == ["landing/orders.csv"]
    assert bench.select("*") == before
    assert f"the loaded rows are missing or damaged ({find_raw(bench)}), so the file is loaded again" in caplog.text


def test_a_damaged_raw_file_that_cannot_be_loaded_again_stops_the_run_and_stays(bench):
    file = bench.write("landing/orders.csv", CSV)
    bench.land()
    flip_a_byte(find_raw(bench))
    file.write_text("Order,Date,Net\n2,2026-03-01,20\n")
    for _ in range(2):
        with pytest.raises(DamagedRaw, match=r"landing/orders\.csv as it was\. Put that file back, or .*make rebuild"):
            land(bench.read(), verify={"orders"})
    file.write_text(CSV)
    land(bench.read(), verify={"orders"})
    assert bench.select("order_id") == [("1",)]


def test_the_file_of_an_extract_that_nobody_doubts_is_not_hashed(bench, monkeypatch):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    monkeypatch.setattr("orchestration.landing.housekeeping.hash_file", None)
    bench.land()


@pytest.mark.parametrize("what", ["quarantine", "_empty"])
def test_other_damaged_parquet_is_made_again(bench, what):
    bench.write("landing/orders.csv", CSV + "2,x,1\n")
    bench.land()
    folder = bench.path / "warehouse" / ("quarantine" if what == "quarantine" else "raw") / "orders"
    [file] = [file for file in folder.iterdir() if what == "quarantine" or file.name == "_empty.parquet"]
    before = file.read_bytes()
    file.write_bytes(before[:40])
    bench.land()
    assert bench.select("order_id") == [("1",)]
    assert bench.select_quarantined("value") == [("x",)]


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, None])
def test_a_damaged_ledger_is_reported_and_everything_loaded_again(bench, caplog, content):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    before = bench.select("order_id, _delivery, _delivery_order")
    ledger = bench.path / "warehouse/ledger.sqlite"
    if content is None:
        whole = bytearray(ledger.read_bytes())
        whole[4096:8192] = os.urandom(4096)
        content = bytes(whole)
    ledger.write_bytes(content)
    assert len(bench.land().deliveries) == 1
    assert bench.select("order_id, _delivery, _delivery_order") == before
    assert content == b"" or f"{ledger} is damaged: everything in landing is loaded again" in caplog.text
    assert bench.land().unchanged == 1


def test_a_ledger_of_an_older_version_is_reported_and_everything_loaded_again(bench, caplog):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    with sqlite3.connect(bench.path / "warehouse/ledger.sqlite") as older:
        older.executescript("alter table deliveries drop column parquet_sha256; pragma user_version = 7;")
    older.close()
    assert len(bench.land().deliveries) == 1
    assert "was written by another version of this project: everything in landing is loaded again" in caplog.text
    assert bench.select("order_id") == [("1",)]


def test_raw_that_an_older_version_wrote_without_a_column_is_loaded_again(bench, monkeypatch):
    with monkeypatch.context() as older:
        for module in ("raw_files", "identity"):
            from orchestration.landing import raw_files

            older.setattr(f"orchestration.landing.{module}.PROVENANCE", raw_files.PROVENANCE[:-1])
        bench.write("landing/orders.csv", CSV)
        bench.land()
    landing = bench.land()
    assert (landing.retired, len(landing.deliveries)) == (1, 1)
    assert bench.select("order_id, _date_order") == [("1", None)]


@pytest.mark.parametrize("change", ["taken away", "cut", "same size and time"])
def test_a_file_that_changes_while_it_is_read_is_not_half_loaded(bench, monkeypatch, change):
    file = bench.write("landing/orders.csv", CSV + "2,2026-03-01,20\n" * 1000)
    opened = delivery.open_records

    def open_and_change(*arguments):
        records = opened(*arguments)
        if change == "taken away":
            file.unlink()
        elif change == "cut":
            os.truncate(file, 100)
        else:
            state = file.stat()
            file.write_text(file.read_text().replace("20\n", "30\n"))
            os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
        return records

    monkeypatch.setattr(delivery, "open_records", open_and_change)
    [refusal] = bench.land().refusals
    assert refusal.message in ("is still being written", "was changed or removed while it was read")
    assert bench.select("*") == []
    monkeypatch.undo()
    if change != "taken away":
        assert len(bench.land().deliveries) == 1


def test_a_file_whose_copy_kept_size_and_time_is_read_again(bench):
    """A correction brought by `rsync -t` into a file of the same length."""
    file = bench.write("landing/orders.csv", CSV)
    bench.land()
    state = file.stat()
    file.write_text(CSV.replace("10\n", "20\n"))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert len(bench.land().deliveries) == 1


def test_a_clock_that_was_set_back_does_not_change_the_order_of_deliveries(bench):
    for name, age in (("a", 2_000_000_000), ("b", 1_700_000_000)):
        os.utime(
            bench.write(f"landing/orders_{name}.csv", CSV.replace("10", (name == "a" and "10") or "20")), (age, age)
        )
        bench.land()
    before = bench.select("net, _delivery_order")
    assert [net for net, _ in before] == ["20", "10"], "by the time that each file says of itself"
    bench.land()
    assert bench.select("net, _delivery_order") == before


def test_a_time_that_no_calendar_has_is_refused(tmp_path):
    from orchestration.landing.identity import order_delivery
    from orchestration.landing.refusals import FileRefused

    with pytest.raises(FileRefused, match="outside the calendar"):
        order_delivery("landing/orders.csv", 2**62 * 1000)


IN_A_SMALL_WORLD = """
set -e
mkdir -p "$WORLD"
mount -t tmpfs -o size=8m none "$WORLD"
cp -r "$SOURCE"/. "$WORLD"
"$PYTHON" -c "$CODE" "$WORLD" "$KPIS"
"""
FULL_DISK = """
import os, sys
from pathlib import Path
import duckdb
from orchestration.landing.load import land
from orchestration.programme import read_programme
path, kpis = map(Path, sys.argv[1:])
orders = path / "landing" / "orders_2.csv"
land(read_programme(path, kpis))
raw = lambda: sorted(f.name for f in (path / "warehouse/raw/orders").iterdir())
before = raw()
orders.write_text("Order,Date,Net\\n" + "".join(f"{n},2026-03-01,{n}.{n % 100:02d}\\n" for n in range(60_000)))
filler = path / "filler"
with filler.open("wb", buffering=0) as opened:  # closing must have nothing left to write
    try:
        while True:
            opened.write(os.urandom(2**14))
    except OSError:
        pass
os.truncate(filler, max(0, filler.stat().st_size - LEFT))
try:
    land(read_programme(path, kpis))
    print("LOADED")
except (OSError, duckdb.Error, __import__("sqlite3").Error) as error:
    print("FAILED", type(error).__name__, str(error).splitlines()[0])
print("LEFT BEHIND", set(raw()) - set(before) or "nothing")
filler.unlink()
print("RECOVERED", len(land(read_programme(path, kpis)).deliveries), land(read_programme(path, kpis)).unchanged)
"""


@pytest.mark.parametrize("left", [0, 60_000, 300_000])
def test_a_full_disk_loads_a_file_whole_or_not_at_all(bench, tmp_path, left):
    """A disk of 8 MB of its own, full but for some bytes: nothing at all, the start of what is read, the start of raw."""
    bench.write("landing/orders_1.csv", CSV)
    done = in_a_namespace(
        IN_A_SMALL_WORLD, WORLD=str(tmp_path / "world"), SOURCE=str(bench.path), KPIS=str(bench.kpis),
        CODE=FULL_DISK.replace("LEFT)", f"{left})"),
    )  # fmt: skip
    said = [
        line for line in done.stdout.splitlines() if line.split(" ")[0] in ("LOADED", "FAILED", "LEFT", "RECOVERED")
    ]
    assert said and said[0].startswith("FAILED"), done.stdout + done.stderr
    assert "space" in said[0] or "full" in said[0], said
    assert said[1:] == ["LEFT BEHIND nothing", "RECOVERED 1 2"]


def test_a_ledger_that_another_process_holds_is_not_removed(bench):
    bench.write("landing/orders.csv", CSV)
    bench.land()
    file = bench.path / "warehouse/ledger.sqlite"
    other = sqlite3.connect(file)
    other.execute("begin exclusive")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        Ledger(file)
    other.rollback()
    other.close()
    assert bench.land().unchanged == 1
