"""Checks on what landing loaded: files without a readable row, and keys that are none."""

from pathlib import Path

import pytest
from dagster import AssetCheckResult, AssetCheckSeverity, AssetKey

from orchestration.cli.summary import EFFECTS, format_effect
from orchestration.defs.assets.raw import describe_deliveries
from orchestration.defs.checks.deliveries import check_deliveries
from orchestration.landing.ledger import Ledger
from orchestration.landing.load import Landing, land
from orchestration.programme import read_programme
from orchestration.runtime.connections import connect

COSTS = "extracts:\n  - {files: landing/costs*, feeds: costs, columns: {cost_id: influencer, paid_on: date}%s}\n"
HEADER = "influencer,date,amount\n"
RAW = AssetKey(["raw", "costs"])


class Programme:
    def __init__(self, path: Path):
        self.path = path
        (path / "landing").mkdir(parents=True)
        (path / "plan.yml").write_text("{programme: Tiny, currency: EUR, timezone: Europe/Brussels}\n")

    def land(self, costs: str, option: str = "") -> Landing:
        (self.path / "extracts.yml").write_text(COSTS % option)
        (self.path / "landing" / "costs.csv").write_text(HEADER + costs)
        return land(read_programme(self.path))

    def check(self, landing: Landing) -> AssetCheckResult:
        programme = read_programme(self.path)
        with Ledger(programme.folder.ledger_file) as ledger:
            held, effects = list(ledger.read_deliveries().values()), ledger.read_effects()
        quarantined = {one.file: one.rows_quarantined for one in landing.deliveries if one.rows_quarantined}
        return check_deliveries(
            *(RAW, programme.tables["costs"], landing.refusals, quarantined, held, effects),
            *(landing.deliveries, landing.quarantined_examples),
        )

    def summarise(self) -> list[str]:
        with connect(self.path / "warehouse") as connection:
            file = str(self.path / "warehouse/raw/ledger/deliveries.parquet")
            return [format_effect(*row) for row in connection.execute(EFFECTS, {"deliveries": file}).fetchall()]


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    return Programme(tmp_path / "programme")


def test_a_file_that_loses_a_fifth_of_its_rows_stops_the_run(programme):
    landing = programme.land("42,2026-03-01,100\n42,2026-03-02,150\n")
    result = programme.check(landing)
    assert (result.passed, result.severity) == (False, AssetCheckSeverity.ERROR)
    for part in ("landing/costs.csv: 1 of its 2 rows", "ids: {cost_id: row}", "duplicates: last", "lines 2 and 3"):
        assert part in result.description


def test_a_file_that_loses_fewer_rows_is_warned_of(programme):
    landing = programme.land(
        "42,2026-03-01,100\n42,2026-03-02,150\n" + "".join(f"{n},2026-03-01,1\n" for n in range(9))
    )
    result = programme.check(landing)
    assert (result.passed, result.severity) == (False, AssetCheckSeverity.WARN)
    assert "landing/costs.csv: 1 of its 11 rows" in result.description
    assert programme.summarise() == ["costs: 1 row replaced by a later one of its file"]


def test_a_key_that_is_none_stops_every_run_until_its_entry_says_what_is_meant(programme):
    rows = "42,2026-03-01,100\n42,2026-03-02,150\n"
    programme.land(rows)
    again = programme.land(rows)
    assert again.unchanged == 1
    assert programme.check(again).severity == AssetCheckSeverity.ERROR
    assert programme.check(programme.land(rows, ", duplicates: last")).passed
    assert programme.summarise() == []


def test_copies_of_rows_are_no_problem(programme):
    assert programme.check(programme.land("42,2026-03-01,100\n42,2026-03-01,100\n")).passed
    assert programme.summarise() == ["costs: 1 copy of a row of its file"]


def test_a_file_of_which_no_row_could_be_read_stops_the_run(programme):
    landing = programme.land("42,2026-03-01,many\n" * 5)
    result = programme.check(landing)
    assert (result.passed, result.severity) == (False, AssetCheckSeverity.ERROR)
    assert "landing/costs.csv: none of its 5 rows could be read: amount is not a money amount" in result.description
    assert "allow_empty: true" in result.description


def test_counts_are_metadata_of_the_delivery(programme):
    landing = programme.land("42,2026-03-01,100\n42,2026-03-02,150\nTotal,,250\n", ", drop: {influencer: [Total]}")
    with Ledger(read_programme(programme.path).folder.ledger_file) as ledger:
        metadata = describe_deliveries(landing.deliveries, landing.deliveries, ledger.read_effects())
    assert (metadata["new_rows_dropped"], metadata["new_rows_replaced"]) == (1, 1)
    assert [record.data for record in metadata["by_rule"].records] == [
        {"file": "landing/costs.csv", "what": "dropped", "rule": "drop: influencer", "rows or values": 1},
        {"file": "landing/costs.csv", "what": "replaced", "rule": "", "rows or values": 1},
    ]
    assert programme.summarise() == [
        "costs: 1 row dropped (drop: influencer)",
        "costs: 1 row replaced by a later one of its file",
    ]
