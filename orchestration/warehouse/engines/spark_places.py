"""What this machine and Spark's workers share: a folder of `storage`, raw that is copied to it, files of tables."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from orchestration.programme.folder import ProgrammeFolder


def name_folder(folder: ProgrammeFolder) -> str:
    """A programme's folder within a storage that several may use."""
    path = folder.path.absolute()
    return f"{path.name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"


def share_folder(storage: str) -> Path | None:
    """Its path, if it is a folder of a file system and no URL of another storage."""
    parsed = urlparse(storage)
    if parsed.scheme == "file":
        return Path(unquote(parsed.path))
    return None if "://" in storage else Path(storage).absolute()


def copy_raw(raw: Path, to: Path) -> None:
    """Every file, as a link where both are of one file system."""
    remove_raw(to)
    for file in sorted(raw.rglob("*")):
        if file.is_file():
            copied = to / file.relative_to(raw)
            copied.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, copied)
            except OSError:
                shutil.copy2(file, copied)


def remove_raw(copied: Path) -> None:
    if copied.exists():
        shutil.rmtree(copied)


def list_files(table: Any, storage: Path) -> list[Path]:
    """A table's Parquet files as Spark names them, if all are on this machine, in the storage; else none: then the
    table passes through the driver."""
    if not storage.is_dir():
        return []
    urls = [urlparse(url) for url in table.inputFiles()]
    files = sorted(Path(unquote(url.path)) for url in urls if url.scheme == "file")
    is_here = len(files) == len(urls) and all(file.is_relative_to(storage) and file.is_file() for file in files)
    return files if is_here else []
