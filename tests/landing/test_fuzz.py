"""Whatever a file holds, it is loaded with every record accounted for, or refused in words; never anything else.

Some hundred files, most of them in `make test-slow`; FUZZ=20 makes twenty times as many, other ones each time.
"""

import csv
import io
import json
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.landing.load import Landing
from tests.conftest import SLOW
from tests.landing.conftest import Bench

TIMES = int(os.environ.get("FUZZ", 0))
COLUMNS = ("Order", "Date", "Net", "Status")
DECLARED = "order_id: Order, ordered_at: Date, net: Net, status: Status"

# What breaks readers: delimiters, quotes, line ends, signs of formulas and SQL, odd spaces, marks, things of two units.
CHARACTERS = st.sampled_from(
    list("ab1,;|\t\"'\\\n\r=+-@#%{}[]()<>&$\0\x1a\x7f\x85\xa0\u2028\ufeffäß日😀")
) | st.characters(exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS, max_size=12)
NUMBERS = st.sampled_from(["1", "10.10", "-5", "1e3", "NaN", "inf", "9" * 40, "1,5", "", "0x1"])
# A cell of blanks is an empty one, and readers may trim what stands around a text.
ROWS = st.lists(st.tuples(TEXTS, st.sampled_from(["2026-03-01", "soon", ""]), NUMBERS, TEXTS), max_size=6)


@pytest.fixture(autouse=True, scope="module")
def without_waiting_for_the_disk():
    """Most of the time of a small file goes into having it on the disk, which is not what is tried here."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


def fuzz(examples: int) -> Callable:
    return settings(
        max_examples=examples * max(TIMES, 1),
        derandomize=not TIMES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def make_bench(folder: str, extra: str = "") -> Bench:
    bench = Bench(Path(folder) / "programme")
    bench.declare(f"extracts:\n  - {{files: landing/*, feeds: orders, columns: {{{DECLARED}}}{extra}}}\n")
    return bench


def check(bench: Bench) -> Landing:
    """Land, and check what became of the file."""
    landing = bench.land({"orders"})
    assert len(landing.deliveries) + len(landing.refusals) == 1
    for refusal in landing.refusals:
        assert refusal.message and refusal.remedy
    for delivery in landing.deliveries:
        assert delivery.rows_read == delivery.rows_kept + delivery.rows_quarantined + delivery.rows_dropped
        assert len(bench.select("_row")) == delivery.rows_kept
    return landing


def find_strangers(bench: Bench, rows: list[tuple[str, ...]]) -> list[tuple]:
    """Kept rows that nobody wrote, at the record where they stand; an empty cell is null."""
    wrote = {number: tuple(cell or None for cell in row) for number, row in enumerate(rows, start=1)}
    kept = bench.select("_row, order_id, ordered_at, net, status")
    return [row for number, *row in kept if wrote.get(number) != tuple(cell or None for cell in row)]


def write_csv(rows: list[tuple[str, ...]], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, delimiter=delimiter, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue().encode()


@fuzz(12)
@given(ROWS, st.sampled_from(["csv", "tsv"]))
def test_the_rows_of_a_csv_file_are_kept_as_they_were_written(rows, suffix):
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(folder)
        bench.write(f"landing/orders.{suffix}", write_csv(rows, "\t" if suffix == "tsv" else ","))
        landing = check(bench)
        assert not find_strangers(bench, rows)
        for delivery in landing.deliveries:
            assert delivery.rows_read == len(rows)


@SLOW
@fuzz(12)
@given(ROWS, st.sampled_from(["json", "jsonl"]))
def test_the_rows_of_a_json_file_are_kept_as_they_were_written(rows, suffix):
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(folder)
        records = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=len(rows) % 2 == 0) for row in rows]
        text = "\n".join(records) if suffix == "jsonl" else f"[{','.join(records)}]"
        bench.write(f"landing/orders.{suffix}", text)
        (delivery,) = check(bench).deliveries
        assert delivery.rows_read == len(rows)
        assert not find_strangers(bench, rows)


@SLOW
@fuzz(6)
@given(ROWS)
def test_the_rows_of_a_parquet_file_are_kept_as_they_were_written(rows):
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(folder)
        columns = [pa.array([row[position] for row in rows], pa.string()) for position in range(4)]
        pq.write_table(pa.table(columns, names=COLUMNS), bench.path / "landing/orders.parquet")
        (delivery,) = check(bench).deliveries
        assert delivery.rows_read == len(rows)
        assert not find_strangers(bench, rows)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | TEXTS
    | st.text(st.characters(), max_size=3)  # halves of characters, too
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@SLOW
@fuzz(12)
@given(
    st.lists(VALUES | st.fixed_dictionaries(dict.fromkeys(COLUMNS, VALUES)), max_size=4),
    st.sampled_from(["json", "jsonl"]),
)
def test_any_json_is_accounted_for(items, suffix):
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(folder)
        records = [json.dumps(item) for item in items]
        bench.write(f"landing/orders.{suffix}", "\n".join(records) if suffix == "jsonl" else f"[{','.join(records)}]")
        check(bench)


ARROWS = {
    "int": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "float": (pa.float64(), st.floats()),
    "bool": (pa.bool_(), st.booleans()),
    "bytes": (pa.binary(), st.binary(max_size=4)),
    "time": (pa.timestamp("ns"), st.integers(-(2**63) + 1, 2**63 - 1)),
    "day": (pa.date32(), st.integers(-(2**31), 2**31 - 1)),
    "decimal": (pa.decimal128(38, 4), st.decimals(-(10**30), 10**30, places=4)),
    "list": (pa.list_(pa.string()), st.lists(TEXTS, max_size=3)),
    "object": (pa.struct([("a", pa.int8())]), st.fixed_dictionaries({"a": st.integers(-128, 127)})),
    "null": (pa.null(), st.none()),
}


@SLOW
@fuzz(10)
@given(st.data())
def test_a_parquet_column_of_any_type_is_accounted_for(data):
    kinds = [ARROWS[data.draw(st.sampled_from(sorted(ARROWS)))] for _ in COLUMNS]
    rows = data.draw(st.integers(0, 4))
    columns = [
        pa.array(data.draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), kind) for kind, values in kinds
    ]
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(folder)
        pq.write_table(pa.table(columns, names=COLUMNS), bench.path / "landing/orders.parquet")
        check(bench)


def make_workbook() -> bytes:
    workbook = openpyxl.Workbook()
    for row in [COLUMNS, *((str(number), "2026-03-01", number, "x") for number in range(20))]:
        workbook.active.append(row)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def make_parquet() -> bytes:
    written = io.BytesIO()
    names = [str(number) for number in range(20)]
    pq.write_table(pa.table([names, ["2026-03-01"] * 20, names, names], names=COLUMNS), written)
    return written.getvalue()


ORDINARY = [(str(number), "2026-03-01", "1.50", 'a "quoted", text') for number in range(20)]
HEALTHY = {
    "csv": write_csv(ORDINARY),
    "csv.gz": __import__("gzip").compress(write_csv(ORDINARY)),
    "json": json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in ORDINARY]).encode(),
    "jsonl": "\n".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in ORDINARY).encode(),
    "parquet": make_parquet(),
    "xlsx": make_workbook(),
}
DAMAGES = {"csv": 12, "csv.gz": 4, "json": 8, "jsonl": 8, "parquet": 12, "xlsx": 2}


def damage(content: bytes, chance: random.Random) -> bytes:
    """Flip, cut, double, drop or fill in some bytes."""
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(damaged) + 1)
        end = min(len(damaged), start + chance.choice([1, 1, 1, 4, 50]))
        match chance.randrange(5):
            case 0:
                damaged[start:end] = bytes(byte ^ (1 << chance.randrange(8)) for byte in damaged[start:end])
            case 1:
                del damaged[start:]
            case 2:
                damaged[start:start] = damaged[start:end]
            case 3:
                del damaged[start:end]
            case 4:
                filling = [b"\0" * 9, b'"', b"\xff\xfe", b"\r", b",,,,", b"{", b"\xef\xbb\xbf", b"'; --", b"\n\n"]
                damaged[start:end] = chance.choice(filling)
    return bytes(damaged)


@pytest.mark.parametrize("suffix", [pytest.param(one, marks=SLOW if one != "csv" else ()) for one in HEALTHY])
def test_a_damaged_file_is_accounted_for_or_refused(tmp_path, suffix):
    chance = random.Random(None if TIMES else 9)
    for number in range(DAMAGES[suffix] * max(TIMES, 1)):
        bench = make_bench(str(tmp_path / str(number)))
        bench.write(f"landing/orders.{suffix}", damage(HEALTHY[suffix], chance))
        check(bench)


@fuzz(15)
@given(
    st.binary(max_size=300),
    st.sampled_from(["csv", "tsv", "json", "jsonl", "csv.gz", "parquet"]),
    st.sampled_from(["", ", encoding: utf-8", ", encoding: utf-16", ", delimiter: ';'", ", skip_rows: 1"]),
)
def test_any_bytes_are_accounted_for_or_refused(content, suffix, option):
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(folder, option)
        bench.write(f"landing/orders.{suffix}", content)
        check(bench)
