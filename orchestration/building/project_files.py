"""The files that dbt's project is made of."""

from pathlib import Path

FOLDERS = ("models", "macros", "seeds", "tests", "methods", "plugins")


def list_files(project: Path) -> list[Path]:
    """All that decides what dbt builds, sorted."""
    found = [file for folder in FOLDERS for file in (project / folder).rglob("*") if file.is_file()]
    return sorted([*project.glob("*.yml"), *(file for file in found if "__pycache__" not in file.parts)])


def find_newest(project: Path) -> int:
    """When one of them was changed last, in nanoseconds."""
    return max(file.stat().st_mtime_ns for file in list_files(project))
