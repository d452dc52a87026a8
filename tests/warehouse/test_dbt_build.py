"""What a run says of a model that could not be built."""

from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.dbt_build import NodeResult, describe_errors


def describe(message: str) -> str:
    return describe_errors([NodeResult("model.reach_and_results.int_paths", "error", 1.0, None, message, None)])


def test_a_build_that_lacks_memory_says_how_to_give_it_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("MEMORY_LIMIT", "6GB")
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("set memory_limit = '20MB'")
        with pytest.raises(duckdb.OutOfMemoryException) as error:
            connection.execute(
                "select i, string_agg('text', ' ' order by i) from range(2000000) t(i) group by i"
            ).fetchall()
    said = describe(str(error.value))
    assert said.startswith("int_paths: Out of Memory Error: ")
    assert said.endswith("What to do: set MEMORY_LIMIT to more than 6GB")
    assert "\n" not in said and "SET " not in said


def test_any_other_message_stays_as_it_is():
    assert describe("Binder Error: no column x") == "int_paths: Binder Error: no column x"
