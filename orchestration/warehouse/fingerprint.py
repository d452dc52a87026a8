"""Decides what a run has to build: nothing, what changed since the last run, or everything.

One file, warehouse/fingerprint.json, describes the last run that passed every check and published: its inputs, and the
size and times of the files that it wrote. It is removed before dbt starts and written after publishing. If a run is
killed at any moment in between, there is no fingerprint, and the next run builds everything.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.programme.atomic import replace_whole
from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import REPOSITORY
from orchestration.programme.settings import check_settings
from orchestration.programme.sql import quote_path
from orchestration.runtime.connections import connect
from orchestration.runtime.file_state import describe_state
from orchestration.warehouse.database import warehouse_file

# Code that determines what is built and how it is published.
CODE = ("orchestration", "expectations", "dbt_project")
GENERATED = {"target", "logs", "__pycache__"}
TODAY = "today.parquet"
# If one of these differs, the tables of the last run are of no use: dbt builds everything, in an empty file. What else
# may differ (deliveries, the day) changes some months.
FULL_REFRESH = {
    "engine": "another engine",
    "project": "another version of the project",
    "raw": "the programme was moved",
    "key": "another pseudonym key",
    "plan": "plan.yml changed",
}


@dataclass(frozen=True)
class Build:
    """What has to be built. `full_refresh` is why the last run's tables cannot be built upon, None if they can."""

    is_needed: bool
    full_refresh: str | None = None


def decide_build(folder: ProgrammeFolder) -> Build:
    """Compares this run's inputs, and the files of the last run, with the fingerprint: deliveries, plan, settings,
    project, key, engine and day. Call it after raw, plan and ledger are written."""
    try:
        last = json.loads(fingerprint_file(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Build(True, "there is no finished run to build upon")  # or the file is damaged
    now = describe_run(folder)
    return Build(last != now, find_reason(last, now, name_file(warehouse_file(folder), folder)))


def find_reason(last: Any, now: Mapping[str, Any], warehouse: str) -> str | None:
    """Why the tables of the last run cannot be built upon, None if they can; `warehouse` is the name of their file."""
    if not isinstance(last, dict) or last.keys() != now.keys() or not isinstance(last["files"], dict):
        return "the last run was of another release"
    before, found = (files.get(warehouse) for files in (last["files"], now["files"]))
    if before is None or before != found:
        return "the warehouse is not as the last run left it"
    return next((reason for key, reason in FULL_REFRESH.items() if last[key] != now[key]), None)


def is_unchanged(folder: ProgrammeFolder) -> bool:
    """Whether the last run had the same inputs and nobody has changed the files that it wrote."""
    return not decide_build(folder).is_needed


def write_fingerprint(folder: ProgrammeFolder) -> None:
    """To be called when every check passed and the version is published."""
    with replace_whole(fingerprint_file(folder)) as temporary:
        temporary.write_text(json.dumps(describe_run(folder), indent=1) + "\n", encoding="utf-8")


def remove_fingerprint(folder: ProgrammeFolder) -> None:
    """To be called before anything is built."""
    fingerprint_file(folder).unlink(missing_ok=True)


def fingerprint_file(folder: ProgrammeFolder) -> Path:
    return folder.warehouse / "fingerprint.json"


def describe_run(folder: ProgrammeFolder) -> dict[str, str | dict[str, str]]:
    plan = folder.raw / "plan"
    return {
        "engine": read_engine(folder),
        "project": digest(read_project()),
        # Views on raw contain its path, so a moved programme is built again.
        "raw": os.fspath(folder.raw),
        "key": digest([read_key(folder)]),
        "plan": digest(file.read_bytes() for file in sorted(plan.glob("*.parquet")) if file.name != TODAY),
        "today": digest(file.read_bytes() for file in [plan / TODAY] if file.exists()),
        "settings": digest(file.read_bytes() for file in [folder.settings_file] if file.exists()),
        "deliveries": digest(read_deliveries(folder)),
        "files": {name_file(file, folder): describe_state(file) for file in list_files(folder)},
    }


def read_engine(folder: ProgrammeFolder) -> str:
    document = read_document(folder.settings_file) if folder.settings_file.exists() else None
    return str(check_settings(document)[0].engine)


def read_project() -> Iterator[bytes]:
    """The lock file and the code, each file preceded by its path, because dbt configures models by folder."""
    yield (REPOSITORY / "uv.lock").read_bytes()
    for name in CODE:
        for file in walk_files(REPOSITORY / name):
            yield os.fsencode(file.relative_to(REPOSITORY))
            yield file.read_bytes()


def walk_files(folder: Path) -> Iterator[Path]:
    """Every file that was not generated, in a fixed order."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - GENERATED)
        yield from sorted(Path(place, file) for file in files if not file.startswith("."))


def read_key(folder: ProgrammeFolder) -> bytes:
    return os.environ.get("PSEUDONYM_KEY", "").encode() or folder.pseudonym_key_file.read_bytes()


def read_deliveries(folder: ProgrammeFolder) -> list[str]:
    """The rows of the ledger as text."""
    file = quote_path(folder.raw / "ledger" / "deliveries.parquet")
    with connect(folder.raw) as connection:
        rows = connection.execute(f"select to_json(ledger)::varchar from read_parquet({file}) as ledger order by all")
        return [row for (row,) in rows.fetchall()]


def list_files(folder: ProgrammeFolder) -> Iterator[Path]:
    """The warehouse and everything published."""
    if warehouse_file(folder).exists():
        yield warehouse_file(folder)
    yield from sorted(file for file in folder.published.rglob("*") if file.is_file())


def name_file(file: Path, folder: ProgrammeFolder) -> str:
    return os.fspath(file.relative_to(folder.path))


def digest(parts: Iterable[str | bytes]) -> str:
    """SHA-256 of the parts, each preceded by its length."""
    found = hashlib.sha256()
    for part in parts:
        text = part.encode() if isinstance(part, str) else part
        found.update(f"{len(text)}:".encode())
        found.update(text)
    return found.hexdigest()
