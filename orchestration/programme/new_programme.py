"""The files that a new programme starts with."""

import shlex

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import TEMPLATES


class CannotCreateProgramme(Exception):
    """Nothing was written; the message gives the reason and what to do."""


def create_programme(folder: ProgrammeFolder) -> list[str]:
    """Write plan.yml, extracts.yml, landing/ and .gitignore; returns the names of what was written.

    An existing landing/ or .gitignore is kept. Raises CannotCreateProgramme if there is a plan.yml or extracts.yml or
    the path is a file, OSError if the folder cannot be written.
    """
    if folder.path.exists() and not folder.path.is_dir():
        raise CannotCreateProgramme(f"{folder.path} is not a folder. Name another one")
    present = [file.name for file in (folder.plan_file, folder.extracts_file) if file.exists() or file.is_symlink()]
    if present:
        raise CannotCreateProgramme(
            f"{folder.path} has {' and '.join(present)} already, and nothing was overwritten."
            f" To run it: make nightly PROGRAMME={shlex.quote(str(folder.path))}"
        )
    folder.path.mkdir(parents=True, exist_ok=True)
    written = []
    for source, target in (
        ("plan.yml", folder.plan_file),
        ("extracts.yml", folder.extracts_file),
        ("gitignore", folder.path / ".gitignore"),
    ):
        if not target.exists():
            with target.open("x", encoding="utf-8") as opened:
                opened.write((TEMPLATES / source).read_text(encoding="utf-8"))
            written.append(target.name)
    if not folder.landing.exists():
        folder.landing.mkdir()
        written.append("landing/")
    return written
