"""Where Dagster keeps its events: one SQLite file, and one engine for the whole process.

Dagster's own storages make an engine, a connection and the text of each statement anew for each of some two thousand
events a night, and the default one writes most events twice (by run, and by asset).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.engine import Connection


class OneFileEventLog(ConsolidatedSqliteEventLogStorage):
    tables: frozenset[str] = frozenset()

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self._conn_string, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})

    @cached_property
    def watcher(self) -> SqlPollingEventWatcher:
        return SqlPollingEventWatcher(self)

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Asked with every event. Tables come with Dagster's migrations, and none of them goes."""
        if table_name not in self.tables:
            with self._connect() as connection:
                self.tables = frozenset(inspect(connection).get_table_names())
        return table_name in self.tables

    # What is written goes to SQLite's write-ahead log first, so watching the file itself would show the UI old news.
    def watch(self, run_id: str, cursor: str | None, callback: Callable) -> None:
        self.watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: str, handler: Callable) -> None:
        self.watcher.unwatch_run(run_id, handler)

    def dispose(self) -> None:
        if "watcher" in self.__dict__:
            self.watcher.close()
        self.engine.dispose()
