"""Files that match a pattern of extracts.yml.

Links to folders are not followed, because they can lead out of landing or in circles; links to files are followed if
their target is inside.
"""

import os
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from orchestration.landing.refusals import FileRefused
from orchestration.programme.folder import ProgrammeFolder


@dataclass(frozen=True)
class Listing:
    """Paths relative to the programme's folder, with `/`, sorted: `files` that match, and `closed` folders that could
    not be searched, each with the reason."""

    files: tuple[str, ...]
    closed: dict[str, FileRefused]


def list_matching_files(folder: ProgrammeFolder, pattern: str) -> Listing:
    """Files that match a pattern, with `**` for any folders; hidden files and spreadsheets' lock files are ignored."""
    files: set[str] = set()
    closed: dict[str, FileRefused] = {}
    for path, refused in _walk(folder.path, "", posixpath.normpath(pattern).split("/")):
        if refused is not None:
            closed[path] = refused
        # The lock file of a spreadsheet that is open in an office program.
        elif not posixpath.basename(path).startswith("~$"):
            files.add(path)
    return Listing(tuple(sorted(files)), closed)


def check_place(folder: ProgrammeFolder, file: str) -> None:
    """Raises FileRefused for a link that leads out of its top folder, and for a name that logs or DuckDB cannot show
    or read."""
    # DuckDB reads a backslash in a pattern as an escape.
    if not file.isprintable() or "\\" in file:
        raise FileRefused("has a name with characters that cannot be read or shown", "Rename the file")
    top = folder.path / file.split("/")[0]
    path = folder.path / file
    if path.is_symlink() and not path.resolve().is_relative_to(top.resolve()):
        raise FileRefused(f"is a link that leads out of {top.name}/", "Put the file itself there")


def show_name(file: str) -> str:
    """A file's name with unprintable characters escaped: a line end could fake another log message."""
    return file if file.isprintable() else file.encode("unicode_escape", "surrogateescape").decode("ascii", "replace")


def _walk(root: Path, at: str, parts: Sequence[str]) -> Iterator[tuple[str, FileRefused | None]]:
    """Files below `at` that match, and folders that cannot be searched, each with the reason."""
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _walk(root, at, rest or ["*"])
    try:
        with os.scandir(root / at) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield at, FileRefused(f"cannot be read: {error.strerror}", "Check the permissions of the folder")
        return
    for entry in found:
        path = posixpath.join(at, entry.name)
        matches = fnmatchcase(entry.name, part if part != "**" else "*") and (
            part.startswith(".") or not entry.name.startswith(".")
        )
        if not matches:
            continue
        goes_on = rest or part == "**"
        if goes_on and entry.is_dir():
            if entry.is_symlink() and at:
                yield path, FileRefused("is a link to a folder, which is not followed", "Put the folder itself there")
            else:
                yield from _walk(root, path, parts if part == "**" else rest)
        # A broken link is listed, so that it is reported and not taken for a missing file.
        elif not rest and part != "**" and (entry.is_file() or (entry.is_symlink() and not entry.is_dir())):
            yield path, None
