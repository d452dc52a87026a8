"""Objects of a store, files of an SFTP server or at an https address: each fetched once, and again when it changes.

A version of an object is in the name of its folder, so the files themselves say what is known:
landing/pulled/<connection>/<entry>/<version>/<path of the object>.
"""

import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from orchestration.landing.pulling.results import Pulled, PullFailed
from orchestration.landing.pulling.versions import VERSION, name_version
from orchestration.programme.atomic import replace_whole
from orchestration.programme.connections import FilledConnection
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.options import ROW
from orchestration.runtime.remotes import CannotConnect, list_errors, open_files

log = logging.getLogger("reach_results.pulling")

_BLOCK = 8 * 2**20
# An object that changed so recently on a server without versions may still be written to.
_SECONDS_AT_REST = 60


@dataclass(frozen=True)
class RemoteObject:
    """`path` is below the connection's URL; `version` changes whenever the content does, as far as the store says."""

    path: str
    place: str
    size: int | None
    modified: datetime | None
    version: str


def fetch_objects(folder: ProgrammeFolder, connection: FilledConnection, entry: Entry) -> Pulled:
    """Fetch the objects that match the entry's pattern and are not there yet. Raises PullFailed."""
    deadline = time.monotonic() + timedelta(minutes=entry.time_limit).total_seconds()
    fetched: list[Path] = []
    warnings: list[str] = []
    target = folder.path / entry.pulled_folder
    files, root, errors = _open(connection, entry.label)
    try:
        found = list(_list_objects(files, root, entry.files or ""))
        for one in sorted(found, key=lambda one: one.path):
            place = target / one.version / one.path
            if place.exists():
                continue
            if _is_at_work(connection, one):
                warnings.append(f"{entry.label} ← {one.path} changed less than a minute ago; the next run fetches it")
                continue
            if time.monotonic() > deadline:
                raise PullFailed(
                    f"{entry.label}: fetching took longer than its time_limit of {entry.time_limit} minutes;"
                    f" {len(fetched)} files are there, and the next run goes on"
                )
            _fetch(files, one, place)
            _remove_earlier(target, one, entry)
            fetched.append(place)
    except errors as error:
        raise _fail(connection, entry.label, error) from None
    if not found:
        warnings.append(f"{entry.label}: nothing matches {entry.files} at {connection.name}")
    return Pulled(
        files=tuple(file.relative_to(folder.path).as_posix() for file in fetched),
        bytes=sum(file.stat().st_size for file in fetched),
        warnings=tuple(warnings),
    )


def fetch_newest(connection: FilledConnection, pattern: str, folder: Path) -> Path:
    """Fetch the newest object that matches a pattern into a folder, under its own name. Raises PullFailed."""
    files, root, errors = _open(connection, pattern)
    try:
        found = list(_list_objects(files, root, pattern))
        if not found:
            raise PullFailed(f"nothing matches {pattern} at {connection.name}. make connections lists what is there")
        newest = max(found, key=lambda one: (one.modified.timestamp() if one.modified else 0, one.path))
        target = folder / PurePosixPath(newest.path).name
        _fetch(files, newest, target)
    except errors as error:
        raise _fail(connection, pattern, error) from None
    return target


def _open(connection: FilledConnection, label: str) -> tuple[Any, str, tuple[type[Exception], ...]]:
    """The files of a connection, where its URL is in them, and what they may raise. Raises PullFailed."""
    try:
        errors = list_errors(connection)
    except ImportError as error:
        message = f"{label}: {error}. make nightly installs what the connections of settings.yml need"
        raise PullFailed(message) from None
    try:
        return *open_files(connection), errors
    except CannotConnect as error:
        raise PullFailed(f"{label}: {error}") from None
    except errors as error:
        raise _fail(connection, label, error) from None


def _fail(connection: FilledConnection, label: str, error: Exception) -> PullFailed:
    said = connection.redact(" ".join(f"{type(error).__name__}: {error}".split()))
    is_permanent = isinstance(error, (FileNotFoundError, PermissionError, ValueError, KeyError))
    return PullFailed(f"{label} ← {connection.name}: {said}", not is_permanent)


def _list_objects(files: Any, root: str, pattern: str) -> Iterator[RemoteObject]:
    """Every object that matches; `**` stands for any folders. Listings are paged by the store's library."""
    parts = pattern.strip("/").split("/")
    plain = []
    for part in parts[:-1]:
        if re.search(r"[*?\[]", part):
            break
        plain.append(part)
    start = "/".join([root, *plain])
    if not re.search(r"[*?\[]", pattern):
        info = files.info(f"{root}/{pattern.strip('/')}")
        yield _describe(pattern.strip("/"), info)
        return
    deep = "**" in parts or len(parts) - len(plain) > 1
    found: Mapping[str, Any] = files.find(start, maxdepth=None if deep else 1, detail=True)
    for place, info in found.items():
        path = place.removeprefix(root.removeprefix("/") if not place.startswith("/") else root).strip("/")
        if _matches(path.split("/"), parts) and not any(part.startswith(".") for part in path.split("/")):
            yield _describe(path, info)


def _matches(path: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return _matches(path, pattern[1:] or ["*"]) or (bool(path) and _matches(path[1:], pattern))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _matches(path[1:], pattern[1:])


def _describe(path: str, info: Mapping[str, Any]) -> RemoteObject:
    if ".." in PurePosixPath(path).parts or "\\" in path or not path.isprintable():
        raise ValueError(f"the object {path!r} has a name that no file can have here")
    modified = info.get("LastModified") or info.get("last_modified") or info.get("mtime") or info.get("updated")
    if isinstance(modified, str):
        modified = datetime.fromisoformat(modified)
    if isinstance(modified, (int, float)):
        modified = datetime.fromtimestamp(modified, UTC)
    mark = info.get("VersionId") or info.get("generation") or info.get("ETag") or info.get("etag")
    # A server without versions or ETags: size and time.
    known = str(mark) if mark and mark != "null" else f"{info.get('size')} {modified}"
    zoned = modified.replace(tzinfo=UTC) if modified is not None and modified.tzinfo is None else modified
    return RemoteObject(path, str(info["name"]), info.get("size"), zoned, name_version(known))


def _is_at_work(connection: FilledConnection, one: RemoteObject) -> bool:
    if connection.scheme != "sftp" or one.modified is None:
        return False
    return abs((datetime.now(UTC) - one.modified).total_seconds()) < _SECONDS_AT_REST


def _fetch(files: Any, one: RemoteObject, target: Path) -> None:
    """Stream an object to a file that has its time of modification, by which deliveries are ordered."""
    written = 0
    with replace_whole(target) as temporary:
        with (
            files.open(one.place, "rb", block_size=_BLOCK, cache_type="readahead") as source,
            temporary.open("wb") as sink,
        ):
            while block := source.read(_BLOCK):
                sink.write(block)
                written += len(block)
        if one.size is not None and written != one.size:
            raise OSError(f"{one.path} has {one.size} bytes, but {written} arrived")
        if one.modified is not None:
            moment = one.modified.timestamp()
            os.utime(temporary, (moment, moment))


def _remove_earlier(target: Path, one: RemoteObject, entry: Entry) -> None:
    """With `ids: row`, a corrected object replaces all rows of the earlier one, so that one is removed."""
    if ROW not in entry.ids.values():
        return
    for version in target.iterdir():
        if VERSION.fullmatch(version.name) and version.name != one.version:
            (version / one.path).unlink(missing_ok=True)
