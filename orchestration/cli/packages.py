"""Prints the dependency groups of pyproject.toml that programmes need (`--group postgresql --group s3`), for make to
install before a run: a programme that publishes to nothing but published/ needs none.

For PROGRAMME, or for each programme in PROGRAMMES.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.settings import TARGETS, check_settings
from orchestration.runtime.environment import find_folder


def list_groups(folder: ProgrammeFolder) -> Iterable[str]:
    """None where settings.yml has mistakes, which the run reports."""
    if folder.settings_file.is_file():
        settings, _ = check_settings(read_document(folder.settings_file))
        for target in settings.publish:
            if (system := settings.connections[target.to].system) in TARGETS:
                yield system
        if settings.history:
            yield "dagster-postgres"


def main() -> None:
    several = os.environ.get("PROGRAMMES")
    plans = Path(several).expanduser().glob("[!.]*/plan.yml") if several else ()
    folders = [ProgrammeFolder(plan.parent.absolute()) for plan in plans] or [find_folder()]
    groups = {group for folder in folders for group in list_groups(folder)}
    print(" ".join(f"--group {group}" for group in sorted(groups)))


if __name__ == "__main__":
    main()
