"""Files of the engine belong to the version that was published from the same tables."""

from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.mart_files import note_version, read_mart_files, remove_mart_files, write_mart_files

FILES = {"results.orders": ["file:///storage/part-0.parquet"]}


def test_files_are_those_of_the_version_that_was_published_after_them(tmp_path: Path):
    folder = ProgrammeFolder(tmp_path)
    folder.warehouse.mkdir()
    note_version(folder, "1")
    assert read_mart_files(folder, "1") == {}
    write_mart_files(folder, FILES)
    assert read_mart_files(folder, "1") == {}
    note_version(folder, "2")
    assert read_mart_files(folder, "2") == FILES
    assert read_mart_files(folder, "1") == {}
    remove_mart_files(folder)
    assert read_mart_files(folder, "2") == {}
