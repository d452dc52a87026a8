"""The files that a programme starts with."""

import shlex

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import TEMPLATES


class AlreadyThere(Exception):
    """Nothing was written; the message says what stands in the way, and what to do."""


def lay_out(folder: ProgrammeFolder) -> list[str]:
    """Write plan.yml, extracts.yml, landing/ and .gitignore; gives what was written.

    A landing/ or .gitignore that is there stays as it is. Raises AlreadyThere if the folder has a plan or extracts, or
    is none, OSError if it cannot be written.
    """
    if folder.path.exists() and not folder.path.is_dir():
        raise AlreadyThere(f"{folder.path} is no folder. Name another one")
    there = [file.name for file in (folder.plan_file, folder.extracts_file) if file.exists() or file.is_symlink()]
    if there:
        raise AlreadyThere(
            f"{folder.path} has {' and '.join(there)} already, and nothing was written over."
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
