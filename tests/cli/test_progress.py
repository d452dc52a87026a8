"""The live line of a run on a terminal."""

import io
import os
import pty
from types import SimpleNamespace

from orchestration.cli.progress import CLEAR, ProgressLine


def make_event(kind: str, step: str = "dbt", rows: int | None = None) -> SimpleNamespace:
    metadata = {} if rows is None else {"dagster/row_count": SimpleNamespace(value=rows)}
    data = SimpleNamespace(materialization=SimpleNamespace(metadata=metadata))
    return SimpleNamespace(
        dagster_event=SimpleNamespace(event_type_value=kind, step_key=step, step_materialization_data=data)
    )


def test_it_counts_tables_and_rows_of_the_step():
    line = ProgressLine(io.StringIO())
    for _ in range(3):
        line.follow(make_event("ASSET_MATERIALIZATION_PLANNED"))
    line.follow(make_event("STEP_START", "published__marts"))
    line.follow(make_event("ASSET_MATERIALIZATION", rows=1200))
    line.follow(make_event("ASSET_MATERIALIZATION"))
    line.follow(SimpleNamespace(dagster_event=None))
    assert line.describe() == "  published/marts: 2 of 3 tables, 1,200 rows, 0:00 min"


def test_a_log_gets_no_live_line():
    screen = io.StringIO()
    with ProgressLine(screen) as line:
        line.write("a message\n")
    assert screen.getvalue() == "a message\n"


def test_messages_appear_above_the_line_on_a_terminal():
    reader, writer = pty.openpty()
    with open(writer, "w") as screen, ProgressLine(screen) as line:
        line.write(line.describe())
        line.write("a message\n")
    shown = os.read(reader, 10_000).decode()
    os.close(reader)
    assert shown.startswith(f"{CLEAR}  starting: 0 of 0 tables") and f"{CLEAR}a message\r\n" in shown
