"""The live line of a run on a terminal."""

import io
import logging
import os
import pty
import time
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


def test_a_log_gets_a_plain_line_each_minute_of_a_long_step():
    assert ProgressLine(io.StringIO()).seconds_between == 60
    screen = io.StringIO()
    with ProgressLine(screen, seconds_between=0.05) as line:
        line.follow(make_event("STEP_START", "dbt"))
        while screen.getvalue().count("\n") < 2:
            time.sleep(0.01)
    first, second, *_ = screen.getvalue().splitlines()
    assert first == second == "  dbt: 0 of 0 tables, 0 rows, 0:00 min"


def test_it_says_which_file_is_being_read():
    line = ProgressLine(io.StringIO())
    logger = logging.getLogger("reach_results.landing")
    logger.addFilter(line.follow_file)
    try:
        line.follow(make_event("STEP_START", "raw"))
        logger.warning("reading it", extra={"reading": "file 2 of 9, landing/orders.csv"})
        logger.warning("something else")
        assert line.describe() == "  raw: file 2 of 9, landing/orders.csv, 0 of 0 tables, 0 rows, 0:00 min"
        line.follow(make_event("STEP_START", "dbt"))
        assert line.describe() == "  dbt: 0 of 0 tables, 0 rows, 0:00 min"
    finally:
        logger.removeFilter(line.follow_file)


def test_messages_appear_above_the_line_on_a_terminal():
    reader, writer = pty.openpty()
    with open(writer, "w") as screen, ProgressLine(screen) as line:
        line.write(line.describe())
        line.write("a message\n")
    shown = os.read(reader, 10_000).decode()
    os.close(reader)
    assert shown.startswith(f"{CLEAR}  starting: 0 of 0 tables") and f"{CLEAR}a message\r\n" in shown
