"""When a table may be added to, and when it has to be built anew."""

import re
from pathlib import Path

import duckdb
import pytest
from orchestration.building.growth import Inputs, find_growth, find_read_across, read_inputs, read_meta
from orchestration.building.standing import forget_standing, read_grown, remember_standing

from orchestration.programme.folder import ProgrammeFolder
from tests.orchestration.sources import MANIFEST, write_sources

ORDERS = "model.reach_and_results.int_orders_latest"
METRICS = "model.reach_and_results.int_post_metrics_latest"


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    return write_sources(tmp_path)


def deliver(folder: ProgrammeFolder, *rows: tuple[str, str, str, str]) -> dict[str, Inputs]:
    """The ledger has these deliveries: extract, id, kind and what is in it."""
    values = ", ".join(f"('{extract}', '{id}', '{kind}', '1', '{content}')" for extract, id, kind, content in rows)
    duckdb.sql(
        f"select * from (values {values}) t(extract, delivery_id, delivery_kind, delivery_order, parquet_sha256)"
    ).write_parquet(str(folder.raw / "ledger" / "deliveries.parquet"))
    for extract, id, _, content in rows:
        (folder.raw / extract / f"{id}.parquet").write_text(content)
    return read_inputs(MANIFEST, folder)


FIRST = ("orders", "d1", "append", "one")


def test_a_new_delivery_is_added_where_its_extract_is_read_and_nowhere_else(folder: ProgrammeFolder):
    before = deliver(folder, FIRST)
    now = deliver(folder, FIRST, ("orders", "d2", "append", "two"))
    assert find_growth(now, before, [ORDERS]) == {ORDERS: ["d2"]}
    assert now[METRICS] == before[METRICS]


@pytest.mark.parametrize(
    "rows",
    [
        [("orders", "d2", "append", "two")],
        [("orders", "d1", "append", "another"), ("orders", "d2", "append", "two")],
        [FIRST, ("orders", "d2", "snapshot", "two")],
        [FIRST, ("stripe_balance", "d2", "append", "two")],
    ],
    ids=["an older one is gone", "an older one changed", "a snapshot", "one that says something of others"],
)
def test_what_does_more_than_add_rows_has_the_table_built_anew(folder: ProgrammeFolder, rows: list):
    before = deliver(folder, FIRST)
    assert ORDERS not in find_growth(deliver(folder, *rows), before, [ORDERS])


def test_a_changed_plan_or_key_has_the_table_built_anew(folder: ProgrammeFolder):
    """Aliases of plan.yml rename the partners of clicks."""
    clicks = "model.reach_and_results.int_clicks_latest"
    first = ("clicks", "d1", "append", "one")
    before = deliver(folder, first)
    (folder.raw / "plan" / "aliases.parquet").write_bytes(b"new")
    assert find_growth(deliver(folder, first), before, [clicks]) == {}
    (folder.raw / "plan" / "aliases.parquet").write_bytes(b"")
    assert find_growth(deliver(folder, first), before, [clicks]) == {clicks: []}
    folder.pseudonym_key_file.write_text("another key")
    assert find_growth(deliver(folder, first), before, [clicks]) == {}


def test_what_a_table_is_made_of_is_remembered_and_forgotten_with_it(folder: ProgrammeFolder):
    made_of = {"a": Inputs("rest", {"d1": "one", "d2": "two"}), "b": Inputs("rest")}
    remember_standing(folder, {"a": "x", "b": "y"}, made_of)
    assert read_grown(folder) == made_of
    forget_standing(folder, ["a"])
    assert read_grown(folder) == {"b": made_of["b"]}


def test_every_growing_table_can_grow():
    growing = {node for node, described in MANIFEST["nodes"].items() if read_meta(described).get("grows_by")}
    assert ORDERS in growing and METRICS in growing
    for node in growing:
        assert MANIFEST["nodes"][node]["config"]["materialized"] == "incremental"
    assert any("stripe_balance" in source for source in find_read_across(MANIFEST, ORDERS))


def list_staging() -> list[str]:
    staging = [
        key for key, node in MANIFEST["nodes"].items() if key.startswith("model.") and node["schema"] == "staging"
    ]
    return [key for key in staging if ".stg_plan__" not in key and ".stg_ledger__" not in key]


@pytest.mark.parametrize("model", list_staging(), ids=lambda model: model.rsplit(".", 1)[1])
def test_a_staging_model_that_looks_beyond_its_delivery_says_so(model: str):
    """Groups and windows within a delivery are by _delivery; a join with another model's rows looks at all of them."""
    node = MANIFEST["nodes"][model]
    reads = [parent for parent in node["depends_on"]["nodes"] if ".stg_plan__" not in parent]
    parts = re.findall(
        r"(?:partition|group) by(.*?)(?:order by|\)|\n *(?:\)|rows|order|select)|$)", node["raw_code"], re.S
    )
    beyond = len(reads) > 1 or any("_delivery" not in part for part in parts)
    assert beyond == bool(read_meta(node).get("reads_across"))
