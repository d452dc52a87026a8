"""The reader of each kind of file, by the end of its name."""

from collections.abc import Callable
from pathlib import Path

from orchestration.landing.readers.csv_file import open_csv
from orchestration.landing.readers.json_file import open_json, open_json_lines
from orchestration.landing.readers.parquet_file import open_parquet
from orchestration.landing.readers.records import Records
from orchestration.landing.readers.xlsx_file import open_xlsx
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry

_READERS: dict[str, Callable[[Path, Entry, Path], Records]] = {
    ".csv": open_csv,
    ".csv.gz": open_csv,
    ".tsv": open_csv,
    ".tsv.gz": open_csv,
    ".json": open_json,
    ".json.gz": open_json,
    ".jsonl": open_json_lines,
    ".jsonl.gz": open_json_lines,
    ".ndjson": open_json_lines,
    ".ndjson.gz": open_json_lines,
    ".parquet": open_parquet,
    ".xlsx": open_xlsx,
    ".xls": open_xlsx,
}


def open_records(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open a delivered file. Raises FileRefused for a kind without a reader."""
    name = path.name.lower()
    for suffix, reader in _READERS.items():
        if name.endswith(suffix):
            return reader(path, entry, workspace)
    raise FileRefused("is not of a kind that can be read", f"Export it as one of {', '.join(_READERS)}")
