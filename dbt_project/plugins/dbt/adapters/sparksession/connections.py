"""Credentials and connections: all threads of dbt share one Spark session."""

from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.contracts.connection import Connection, ConnectionState, Credentials
from dbt.adapters.spark.connections import SparkConnectionManager, SparkConnectionWrapper
from dbt.adapters.sparksession.rounds import unroll
from dbt.adapters.sparksession.session import check_presence, fail, open_session


@dataclass
class SparkSessionCredentials(Credentials):
    """`master` (local[2], spark://host:7077) or `remote` (sc://host:15002, Spark Connect); `storage` is the folder or
    URL that tables are written to; `config` are Spark's own settings; `module_paths` are folders of modules that Python
    models import. A run fails when no executor has worked for `wait_minutes`, though there is work."""

    database: str | None = None
    schema: str = "main"
    master: str = ""
    remote: str = ""
    storage: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    module_paths: list[str] = field(default_factory=list)
    wait_minutes: float = 15

    @classmethod
    def __pre_deserialize__(cls, data: Any) -> Any:
        return {"database": None, **super().__pre_deserialize__(data)}

    @property
    def type(self) -> str:
        return "sparksession"

    @property
    def unique_field(self) -> str:
        return self.remote or self.master

    @property
    def is_local(self) -> bool:
        """Whether this process computes, too."""
        return not self.remote and self.master.startswith("local")

    def _connection_keys(self) -> tuple[str, ...]:
        return "master", "storage", "schema"


class SessionHandle(SparkConnectionWrapper):
    """One statement at a time, as dbt-spark expects it of a cursor."""

    def __init__(self, credentials: SparkSessionCredentials) -> None:
        self.session = open_session(credentials)
        self._frame: Any = None

    def cursor(self) -> "SessionHandle":
        self._frame = None
        return self

    def execute(self, sql: str, bindings: list[Any] | None = None) -> None:
        check_presence()
        # Positional parameters of Spark: a value of a seed may have quotes in it.
        try:
            statement = unroll(self.session, sql.strip().removesuffix(";"))
            self._frame = self.session.sql(statement, args=list(bindings) if bindings else None)
        except Exception as error:
            raise fail(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return self._frame.collect() if self._frame is not None else []
        except Exception as error:
            raise fail(error) from error

    def fetchone(self) -> Any:
        rows = self.fetchall()
        return rows[0] if rows else None

    @property
    def description(self) -> list[tuple[Any, ...]]:
        fields = self._frame.schema.fields if self._frame is not None else []
        return [(f.name, f.dataType.simpleString(), None, None, None, None, f.nullable) for f in fields]

    def cancel(self) -> None:
        self.session.interruptAll()

    def rollback(self) -> None:
        """Spark has no transactions."""

    def close(self) -> None:
        self._frame = None


class SparkSessionConnectionManager(SparkConnectionManager):
    TYPE = "sparksession"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        if connection.state != ConnectionState.OPEN:
            connection.handle = SessionHandle(connection.credentials)
            connection.state = ConnectionState.OPEN
        return connection
