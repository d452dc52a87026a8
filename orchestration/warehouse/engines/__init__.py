"""What builds the models: one interface (`engine`), DuckDB and Spark. Nothing outside this folder knows which one runs,
but for its name. After a build of either, warehouse.duckdb holds every table."""

from orchestration.programme.engines import EngineSettings
from orchestration.warehouse.engines.duckdb_engine import DuckdbEngine
from orchestration.warehouse.engines.engine import Engine, EngineUnavailable
from orchestration.warehouse.engines.spark_engine import SparkEngine

__all__ = ["Engine", "EngineUnavailable", "choose_engine"]


def choose_engine(settings: EngineSettings) -> Engine:
    """The engine that settings.yml names. Raises EngineUnavailable if this machine lacks what it needs."""
    return SparkEngine(settings) if settings.name == "spark" else DuckdbEngine()
