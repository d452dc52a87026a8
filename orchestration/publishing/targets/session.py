"""One connection to PostgreSQL: statements, and tables loaded through COPY in PostgreSQL's binary format."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa

from orchestration.programme.connections import FilledConnection
from orchestration.publishing.targets.version import TargetFailed
from orchestration.runtime.redaction import redact_people

SECONDS_TO_CONNECT = 10
# A connection whose other side is gone, without a word, ends after a minute.
ALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000"}
LOCK_NOT_AVAILABLE = "55P03"
# Errors whose detail names objects of the database; the detail of others has values of a row in it.
_DETAILED = ("2BP01", "0A000")
_BEHIND_THE_SENTENCE = re.compile(r"\s(?:Query was|DETAIL|CONTEXT|HINT|LINE \d+):")


class StatementFailed(TargetFailed):
    """The server refused a statement or went away; `state` is its SQLSTATE, if it had the time to tell one."""

    def __init__(self, message: str, state: str | None):
        super().__init__(message)
        self.state = state


class Session:
    """An open connection. Each statement is a transaction of its own, but those between `begin` and `commit`."""

    def __init__(self, connection: Any, redact: Any):
        self._connection, self._redact = connection, redact

    def execute(self, statement: str) -> int:
        """The number of rows that it changed."""
        with self._translate(), self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        with self._translate(), self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def load(self, table: str, rows: pa.RecordBatchReader) -> int:
        """Append rows to a temporary table with the same columns; returns how many."""
        with self._translate(), self._connection.cursor() as cursor:
            return cursor.adbc_ingest(table, rows, mode="append", temporary=True)

    def begin(self) -> None:
        """What is executed from here to `commit` is one transaction; it is undone if the session ends before that."""
        self.execute("begin")

    def commit(self) -> None:
        self.execute("commit")

    def cancel(self) -> None:
        """End what another thread of this process executes."""
        self._connection.adbc_cancel()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what was executed in it, and nothing before, if a statement fails."""
        self.execute("savepoint attempt")
        try:
            yield
        except StatementFailed:
            self.execute("rollback to savepoint attempt")
            raise
        self.execute("release savepoint attempt")

    @contextmanager
    def _translate(self) -> Iterator[None]:
        from adbc_driver_manager import Error

        try:
            yield
        except Error as error:
            message, state = self._redact(describe(error)), error.sqlstate
        else:
            return
        # Outside of the except clause: the driver's own error may contain a value, and would be chained as the context.
        raise StatementFailed(message, state)


@contextmanager
def open_session(connection: FilledConnection) -> Iterator[Session]:
    """Raises TargetFailed if the server cannot be reached or refuses the connection."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    def redact(text: str) -> str:
        return redact_people(connection.redact(text))

    try:
        # Savepoints cannot be undone in a transaction that the driver began.
        opened = dbapi.connect(make_uri(connection), autocommit=True)
    except Error as error:
        problem = redact(describe(error))
    else:
        try:
            yield Session(opened, redact)
        finally:
            # A lost connection cannot be closed; the statement before has failed.
            with suppress(Error):
                opened.close()
        return
    raise TargetFailed(problem)


def make_uri(connection: FilledConnection) -> str:
    """libpq's URI. What `connection` says of timeouts goes before what is set here."""
    account = quote(connection.username or "", safe="")
    if connection.password is not None:
        account += f":{quote(connection.password, safe='')}"
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    place = f"{account}@{host}" if account else host
    port = f":{connection.port}" if connection.port else ""
    options = {
        "connect_timeout": str(SECONDS_TO_CONNECT),
        "application_name": "reach-and-results",
        **ALIVE,
        **connection.query,
    }
    return f"postgresql://{place}{port}/{quote(connection.path, safe='')}?{urlencode(options, quote_via=quote)}"


def describe(error: Any) -> str:
    """The server's own sentence, without the statement; the driver's where the server sent none."""
    fields = {as_text(name): as_text(value) for name, value in error.details}
    message = fields.get("PG_DIAG_MESSAGE_PRIMARY")
    if message is None:
        # Details and context may have values of a row in them.
        return " ".join(_BEHIND_THE_SENTENCE.split(str(error), maxsplit=1)[0].split())
    detail = fields.get("PG_DIAG_MESSAGE_DETAIL", "") if error.sqlstate in _DETAILED else ""
    return f"{message} ({'; '.join(detail.splitlines())})" if detail else message


def as_text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
