"""What a run is doing: step, tables, rows and the time that passed. On a terminal one live line, in a log a line each
minute."""

import logging
import time
from threading import Event, Lock, Thread
from typing import Any, TextIO

SECONDS_BETWEEN = 0.5
SECONDS_BETWEEN_LINES_OF_A_LOG = 60.0
CLEAR = "\r\x1b[K"


class ProgressLine:
    """Follows Dagster's events of one run, and draws on `screen`. Lines for the screen go through `write`, so that they
    appear above it."""

    def __init__(self, screen: TextIO, seconds_between: float | None = None):
        self.screen = screen
        self.is_live = screen.isatty()
        self.seconds_between = seconds_between or (SECONDS_BETWEEN if self.is_live else SECONDS_BETWEEN_LINES_OF_A_LOG)
        self.started = time.monotonic()
        self.step, self.done, self.planned, self.rows = "starting", 0, 0, 0
        self.file = ""
        self._lock, self._ended = Lock(), Event()
        self._thread = Thread(target=self._draw_until_ended, daemon=True)

    def __enter__(self) -> "ProgressLine":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self.is_live:
            self.write("")

    def follow(self, entry: Any, _cursor: object = None) -> None:
        """Take an event of the run (Dagster's EventLogEntry) into account."""
        event = entry.dagster_event
        if event is None:
            return
        match event.event_type_value:
            case "ASSET_MATERIALIZATION_PLANNED":
                self.planned += 1
            case "ASSET_MATERIALIZATION":
                self.done += 1
                rows = event.step_materialization_data.materialization.metadata.get("dagster/row_count")
                self.rows += int(rows.value) if rows else 0
            case "STEP_START":
                self.step, self.file = event.step_key.removesuffix("_assets").replace("__", "/"), ""

    def follow_file(self, record: logging.LogRecord) -> bool:
        """A filter of landing's logger: takes note of the file that is being read."""
        self.file = getattr(record, "reading", self.file)
        return True

    def write(self, text: str) -> int:
        with self._lock:
            self.screen.write((CLEAR if self.is_live else "") + text)
            self.screen.flush()
        return len(text)

    def flush(self) -> None:
        self.screen.flush()

    def describe(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.started), 60)
        tables = f"{self.done:,} of {self.planned:,} tables"
        file = f" {self.file}," if self.file else ""
        return f"  {self.step}:{file} {tables}, {self.rows:,} rows, {minutes}:{seconds:02} min"

    def _draw_until_ended(self) -> None:
        while not self._ended.wait(self.seconds_between):
            self.write(self.describe() + ("" if self.is_live else "\n"))
