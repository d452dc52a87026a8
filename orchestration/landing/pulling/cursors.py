"""Where the next pull starts: at the last value of the cursor in the newest file of the entry, minus an overlap."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.landing.pulling.results import PullFailed
from orchestration.programme.extracts import Entry

# A transaction that began earlier may be committed later, with an earlier value.
_OVERLAPS: dict[type, timedelta | int] = {
    datetime: timedelta(hours=1),
    date: timedelta(days=1),
    int: 1_000,
    Decimal: 1_000,
}
# A value further in the future than this after its pull is a mistake in the source; starting there would lose rows.
_FUTURE = timedelta(days=1)


def find_last(file: Path, column: str, pulled_at: datetime) -> Any:
    """The last value of a column of a pulled file; None if it has none. Values in the future of the pull do not count.

    Raises PullFailed if the column has values that cannot be a cursor.
    """
    last = None
    with pq.ParquetFile(file) as opened:
        names = opened.schema_arrow.names
        name = next((one for one in names if one == column), None)
        if name is None:
            name = next((one for one in names if one.casefold() == column.casefold()), None)
        if name is None:
            raise PullFailed(
                f"{file.name} has no column '{column}', which is the cursor. Its columns: {', '.join(names)}"
            )
        kind = opened.schema_arrow.field(name).type
        _check_type(column, kind)
        for batch in opened.iter_batches(columns=[name]):
            values = batch.column(0)
            if pa.types.is_timestamp(kind):
                latest = pulled_at + _FUTURE
                edge = pa.scalar(latest if kind.tz else latest.replace(tzinfo=None), kind)
                values = values.filter(pc.less_equal(values, edge))
            elif pa.types.is_date(kind):
                values = values.filter(pc.less_equal(values, pa.scalar((pulled_at + _FUTURE).date(), kind)))
            found = pc.max(values).as_py()
            if found is not None and (last is None or found > last):
                last = found
    return last


def _check_type(column: str, kind: pa.DataType) -> None:
    fits = (pa.types.is_timestamp, pa.types.is_date, pa.types.is_integer, pa.types.is_decimal, pa.types.is_null)
    if not any(is_kind(kind) for is_kind in fits):
        raise PullFailed(
            f"the cursor {column} is {kind}, and its values have no certain order. Name a column with a time, a date or"
            " a number, or cast it in `query`"
        )


def start_before(last: Any, entry: Entry) -> Any:
    """The value that the next pull starts from. Raises PullFailed if the entry's overlap does not fit the cursor."""
    if last is None:
        return None
    overlap = entry.overlap if entry.overlap is not None else _OVERLAPS[type(last)]
    is_time = isinstance(last, date)
    if is_time != isinstance(overlap, timedelta):
        example = "6h" if is_time else "5000"
        raise PullFailed(
            f"overlap of {entry.label} does not fit its cursor {entry.cursor}. Write for example {example}"
        )
    if isinstance(overlap, timedelta) and not isinstance(last, datetime):
        overlap = timedelta(days=-(-overlap // timedelta(days=1)))
    return last - overlap


def start_on(day: date, last: Any, timezone: str) -> Any:
    """The first moment of a day, as the cursor has it; None, everything, where the cursor is a number."""
    if isinstance(last, (int, Decimal)):
        return None
    if isinstance(last, date) and not isinstance(last, datetime):
        return day
    moment = datetime.combine(day, time(), ZoneInfo(timezone))
    return moment.replace(tzinfo=None) if isinstance(last, datetime) and last.tzinfo is None else moment.astimezone(UTC)
