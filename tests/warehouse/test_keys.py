"""The data test `is_key` finds what dbt's `unique` and `not_null` would find."""

import duckdb

from tests.warehouse.bare import CompiledProject


def test_a_key_that_repeats_and_a_column_that_is_empty_are_found(project: CompiledProject):
    [test] = [node for node in project.nodes.values() if node["name"].startswith("is_key_int_partners_named_")]
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse; create schema intermediate")
        connection.execute("""
            create table intermediate.int_partners_named as
            from (values ('a', 'x'), ('b', 'x'), ('b', 'y'), (null, 'x'), ('c', null)) as rows (partner_id, relationship)
        """)
        found = connection.execute(test["compiled_code"]).fetchall()
    assert sorted(found, key=str) == [
        ("b", 2, "several rows have this key"),
        ("c", 1, "relationship is empty"),
        (None, 1, "partner_id is empty"),
    ]
