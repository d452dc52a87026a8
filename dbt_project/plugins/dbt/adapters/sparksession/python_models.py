"""Python models on Spark: what they read comes to the driver as Arrow, as a relation of DuckDB, which they know; what
they return goes back as a table. They read aggregates, so that a driver holds them."""

from types import ModuleType
from typing import Any

import duckdb
from dbt.adapters.sparksession.session import write_table
from dbt_common.exceptions import DbtRuntimeError


def run_python_model(session: Any, compiled_code: str, table: str) -> None:
    """Run the model of `compiled_code` and write its result as `table`. Raises DbtRuntimeError if it fails."""
    module = ModuleType(table)
    with duckdb.connect() as memory:
        try:
            exec(compile(compiled_code.lstrip(), table, "exec"), module.__dict__)
            dbt = module.dbtObj(lambda name: memory.from_arrow(session.table(name).toArrow()))
            frame = module.model(dbt, session)
            # By DuckDB, so that the types of columns are those of the other engine.
            result = memory.from_df(frame).to_arrow_table()
            write_table(session, session.createDataFrame(result), table)
        except Exception as error:
            raise DbtRuntimeError(f"Python model {table} failed: {type(error).__name__}: {error}") from error
