"""Brings every target of settings.yml to the version that published/ has. One that fails does not keep another from
being tried."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from orchestration.programme.atomic import replace_whole
from orchestration.programme.connections import Connection, VariableMissing
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.settings import Settings, TargetSettings
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed, read_published_version
from orchestration.runtime.run_log import log


@dataclass(frozen=True)
class Outcome:
    """What became of one target; `version` is what it has now, None if unknown, `problem` why it lacks the newest."""

    target: str
    version: str | None
    tried_at: str
    problem: str | None = None


def publish_to_targets(folder: ProgrammeFolder, settings: Settings) -> list[Outcome]:
    """Publish the newest version to each target, and write what became of it to warehouse/targets.json. Raises nothing
    for a target that fails."""
    version = read_published_version(folder)
    if version is None:
        return []
    before = {outcome.target: outcome for outcome in read_outcomes(folder)}
    outcomes = [
        publish_to_target(version, target, settings.connections[target.to], before.get(target.to))
        for target in settings.publish
    ]
    with replace_whole(folder.warehouse / OUTCOMES) as temporary:
        temporary.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n", encoding="utf-8")
    return outcomes


OUTCOMES = "targets.json"


def read_outcomes(folder: ProgrammeFolder) -> list[Outcome]:
    """What became of each target in the last run; empty if the file is missing or not readable."""
    try:
        return [Outcome(**one) for one in json.loads((folder.warehouse / OUTCOMES).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def publish_to_target(
    version: PublishedVersion, target: TargetSettings, connection: Connection, before: Outcome | None
) -> Outcome:
    tried_at = datetime.now(UTC).isoformat(timespec="seconds")
    problem = attempt(version, target, connection)
    if problem is None:
        log.info("%s has version %s", target.to, version.name)
        return Outcome(target.to, version.name, tried_at)
    log.error("%s was not published to: %s", target.to, problem)
    return Outcome(target.to, before.version if before else None, tried_at, problem)


def attempt(version: PublishedVersion, target: TargetSettings, connection: Connection) -> str | None:
    """The problem, None if the target has the version. A thread whose server hangs is abandoned and ends with the
    process: what it has not committed never happened."""
    outcome: list[str | None] = []

    def run() -> None:
        try:
            publish_one(version, target, connection)
            outcome.append(None)
        except (TargetFailed, VariableMissing) as error:
            outcome.append(str(error))
        except ModuleNotFoundError as error:
            outcome.append(
                f"{error.name} is not installed. Start runs with make, or uv sync --group {connection.system}"
            )
        except Exception as error:  # noqa: BLE001 - what a library raises must not hide what became of other targets
            filled = connection.fill(target.to)
            outcome.append(filled.redact(f"{type(error).__name__}: {error}"))

    thread = Thread(target=run, daemon=True, name=f"publish to {target.to}")
    thread.start()
    thread.join(target.timeout_minutes * 60)
    return outcome[0] if outcome else f"did not finish within {target.timeout_minutes:g} minutes (timeout_minutes)"


def publish_one(version: PublishedVersion, target: TargetSettings, connection: Connection) -> None:
    """Raises TargetFailed, VariableMissing."""
    filled = connection.fill(target.to)
    if connection.kind == "database":
        from orchestration.publishing.targets.postgres import publish_to_postgres

        publish_to_postgres(version, filled, target.schemas)
    else:
        from orchestration.publishing.targets.object_store import publish_to_store

        publish_to_store(version, filled, target.path, of_engine=target.parquet == "engine")


def list_problems(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.problem:
            has = f"it still has version {outcome.version}" if outcome.version else "what it has is not known"
            yield f"{outcome.target}: {outcome.problem}; {has}"


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """By target, the version that it has, for Dagster's metadata."""
    return {outcome.target: outcome.version or "unknown" for outcome in outcomes}
