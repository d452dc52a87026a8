"""Python models on Spark: what they read comes to the driver as Arrow, as a relation of DuckDB, which they know; what
they return goes back as a table. They read aggregates, so that a driver holds them."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import duckdb
from dbt.adapters.sparksession.session import write_table
from dbt_common.exceptions import DbtRuntimeError


@dataclass(frozen=True)
class Tables:
    """What a model calls `session`: it asks for its own table, as DuckDB's connection gives it."""

    table: Callable[[str], duckdb.DuckDBPyRelation]


def run_python_model(session: Any, compiled_code: str, name: str) -> None:
    """Run the model of `compiled_code` and write its result as the table that the code ends with (macros/adapter.sql).
    Raises DbtRuntimeError if it fails."""
    module = ModuleType(name)
    with duckdb.connect() as memory:

        def read(table: str) -> duckdb.DuckDBPyRelation:
            return memory.from_arrow(session.table(table).toArrow())

        try:
            exec(compile(compiled_code.lstrip(), name, "exec"), module.__dict__)
            frame = module.model(module.dbtObj(read), Tables(read))
            # By DuckDB, so that the types of columns are those of the other engine.
            result = memory.from_df(frame).to_arrow_table()
            write_table(session, session.createDataFrame(result), module.table, module.partitioned_by, module.place)
        except Exception as error:
            raise DbtRuntimeError(f"Python model {name} failed: {type(error).__name__}: {error}") from error
