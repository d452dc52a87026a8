"""settings.yml: how the product runs for this programme. Optional; every setting has a default."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from orchestration.programme.connections import Connection, check_connection_name
from orchestration.programme.cron import NIGHTLY, find_cron_problem
from orchestration.programme.documents import Document
from orchestration.programme.engines import DUCKDB, EngineSettings
from orchestration.programme.problems import Problem, enumerate_names, suggest
from orchestration.programme.validation import refuse, validate

# What marts can be published to, by the scheme of its connection.
TARGETS = ("postgresql", "s3", "gs", "az")


class TargetSettings(BaseModel):
    """Where marts are published to: `to` is a connection. `schemas` is what the schemas of marts are called in a
    database, `path` the folder in an object store. `parquet: engine` sends an object store the Parquet files that Spark
    wrote instead of those of published/. A target that takes longer than `timeout_minutes` has failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    schemas: str = "rr_{schema}"
    path: str = ""
    parquet: Literal["published", "engine"] = "published"
    timeout_minutes: Annotated[float, Field(gt=0, le=1440)] = 60

    @field_validator("schemas")
    @classmethod
    def _check_schemas(cls, schemas: str) -> str:
        if schemas.count("{schema}") != 1 or set(schemas.replace("{schema}", "")) & set("{}") or len(schemas) > 50:
            raise refuse(f"schemas is '{schemas}'", "Write {schema} in it once, such as rr_{schema}")
        return schemas

    @field_validator("path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        if path.startswith("/") or ".." in path.split("/"):
            raise refuse(f"path is '{path}'", "Write a folder below that of the connection, such as marts")
        return path.strip("/")


class Settings(BaseModel):
    """`engine` builds the models; `keep_versions` is how many published versions are kept, `keep_pulls` how many pulls
    of a snapshot; `connections` are what extracts are pulled from and marts are published to, by name; `publish` is
    where marts are published beside published/; `schedule` is when Dagster starts a run, as a cron line in the plan's
    time zone; `history` is the connection whose database keeps Dagster's history instead of warehouse/dagster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: EngineSettings = DUCKDB
    keep_versions: Annotated[int, Field(ge=1, le=36500)] = 7
    keep_pulls: Annotated[int, Field(ge=1, le=36500)] = 7
    connections: dict[str, Connection] = Field(default_factory=dict)
    publish: tuple[TargetSettings, ...] = ()
    schedule: str = NIGHTLY
    history: str | None = None

    @field_validator("connections", mode="before")
    @classmethod
    def _check_names(cls, connections: Any) -> Any:
        if connections is None:
            return {}
        if not isinstance(connections, dict):
            # The value is not shown: it may have a secret in it.
            raise refuse("connections must be a list of `name: URL`", "Write `shop_db: postgresql://…` under it")
        for name in connections:
            check_connection_name(name)
        return connections

    @field_validator("publish")
    @classmethod
    def _check_targets(cls, targets: tuple[TargetSettings, ...], info: ValidationInfo) -> tuple[TargetSettings, ...]:
        connections = info.data.get("connections", {})
        for number, target in enumerate(targets):
            if target.to not in connections:
                remedy = f"{suggest(target.to, connections)}Write it under `connections:` first"
                raise refuse(f"publish names the connection '{target.to}', which is not there", remedy)
            system = connections[target.to].system
            if system not in TARGETS:
                raise refuse(f"marts cannot be published to {system} ({target.to})", f"Use {enumerate_names(TARGETS)}")
            if target.parquet == "engine":
                check_engine_files(target.to, connections[target.to].kind, info.data.get("engine", DUCKDB))
            if any(other.to == target.to for other in targets[:number]):
                raise refuse(f"publish names {target.to} twice", "Keep one of them")
        return targets

    @field_validator("history")
    @classmethod
    def _check_history(cls, history: str | None, info: ValidationInfo) -> str | None:
        connections = info.data.get("connections", {})
        if history is not None and (history not in connections or connections[history].system != "postgresql"):
            remedy = f"{suggest(history, connections)}Write a postgresql:// URL under `connections:` first"
            raise refuse(f"history is '{history}', which is no connection to PostgreSQL", remedy)
        return history

    @field_validator("schedule")
    @classmethod
    def _check_schedule(cls, schedule: str) -> str:
        if problem := find_cron_problem(schedule):
            raise refuse(f"schedule is '{schedule}': {problem}", "Write minute, hour, day, month, weekday: 0 3 * * *")
        return schedule


def check_engine_files(to: str, kind: str, engine: EngineSettings) -> None:
    if engine.name != "spark" or not engine.spark.storage:
        raise refuse(
            f"{to} gets the Parquet files of the engine, and the engine is no Spark with a `storage`",
            "Leave `parquet` out, or set engine: {spark: {storage: …}}",
        )
    if kind == "database":
        raise refuse(f"{to} is a database, which gets no files", "Leave `parquet` out")


def check_settings(document: Document | None) -> tuple[Settings, list[Problem]]:
    """The settings, and every problem in the file; the defaults where there is no file or it is empty."""
    if document is None or document.data is None:
        return Settings(), list(document.problems) if document else []
    settings, problems = validate(Settings, document.data, document, (), None)
    return settings or Settings(), [*document.problems, *problems]
