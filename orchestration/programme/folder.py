"""The paths of a programme folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProgrammeFolder:
    """Paths of one programme. Nothing here touches the disk; a path can contain blanks and quotes."""

    path: Path

    @property
    def plan_file(self) -> Path:
        return self.path / "plan.yml"

    @property
    def extracts_file(self) -> Path:
        return self.path / "extracts.yml"

    @property
    def settings_file(self) -> Path:
        return self.path / "settings.yml"

    @property
    def landing(self) -> Path:
        """Files as they were exported; read only."""
        return self.path / "landing"

    @property
    def warehouse(self) -> Path:
        """Derived from landing; can be deleted at any time."""
        return self.path / "warehouse"

    @property
    def raw(self) -> Path:
        """Parquet files that dbt reads, one folder per extract."""
        return self.warehouse / "raw"

    @property
    def ledger_file(self) -> Path:
        return self.warehouse / "ledger.sqlite"

    @property
    def quarantine(self) -> Path:
        """Values that could not be read, as CSV files for people."""
        return self.path / "quarantine"

    @property
    def published(self) -> Path:
        return self.path / "published"

    @property
    def published_marts(self) -> Path:
        """The newest version's marts, which readers open."""
        return self.published / "marts.duckdb"

    @property
    def planned_experiments_file(self) -> Path:
        """What make plan-experiment was asked for and has simulated."""
        return self.published / "planned_experiments.json"

    @property
    def versions(self) -> Path:
        """The last versions, one folder each."""
        return self.published / "versions"

    @property
    def docs(self) -> Path:
        """Pages that document the tables of the newest version."""
        return self.published / "docs"

    @property
    def forgotten_file(self) -> Path:
        """Erased people, as keyed hashes; kept when the warehouse is deleted, like the key."""
        return self.path / "forgotten.csv"

    @property
    def pseudonym_key_file(self) -> Path:
        return self.path / ".pseudonym_key"
