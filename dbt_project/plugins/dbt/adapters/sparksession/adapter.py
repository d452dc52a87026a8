"""The adapter: dbt-spark's, on our session; Python models run in this process."""

from typing import Any

from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.spark import SparkAdapter
from dbt.adapters.sparksession.connections import SparkSessionConnectionManager
from dbt.adapters.sparksession.python_models import run_python_model


class SparkSessionAdapter(SparkAdapter):
    ConnectionManager = SparkSessionConnectionManager

    @classmethod
    def type(cls) -> str:
        return "sparksession"

    def submit_python_job(self, parsed_model: dict[str, Any], compiled_code: str) -> AdapterResponse:
        session = self.connections.get_thread_connection().handle.session
        table = f"{parsed_model['schema']}.{parsed_model['alias']}"
        run_python_model(session, compiled_code, table)
        return AdapterResponse(_message="OK")
