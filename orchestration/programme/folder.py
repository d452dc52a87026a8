"""Where things are in a programme folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProgrammeFolder:
    """Paths of one programme; nothing here touches the disk, and a path may hold blanks and quotes."""

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
        """Files as they were exported; only ever read."""
        return self.path / "landing"

    @property
    def warehouse(self) -> Path:
        """Derived from landing; may be deleted at any time."""
        return self.path / "warehouse"

    @property
    def raw(self) -> Path:
        """Parquet that dbt reads, one folder an extract."""
        return self.warehouse / "raw"

    @property
    def ledger_file(self) -> Path:
        return self.warehouse / "ledger.sqlite"

    @property
    def quarantine(self) -> Path:
        """What could not be read, as CSV files for people."""
        return self.path / "quarantine"

    @property
    def published(self) -> Path:
        return self.path / "published"

    @property
    def published_marts(self) -> Path:
        """The newest version's marts, as readers open them."""
        return self.published / "marts.duckdb"

    @property
    def versions(self) -> Path:
        """The last versions, a folder each."""
        return self.published / "versions"

    @property
    def docs(self) -> Path:
        """Pages about the tables of the newest version."""
        return self.published / "docs"

    @property
    def forgotten_file(self) -> Path:
        """People to erase; like the key it outlives the warehouse."""
        return self.path / "forgotten.csv"

    @property
    def pseudonym_key_file(self) -> Path:
        return self.path / ".pseudonym_key"
