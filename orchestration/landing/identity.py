"""Ids that stay the same from run to run: of an entry by its content, of a delivery by its entry and its content."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import PurePosixPath

from orchestration.landing.file_dates import find_date
from orchestration.landing.raw_files import PROVENANCE
from orchestration.landing.refusals import FileRefused
from orchestration.programme.casts import fingerprint_casts
from orchestration.programme.contract import Extract
from orchestration.programme.extracts import Entry

# Options that do not change which rows and values are read. The time zone is passed separately, as resolved.
_NOT_READING = {
    *("timezone", "name", "duplicates", "allow_empty"),
    *("overlap", "time_limit", "on_failure", "on_drop"),
}
# Raised by one where landing/reading or value_checks.py read the same cells otherwise than before: what was loaded
# under earlier rules is loaded again.
_RULES = 4


def identify_entry(entry: Entry, extract: Extract, timezone: str, currency: str) -> str:
    """An id that changes with everything that changes how the files are read; `timezone` is the resolved one,
    `currency` the reporting currency."""
    content = {
        # Without defaults, so that an entry keeps its id when a release adds an option.
        "entry": entry.model_dump(exclude=_NOT_READING, exclude_defaults=True),
        "timezone": timezone,
        "currency": currency,
        "rules": _RULES,
        "columns": [
            (
                *(column.name, column.data_type, column.required, column.accepted, column.headers),
                *(column.is_id, column.empty_words),
            )
            for column in extract.columns
        ],
        # The text has the names of the dataclasses in it: renaming one loads every delivery again.
        "format": repr(extract.format),
        "casts": fingerprint_casts(),
        "provenance": PROVENANCE,
    }
    return _hash(json.dumps(content, sort_keys=True))


def identify_delivery(entry_id: str, sha256: str) -> str:
    """The same content, read by the same entry, is the same delivery, whatever the file's name."""
    return _hash(f"{entry_id} {sha256}")


def order_delivery(file: str, mtime_ns: int) -> str:
    """A text that sorts deliveries: date in the file's name (else modification time), modification time, path; in UTC.

    Raises FileRefused for a modification time outside the calendar.
    """
    try:
        moment = datetime.fromtimestamp(mtime_ns // 10**9, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise FileRefused("has a modification time outside the calendar", "Correct it: touch the file") from error
    modified = f"{moment:%Y-%m-%dT%H:%M:%S}.{mtime_ns % 10**9:09d}Z"
    named = find_date(PurePosixPath(file).name)
    day = f"{named:%Y-%m-%dT%H:%M:%S}.000000000Z" if named else modified
    return f"{day} {modified} {file}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
