"""Migration of folders and settings of earlier releases, which called a published version a night.

`published/nights/` becomes `published/versions/`, latest.json names versions, and `keep_nights` of plan.yml becomes
`keep_versions` of settings.yml. Only a run that holds the programme's lock may call this.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from orchestration.programme.atomic import replace_whole
from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest

KEEP_NIGHTS = re.compile(r"^keep_nights[ \t]*:[ \t]*(?P<value>[^#\r\n]*?)[ \t]*(?:#.*)?(?:\r?\n|\Z)", re.MULTILINE)
RENAMED = {"night": "version", "nights": "versions", "keeps_nights": "keep_versions"}


def migrate(folder: ProgrammeFolder) -> list[str]:
    """Apply all migrations that are needed; returns a message for each. Raises OSError if a file cannot be written."""
    return [*migrate_published(folder), *migrate_settings(folder)]


def needs_migration(folder: ProgrammeFolder) -> bool:
    if (folder.published / "nights").is_dir() or "night" in read_latest(folder):
        return True
    return folder.plan_file.is_file() and KEEP_NIGHTS.search(read_plan(folder)) is not None


def migrate_published(folder: ProgrammeFolder) -> Iterator[str]:
    nights = folder.published / "nights"
    if nights.is_dir() and not folder.versions.exists():
        nights.rename(folder.versions)
        yield "published/nights/ is now called published/versions/"
    latest = read_latest(folder)
    if "night" in latest:
        renamed = {RENAMED.get(name, name): rename_paths(value) for name, value in latest.items()}
        with replace_whole(folder.published / "latest.json") as temporary:
            temporary.write_text(json.dumps(renamed, indent=1) + "\n", encoding="utf-8")
        yield "latest.json: `night` and `nights` are now called `version` and `versions`"


def rename_paths(value: Any) -> Any:
    """`nights/<version>/marts.duckdb` as `versions/<version>/marts.duckdb`."""
    return re.sub("^nights/", "versions/", value) if isinstance(value, str) else value


def migrate_settings(folder: ProgrammeFolder) -> Iterator[str]:
    if not folder.plan_file.is_file():
        return
    text = read_plan(folder)
    found = KEEP_NIGHTS.search(text)
    if found is None:
        return
    if "keep_versions" not in (read_settings(folder) or {}):
        settings = folder.settings_file.read_text(encoding="utf-8") if folder.settings_file.exists() else ""
        separator = "" if not settings or settings.endswith("\n") else "\n"
        with replace_whole(folder.settings_file) as temporary:
            temporary.write_text(f"{settings}{separator}keep_versions: {found['value']}\n", encoding="utf-8")
    with replace_whole(folder.plan_file) as temporary:
        without = text[: found.start()] + text[found.end() :]
        temporary.write_bytes(without.encode("utf-8", "surrogateescape"))
    yield "plan.yml: `keep_nights` is now `keep_versions` in settings.yml; the line was moved"


def read_plan(folder: ProgrammeFolder) -> str:
    """The plan's text. Bytes that are not UTF-8 are kept; they are reported where the plan is validated."""
    return folder.plan_file.read_bytes().decode("utf-8", "surrogateescape")


def read_settings(folder: ProgrammeFolder) -> Any:
    return read_document(folder.settings_file).data if folder.settings_file.exists() else None
