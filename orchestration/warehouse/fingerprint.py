"""Detects that a run has nothing new to build.

One file, warehouse/fingerprint.json, describes the last run that passed every check and published: its inputs, and the
size and times of the files that it wrote. It is removed before dbt starts and written after publishing. If a run is
killed at any moment in between, there is no fingerprint, and the next run builds everything.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import REPOSITORY
from orchestration.programme.sql import quote_path
from orchestration.runtime.connections import connect
from orchestration.runtime.file_state import describe_state
from orchestration.warehouse.database import warehouse_file

# Code that determines what is built and how it is published.
CODE = ("orchestration", "expectations", "dbt_project")
GENERATED = {"target", "logs", "__pycache__"}
ENGINE = "duckdb"


def is_unchanged(folder: ProgrammeFolder) -> bool:
    """Whether the last run had the same inputs and nobody has changed the files that it wrote.

    Inputs: deliveries, plan, settings, project, key, engine and day. Call it after raw, plan and ledger are written.
    """
    try:
        last = json.loads(fingerprint_file(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # the last run did not finish, or the file is damaged
    return bool(last == describe_run(folder))


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
    return {
        "engine": ENGINE,
        "project": digest(read_project()),
        # Views on raw contain its path, so a moved programme is built again.
        "raw": os.fspath(folder.raw),
        "key": digest([read_key(folder)]),
        "plan": digest(file.read_bytes() for file in sorted((folder.raw / "plan").glob("*.parquet"))),
        "settings": digest(file.read_bytes() for file in [folder.settings_file] if file.exists()),
        "deliveries": digest(read_deliveries(folder)),
        "files": {os.fspath(file.relative_to(folder.path)): describe_state(file) for file in list_files(folder)},
    }


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


def digest(parts: Iterable[str | bytes]) -> str:
    """SHA-256 of the parts, each preceded by its length."""
    found = hashlib.sha256()
    for part in parts:
        text = part.encode() if isinstance(part, str) else part
        found.update(f"{len(text)}:".encode())
        found.update(text)
    return found.hexdigest()
