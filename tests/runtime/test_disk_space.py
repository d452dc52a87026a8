"""A folder that is not writable and a full disk are found before a run starts."""

from pathlib import Path

import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.disk_space import DiskNotUsable, check_disk, describe_shortage
from tests.conftest import SAMPLE
from tests.namespace import in_a_namespace


@pytest.mark.parametrize("place", ["", "warehouse", "published", "published/versions"])
def test_a_read_only_folder_is_reported_before_anything_is_done(tmp_path: Path, place: str):
    programme = tmp_path / "programme"
    for name in ("landing", "warehouse", "published/versions"):
        (programme / name).mkdir(parents=True)
    for name in ("plan.yml", "extracts.yml"):
        (programme / name).write_text((SAMPLE / name).read_text())
    done = in_a_namespace(
        'mount --bind "$P" "$P" && mount -o remount,ro,bind "$P" && exec "$PYTHON" -m orchestration.cli.nightly',
        P=str(programme / place), PROGRAMME=str(programme),
    )  # fmt: skip
    assert done.returncode == 1
    assert str(programme / place) in done.stderr
    assert "Read-only file system" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list((programme / "published").rglob("*.*")) and not list((programme / "warehouse").iterdir())


def test_a_full_disk_is_reported_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEAST_FREE_BYTES", str(2**60))
    with pytest.raises(DiskNotUsable, match=r"only [0-9,.]+ MB of disk space are free for .*LEAST_FREE_BYTES"):
        check_disk(ProgrammeFolder(tmp_path))


def test_a_shortage_is_described_only_where_there_is_one(tmp_path: Path):
    folder = ProgrammeFolder(tmp_path)
    assert describe_shortage(folder, 1) is None
    assert str(tmp_path) in describe_shortage(folder, 2**60)
