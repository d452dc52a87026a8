"""What the rest needs from an engine."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from orchestration.programme.folder import ProgrammeFolder


class EngineUnavailable(Exception):
    """The engine cannot run here; the message says what to install or to correct."""


class Engine(ABC):
    """`target` is dbt's target in profiles.yml, `dialect` what sqlglot calls its SQL; `builds_parts` says whether a run
    can build selected models on the tables of an earlier one."""

    target: ClassVar[str]
    dialect: ClassVar[str]
    builds_parts: ClassVar[bool]

    @abstractmethod
    def environment(self, folder: ProgrammeFolder) -> Mapping[str, str]:
        """Variables for profiles.yml and macros."""

    @abstractmethod
    def find_damage(self, folder: ProgrammeFolder) -> str | None:
        """Why the last run's tables cannot be built upon though the warehouse is as it left it; None if they can."""

    @abstractmethod
    def start(self, folder: ProgrammeFolder, is_full: bool) -> None:
        """Before dbt: remove every table if the build is a full refresh."""

    @abstractmethod
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on what dbt has built so far, while it is building."""

    @abstractmethod
    def find_loss(self) -> str | None:
        """Why the engine is gone, if it is, and what to do: then no result of dbt says more."""

    @abstractmethod
    def disconnect(self) -> None:
        """After dbt, however it ended: other processes can open the warehouse."""

    @abstractmethod
    def read_failing_rows(self, folder: ProgrammeFolder, sql: str, limit: int) -> list[dict[str, Any]]:
        """The first rows that a data test found; after `disconnect`."""

    @abstractmethod
    def write_marts(self, folder: ProgrammeFolder, marts: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Write these tables (`schema.name`) as Parquet files to the engine's storage, where they stay until the next
        build; returns the URLs of each one's files. Before `bring_home`."""

    @abstractmethod
    def bring_home(self, folder: ProgrammeFolder, target: Path) -> None:
        """After a build without errors: every table and view is in warehouse.duckdb. dbt wrote to `target`."""

    @abstractmethod
    def close(self) -> None:
        """At the end, also of a build that failed."""
