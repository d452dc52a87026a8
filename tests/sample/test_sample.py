"""The committed sample is what its generator writes, is small, feeds everything, and does not contradict itself."""

import csv
import gzip
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample"
PROGRAMME = SAMPLE / "programme"
MOST_BYTES = 3_000_000


def read_content(path: Path) -> object:
    """Bytes, but for two formats whose writers (zlib, Arrow) may pack the same content differently."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    return path.read_bytes()


def list_sample_files(folder: Path) -> dict[str, Path]:
    files = [folder / "programme" / "plan.yml", folder / "programme" / "extracts.yml"]
    files += [path for part in ("programme/landing", "truth") for path in (folder / part).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path for path in files}


def read_truth(name: str) -> list[dict[str, str]]:
    with (SAMPLE / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_entries() -> list[dict]:
    return YAML(typ="safe").load(PROGRAMME / "extracts.yml")["extracts"]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, SAMPLE / "generate.py", "--into", folder], check=True)
    return folder


def test_the_generator_reproduces_the_committed_files(generated: Path):
    committed, again = list_sample_files(SAMPLE), list_sample_files(generated)
    assert sorted(committed) == sorted(again)
    assert [name for name in committed if read_content(committed[name]) != read_content(again[name])] == []


def test_the_generator_leaves_derived_folders_alone(generated: Path):
    kept = [generated / "programme" / name / "kept.txt" for name in ("warehouse", "published", "quarantine")]
    for file in kept:
        file.parent.mkdir()
        file.write_text("kept")
    subprocess.run([sys.executable, SAMPLE / "generate.py", "--into", generated], check=True)
    assert [file.read_text() for file in kept] == ["kept"] * 3


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in list_sample_files(SAMPLE).values()) < MOST_BYTES


def test_every_canonical_extract_is_fed():
    extracts = {path.stem for path in (ROOT / "dbt_project" / "models" / "raw").glob("[!_]*.yml")}
    assert extracts - {entry["feeds"] for entry in read_entries()} == set()


def test_every_landed_file_is_claimed_by_an_entry():
    claimed = {path for entry in read_entries() for path in PROGRAMME.glob(entry["files"])}
    landed = {path for path in (PROGRAMME / "landing").rglob("*") if path.is_file()}
    assert landed - claimed == set()


def test_ratios_sum_to_1_per_order_and_model():
    sums: dict[tuple, float] = defaultdict(float)
    for row in read_truth("credits"):
        sums[row["shop"], row["order_id"], row["attribution_model"]] += float(row["credit_ratio"])
    assert {key: total for key, total in sums.items() if abs(total - 1) > 5e-6} == {}


def test_credited_orders_are_exactly_those_with_evidence():
    credited = {(row["shop"], row["order_id"]) for row in read_truth("credits")}
    with_evidence = {(row["shop"], row["order_id"]) for row in read_truth("orders") if row["evidence"] != "none"}
    assert credited == with_evidence


def test_totals_are_those_of_the_orders():
    totals = {row["name"]: row["value"] for row in read_truth("totals")}
    orders = read_truth("orders")
    cents = sum(round(float(row["net_revenue"]) * 100) for row in orders)
    by_month = sum(round(float(value) * 100) for name, value in totals.items() if name.startswith("net_revenue_20"))
    assert (int(totals["orders"]), round(float(totals["net_revenue"]) * 100)) == (len(orders), cents)
    assert by_month == cents


def test_at_least_half_of_the_orders_are_untracked():
    orders = read_truth("orders")
    assert sum(row["evidence"] == "none" for row in orders) >= len(orders) / 2


def test_unreadable_values_are_where_the_truth_says():
    for row in read_truth("quarantine"):
        line = (PROGRAMME / row["file"]).read_text(encoding="utf-8").split("\n")[int(row["line"]) - 1]
        assert row["value"] in line
