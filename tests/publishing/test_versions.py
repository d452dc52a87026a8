"""The versions that are kept: their names, their order, and their removal."""

from datetime import UTC, datetime
from pathlib import Path

from orchestration.publishing.version_folders import list_versions, name_version, order_versions, remove_versions


def make_versions(versions: Path, *names: str) -> None:
    for name in names:
        (versions / name).mkdir(parents=True)


def test_a_clock_that_was_set_back_does_not_change_which_version_is_the_newest(tmp_path: Path):
    """Eight versions, the last made a year too early: by its name it would be the first to go."""
    names = [f"2027-01-0{day}T030000Z" for day in range(1, 8)]
    make_versions(tmp_path, *names, "2026-01-08T030000Z", ".unfinished")
    (tmp_path / ".DS_Store").write_text("x")
    order = order_versions(tmp_path, {"versions": [*names, "2026-01-08T030000Z"]})
    assert order == [*names, "2026-01-08T030000Z"]
    assert set(list_versions(tmp_path)) == set(order)


def test_versions_that_latest_json_does_not_name_are_the_oldest_and_in_order_of_name(tmp_path: Path):
    make_versions(tmp_path, "b", "a", "c")
    assert order_versions(tmp_path, {"versions": ["c", "gone"]}) == ["a", "b", "c"]
    assert order_versions(tmp_path, {}) == ["a", "b", "c"]


def test_two_versions_of_one_second_have_two_names_also_when_the_first_is_gone(tmp_path: Path):
    moment = datetime(2026, 5, 1, 3, tzinfo=UTC)
    make_versions(tmp_path, "2026-05-01T030000Z-001")
    first = name_version(moment, tmp_path)
    make_versions(tmp_path, first)
    assert (first, name_version(moment, tmp_path)) == ("2026-05-01T030000Z-002", "2026-05-01T030000Z-003")


def test_removed_versions_are_gone_and_the_others_stay(tmp_path: Path):
    make_versions(tmp_path, "a", "b", "c")
    (tmp_path / "b" / "marts.duckdb").write_text("x")
    remove_versions(tmp_path, ["a", "b"])
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
