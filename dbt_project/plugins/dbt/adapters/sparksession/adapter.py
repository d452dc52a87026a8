"""The adapter: dbt-spark's, on our session; Python models run in this process."""

from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.spark import SparkAdapter
from dbt.adapters.sparksession.connections import SparkSessionConnectionManager
from dbt.adapters.sparksession.places import create_schema, list_schemas, name_place, tables_folder
from dbt.adapters.sparksession.python_models import run_python_model


class SparkSessionAdapter(SparkAdapter):
    ConnectionManager = SparkSessionConnectionManager

    @classmethod
    def type(cls) -> str:
        return "sparksession"

    def list_schemas(self, database: str) -> list[str]:
        """Ours: a catalog may have others."""
        return list_schemas(self._session, self._folder)

    def create_schema(self, relation: BaseRelation) -> None:
        create_schema(self._session, self._folder, relation.schema)

    @property
    def _session(self) -> Any:
        return self.connections.get_thread_connection().handle.session

    @property
    def _folder(self) -> str:
        return tables_folder(self.config.credentials.storage)

    @available
    def name_place(self, relation: BaseRelation) -> str:
        """Where an incremental table lies."""
        return name_place(self._folder, f"{relation.schema}.{relation.identifier}")

    def submit_python_job(self, parsed_model: dict[str, Any], compiled_code: str) -> AdapterResponse:
        run_python_model(self._session, compiled_code, parsed_model["name"])
        return AdapterResponse(_message="OK")
