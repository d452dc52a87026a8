"""The published version that targets get, read from published/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest
from orchestration.publishing.files import DATABASE
from orchestration.warehouse.mart_files import read_mart_files


class TargetFailed(Exception):
    """A target has not got the version and still has the one before; the message says why and what to do. It has no
    secret and no personal data in it."""


@dataclass(frozen=True)
class PublishedVersion:
    """The newest version: its folder, the content of latest.json, and the URLs of the engine's own files of each mart,
    if it wrote any."""

    folder: Path
    latest: Mapping[str, Any]
    engine_files: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.latest["version"]

    @property
    def programme(self) -> str:
        return self.latest["programme"]

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows by mart, in the order in which marts are published."""
        return self.latest["rows"]

    def find_key(self, mart: str) -> list[str]:
        """The columns of which no two rows of a mart have the same values; empty if it has no key."""
        return list(self.latest.get("keys", {}).get(mart, ()))

    def find_not_null(self, mart: str) -> list[str]:
        return list(self.latest.get("not_null", {}).get(mart, ()))


def read_published_version(folder: ProgrammeFolder) -> PublishedVersion | None:
    """The newest version, None if nothing was published yet."""
    latest = read_latest(folder)
    name = latest.get("version")
    if not isinstance(name, str) or not (folder.versions / name / DATABASE).is_file():
        return None
    return PublishedVersion(folder.versions / name, latest, read_mart_files(folder, name))
