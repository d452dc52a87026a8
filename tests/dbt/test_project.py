"""The dbt project by itself: its unit tests, and that tree, documentation and database say the same."""

import csv
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.programme.contract import read_contract, read_formats
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.registries import read_attribution_models
from orchestration.programme.repository import DBT_PROJECT
from orchestration.warehouse.database import dbt_environment
from orchestration.warehouse.dbt_build import PARSED
from tests.conftest import Run, run_parsed_dbt
from tests.warm_process import run_module

MODELS = DBT_PROJECT / "models"


def test_every_unit_test_holds(tiny_run: Run, tmp_path: Path):
    environment = dbt_environment(ProgrammeFolder(tiny_run.programme))
    status, output = run_parsed_dbt("test", "--select", "test_type:unit", "--target-path", str(tmp_path), **environment)
    assert status == 0, output[-5000:]
    results = json.loads((tmp_path / "run_results.json").read_text())["results"]
    unit_tests = [result for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(unit_tests) >= 12
    assert {result["status"] for result in unit_tests} == {"pass"}


@pytest.mark.parametrize("code", sorted([*MODELS.rglob("*.sql"), *MODELS.rglob("*.py")]), ids=lambda path: path.stem)
def test_every_model_has_its_description_beside_it_that_ends_in_its_grain(code: Path, manifest: dict):
    [declared] = yaml.safe_load(code.with_suffix(".yml").read_text())["models"]
    assert declared["name"] == code.stem
    description = manifest["nodes"][f"model.reach_and_results.{code.stem}"]["description"]
    last_sentence = description.strip().rstrip(".").rsplit(". ", 1)[-1]
    assert last_sentence.startswith("One row"), description


def test_a_description_is_written_once():
    """Those that several tables share are doc blocks in models/descriptions; a few words may repeat."""
    files = [*MODELS.rglob("*.yml"), *(DBT_PROJECT / "seeds").glob("*.yml")]
    written = [text for file in files for text in find_descriptions(yaml.safe_load(file.read_text()))]
    blocks = [file.read_text() for file in (MODELS / "descriptions").glob("*.md")]
    written += [
        text.strip() for block in blocks for text in re.findall(r"{% docs \w+ %}(.*?){% enddocs %}", block, re.S)
    ]
    assert len(written) > 1_500
    long = Counter(text for text in written if len(text.split()) > 3 and "doc('" not in text)
    assert [text for text, times in long.items() if times > 1] == []


def find_descriptions(declared: object) -> Iterator[str]:
    """Every description in a .yml, blanks normalised."""
    if isinstance(declared, dict):
        if isinstance(text := declared.get("description"), str):
            yield " ".join(text.split())
        declared = list(declared.values())
    if isinstance(declared, list):
        for part in declared:
            yield from find_descriptions(part)


def test_landing_reads_the_descriptions_that_dbt_renders(manifest: dict):
    sources = manifest["sources"].values()
    rendered = {source["name"]: source for source in sources if source["source_name"] == "raw"}
    tables = {**read_contract(), **read_formats()}
    assert tables.keys() == rendered.keys()
    for name, table in tables.items():
        assert table.description.strip() == rendered[name]["description"].strip()
        for column in table.columns:
            assert column.description.strip() == rendered[name]["columns"][column.name]["description"].strip()


@pytest.mark.parametrize("sql", sorted((MODELS / "marts").rglob("*.sql")), ids=lambda path: path.stem)
def test_every_mart_has_a_contract_on_every_column(sql: Path, manifest: dict):
    node = manifest["nodes"][f"model.reach_and_results.{sql.stem}"]
    assert node["config"]["contract"]["enforced"]
    assert all(column["description"] and column["data_type"] for column in node["columns"].values())


def test_every_canonical_extract_is_staged(manifest: dict):
    for extract in read_contract().values():
        node = manifest["nodes"][f"model.reach_and_results.stg_extracts__{extract.name}"]
        # How a code matches is staged as is_prefix; addresses and numbers of customers are called as those of orders, and
        # a number has its country in it.
        assert set(node["columns"]) >= set(extract.column_names) - {"match", "email", "phone", "phone_country"}


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())


def test_documented_columns_are_the_real_columns(sample_run: Run, manifest: dict):
    """Staging models end with where a row came from, which is documented once, in macros/deliveries.sql."""
    real: dict[tuple[str, str], set[str]] = {}
    with duckdb.connect(sample_run.programme / "warehouse" / "warehouse.duckdb", read_only=True) as warehouse:
        for schema, table, column in warehouse.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        ).fetchall():
            real.setdefault((schema, table), set()).add(column)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and not node["name"].endswith(("_latest", "_per_entry", "_delivered")):
            columns = {column for column in real[node["schema"], node["alias"]] if not column.startswith("_")}
            documented = set(node["columns"])
            for measure in node["config"]["meta"].get("columns_by_attribution_model", ()):
                documented |= {f"{attribution_model}_{measure}" for attribution_model in read_attribution_models()}
            assert columns == documented, node["name"]


def test_every_model_of_reach_is_private_to_the_group_reach(manifest: dict):
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    guarded = {node["name"] for node in models if node["group"] == "reach" and node["access"] == "private"}
    assert {node["name"] for node in models if node["schema"] == "reach"} <= guarded
    outside = {node["name"] for node in models if node["schema"] in ("results", "goals", "relationships")}
    assert outside
    assert not outside & guarded


def test_only_reach_can_refer_to_reach(tmp_path: Path):
    """The border is guarded when dbt parses: a model that crosses it does not even compile."""
    for item in DBT_PROJECT.iterdir():
        if item.name not in ("target", "logs"):
            (tmp_path / item.name).symlink_to(item) if item.name != "models" else None
    copied = tmp_path / "models"
    subprocess.run(["cp", "-r", str(MODELS), str(copied)], check=True)
    smuggler = copied / "marts" / "results" / "results__smuggled.sql"
    smuggler.write_text("select partner_id from {{ ref('reach__partners') }}\n")
    target = tmp_path / "t"
    target.mkdir()
    shutil.copy(PARSED, target)  # so that dbt parses the new model only
    places = ["--project-dir", str(tmp_path), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(target)]
    status, output = run_module("dbt.cli.main", ["--no-use-colors", "parse", *places], os.environ)
    assert status != 0
    assert "reach__partners, which is not allowed because the referenced node is private" in " ".join(output.split())


def test_every_mart_that_a_kpi_is_measured_on_is_counted_for_goals(manifest: dict):
    """What no model counts would be 0 for a goal, and not unknown."""
    with (DBT_PROJECT / "seeds" / "kpis.csv").open(newline="") as file:
        measured = {f"model.reach_and_results.{kpi['mart'].replace('.', '__')}" for kpi in csv.DictReader(file)}
    depends_on = {id: set(node["depends_on"].get("nodes", ())) for id, node in manifest["nodes"].items()}
    counts = {id for id in depends_on if ".int_goal_counts_of_" in id or ".int_goal_levels_of_" in id}
    assert counts <= depends_on["model.reach_and_results.int_goal_days"]
    # Experiments are counted by way of a model of their own.
    counts.add("model.reach_and_results.int_goal_experiments")
    counted = set().union(*(depends_on[id] for id in counts))
    # Never a goal: reach is potential impact.
    reach = {id for id in measured if ".reach__" in id}
    assert measured - reach <= counted


def test_the_pseudonyms_are_hmac_sha256_as_pythons_own_library_computes_it(sample_run: Run):
    import hashlib
    import hmac

    key = (sample_run.programme / ".pseudonym_key").read_bytes()
    expected = hmac.new(key, b"c-1042", hashlib.sha256).hexdigest()[:32]
    with duckdb.connect(sample_run.programme / "warehouse" / "warehouse.duckdb", read_only=True) as warehouse:
        customers = {
            row[0] for row in warehouse.execute("select customer_id from intermediate.int_orders_latest").fetchall()
        }
    assert f"account {expected}" in customers


def test_the_key_of_the_pseudonyms_is_for_its_owner_alone(sample_run: Run):
    assert (sample_run.programme / ".pseudonym_key").stat().st_mode & 0o777 == 0o600
