"""The sensor on landing starts one run for the files that have landed, once they have stopped growing."""

import os
from pathlib import Path

import pytest
from dagster import DefaultSensorStatus, SensorDefinition, SensorResult, build_sensor_context

from orchestration.defs.sensors.landing import build_landing_sensor
from orchestration.programme.folder import ProgrammeFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    return ProgrammeFolder(tmp_path / "Jo's programme [1]")


@pytest.fixture
def landing(folder: ProgrammeFolder) -> Path:
    return folder.landing


class Watch:
    """Looks again and again, as the daemon does, with the cursor of the look before."""

    def __init__(self, sensor: SensorDefinition):
        self.sensor = sensor
        self.cursor: str | None = None

    def look(self) -> SensorResult:
        result = self.sensor(build_sensor_context(cursor=self.cursor))
        self.cursor = self.cursor if result.cursor is None else result.cursor
        return result

    def skips(self) -> str:
        result = self.look()
        assert not result.run_requests
        return result.skip_reason.skip_message

    def starts(self) -> tuple[str, str]:
        """Run key and the files that it is for."""
        [request] = self.look().run_requests
        return request.run_key, request.tags["landed"]


@pytest.fixture
def watch(folder: ProgrammeFolder) -> Watch:
    return Watch(build_landing_sensor(folder))


def write(file: Path, text: str = "order_id\n1\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_it_is_off_until_somebody_switches_it_on(folder: ProgrammeFolder):
    assert build_landing_sensor(folder).default_status == DefaultSensorStatus.STOPPED


def test_a_programme_without_landing_is_no_error(landing: Path, watch: Watch):
    assert watch.skips() == f"there is no folder {landing}"
    landing.mkdir(parents=True)
    assert "nothing new among the 0 files" in watch.skips()


def test_a_file_that_has_landed_starts_one_run(landing: Path, watch: Watch):
    write(landing / "shop" / "eu" / "orders.csv")
    assert "new or still being written: landing/shop/eu/orders.csv" in watch.skips()
    key, files = watch.starts()
    assert files == "landing/shop/eu/orders.csv"
    assert "nothing new among the 1 files" in watch.skips()

    write(landing / "refunds.csv")
    watch.skips()
    other, files = watch.starts()
    assert files == "landing/refunds.csv"
    assert other != key


def test_a_file_that_still_grows_is_waited_for(landing: Path, watch: Watch):
    file = write(landing / "orders.csv")
    watch.skips()
    with file.open("a") as growing:
        growing.write("2\n")
    assert "still being written: landing/orders.csv" in watch.skips()
    watch.starts()


def test_the_others_wait_for_a_file_that_grows(landing: Path, watch: Watch):
    file = write(landing / "orders.csv")
    write(landing / "codes.csv")
    watch.skips()
    file.write_text("order_id\n1\n2\n")
    assert watch.skips() == "new or still being written: landing/orders.csv; checked again at the next tick"
    assert watch.starts()[1] == "landing/codes.csv, landing/orders.csv"


def test_a_corrected_file_of_the_same_size_starts_a_run(landing: Path, watch: Watch):
    file = write(landing / "orders.csv")
    watch.skips()
    watch.starts()
    file.write_text("order_id\n2\n")
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))
    watch.skips()
    watch.starts()


def test_a_removed_file_starts_no_run(landing: Path, watch: Watch):
    file, kept = write(landing / "orders.csv"), write(landing / "codes.csv")
    watch.skips()
    watch.starts()
    file.unlink()
    assert "nothing new among the 1 files" in watch.skips()
    kept.unlink()
    landing.rmdir()
    assert "there is no folder" in watch.skips()


def test_a_file_that_is_put_back_unchanged_gets_the_run_key_of_its_first_run(landing: Path, watch: Watch):
    """Dagster starts one run a key, so the second request starts none."""
    file = write(landing / "orders.csv")
    written = file.stat().st_mtime_ns
    watch.skips()
    first = watch.starts()
    file.unlink()
    watch.skips()
    os.utime(write(file), ns=(written, written))
    watch.skips()
    assert watch.starts() == first


def test_hidden_files_and_those_of_open_programs_are_no_delivery(landing: Path, watch: Watch):
    write(landing / ".orders.csv.part")
    write(landing / "~$costs.xlsx")
    assert "nothing new among the 0 files" in watch.skips()


def test_of_many_files_a_few_are_named(landing: Path, watch: Watch):
    for number in range(5):
        write(landing / f"orders_{number}.csv")
    watch.skips()
    assert watch.starts()[1].endswith("orders_2.csv and 2 more")
