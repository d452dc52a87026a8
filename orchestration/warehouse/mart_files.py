"""The engine's own Parquet files of the marts, where a target of settings.yml publishes these (`parquet: engine`).

The engine writes them after dbt's tests, publishing notes the version that it made of the same tables. Their names are
unique, so that a file is either the one of this version or gone.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder


def write_mart_files(folder: ProgrammeFolder, files: Mapping[str, Sequence[str]]) -> None:
    """By mart, the URLs of its files; of no version yet."""
    _write(folder, {"version": None, "files": files})


def note_version(folder: ProgrammeFolder, version: str) -> None:
    """The tables that the files were made of are published as `version`."""
    if _file(folder).exists():
        _write(folder, {**json.loads(_file(folder).read_text(encoding="utf-8")), "version": version})


def remove_mart_files(folder: ProgrammeFolder) -> None:
    """To be called before anything is built."""
    _file(folder).unlink(missing_ok=True)


def read_mart_files(folder: ProgrammeFolder, version: str) -> dict[str, list[str]]:
    """By mart, the URLs of the files of a version; empty if there are none of it."""
    try:
        noted = json.loads(_file(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return dict(noted["files"]) if noted["version"] == version else {}


def _write(folder: ProgrammeFolder, content: Mapping[str, object]) -> None:
    with replace_whole(_file(folder)) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _file(folder: ProgrammeFolder) -> Path:
    return folder.warehouse / "mart_files.json"
