"""What the engine does with each model's SQL: no join of two tables takes the square of their rows."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.tiny import write_tiny
from tests.warehouse.bare import CompiledProject, build


@pytest.fixture(scope="module")
def built(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    warehouse = build(project, write_tiny(tmp_path_factory.mktemp("plans") / "programme"))
    warehouse.execute("reset disabled_optimizers")  # plans as those of a run
    return warehouse


def find_quadratic_joins(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Conditions of outer joins that the engine can only do by comparing each row with each row: those with an `or`, or
    with a condition on one side alone. (Inner joins of this kind are with tables of one row, such as the settings.)"""
    [(_, plan)] = connection.execute(f"explain (format json) {sql}").fetchall()
    return [
        str(step["extra_info"]["Condition"])
        for step in walk(json.loads(plan))
        if step["name"] == "BLOCKWISE_NL_JOIN" and step["extra_info"]["Join Type"] != "INNER"
    ]


def walk(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        yield from walk(step["children"])


def test_no_model_compares_each_row_of_a_table_with_each_row_of_another(
    project: CompiledProject, built: duckdb.DuckDBPyConnection
):
    models = [node for node in project.models if node["resource_type"] == "model" and node["language"] == "sql"]
    found = {node["name"]: find_quadratic_joins(built, node["compiled_code"]) for node in models}
    assert {name: conditions for name, conditions in found.items() if conditions} == {}


def test_an_outer_join_with_an_or_is_found(built: duckdb.DuckDBPyConnection):
    """As int_clicks_identified once had it: two million clicks took hours."""
    join = (
        "select * from intermediate.int_clicks_owned as clicks left join intermediate.int_visitors_identified as visitors"
        " on visitors.visitor_id = clicks.visitor_id and {}"
    )
    [condition] = find_quadratic_joins(
        built, join.format("(identified_until is null or identified_until > clicked_at)")
    )
    assert "identified_until" in condition
    assert find_quadratic_joins(built, join.format("identified_until > clicked_at")) == []
