"""Backup, restore and moving to another machine: what operations.md says to keep is enough for equal marts."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.conftest import Run, run_nightly

KEPT = ("landing", "plan.yml", "extracts.yml", "settings.yml", "published", ".pseudonym_key", "forgotten.csv")


def hash_marts(programme: Path) -> dict[str, str]:
    """SHA-256 of each Parquet file of the newest version."""
    newest = max(version for version in (programme / "published" / "versions").iterdir())
    files = sorted(newest.glob("*/*.parquet"))
    return {str(file.relative_to(newest)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.slow
def test_what_is_kept_makes_equal_marts_elsewhere(tiny_run: Run, tmp_path: Path):
    elsewhere = tmp_path / "another machine" / "programme"
    elsewhere.mkdir(parents=True)
    for name in KEPT:
        source = tiny_run.programme / name
        if source.is_dir():
            shutil.copytree(source, elsewhere / name)
        elif source.exists():
            shutil.copy2(source, elsewhere / name)
    before = hash_marts(elsewhere)
    run = run_nightly(elsewhere)
    assert run.status == 0, run.screen
    assert len(run.versions) == len(tiny_run.versions) + 1
    assert hash_marts(elsewhere) == before == hash_marts(tiny_run.programme)
    assert len(before) > 30
