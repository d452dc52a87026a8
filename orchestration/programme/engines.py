"""`engine:` of settings.yml: what builds the models.

    engine: duckdb                                            # the default
    engine: spark                                             # Spark on this machine
    engine: {spark: {remote: "sc://host:15002"}}              # a Spark Connect server
    engine: {spark: {master: "spark://host:7077", storage: "s3a://bucket/folder", config: {spark.executor.memory: 8g}}}

A secret is written as a ${VARIABLE} of the environment.
"""

import os
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from orchestration.programme.connections import VARIABLE, VariableMissing, fill_variables, find_variables
from orchestration.programme.problems import enumerate_names, suggest
from orchestration.programme.validation import refuse

ENGINES = ("duckdb", "spark")
LOCAL = "local[*]"
_MASTER = re.compile(r"local(\[(\*|[1-9][0-9]*)\])?|(spark|k8s|yarn)(://.+)?")
# Names of Spark's settings whose value nobody may read in settings.yml.
_SECRET = re.compile(r"(?i)password|secret|token|credential|access[._-]?key|account[._-]?key")


class SparkSettings(BaseModel):
    """`master` is a cluster that this machine's driver joins, `remote` a Spark Connect server; neither: this machine.
    `storage` is where tables are written (a folder that all workers share, or a URL that Spark knows); by default
    warehouse/spark of the programme. `config` are Spark's own settings. A run fails when no executor has worked for
    `wait_minutes`, though there is work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    master: str | None = None
    remote: str | None = None
    storage: str | None = None
    wait_minutes: float = Field(default=15, gt=0, le=1440)
    config: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @field_validator("master")
    @classmethod
    def _check_master(cls, master: str | None) -> str | None:
        if master is not None and not _MASTER.fullmatch(master):
            raise refuse(f"master is '{master}'", "Write spark://host:7077, or local[2] for two cores of this machine")
        return master

    @field_validator("remote")
    @classmethod
    def _check_remote(cls, remote: str | None) -> str | None:
        if remote is not None and not remote.startswith("sc://"):
            raise refuse("remote is no URL of Spark Connect", "Write sc://host:15002")
        if remote is not None and (found := re.search(r";token=(?!\$\{)", remote)) is not None:
            raise refuse(f"remote has a secret in it: {found[0].strip(';=')}", "Write ${A_VARIABLE} instead")
        if remote is not None and ";" in remote and not re.fullmatch("sc://[^/;]+/;.*", remote):
            raise refuse("remote has parameters that Spark does not find", "Write sc://host:15002/;name=value")
        return remote

    @field_validator("config")
    @classmethod
    def _check_config(cls, config: dict[str, Any]) -> dict[str, Any]:
        for name, value in config.items():
            if not name.startswith("spark."):
                raise refuse(f"config names '{name}', which is no setting of Spark", "They begin with spark.")
            if _SECRET.search(name) and not VARIABLE.search(str(value)):
                raise refuse(f"{name} is a secret", "Write ${A_VARIABLE} instead, and set that variable")
        return config

    @model_validator(mode="after")
    def _check_place(self) -> "SparkSettings":
        if self.master and self.remote:
            raise refuse("spark has both master and remote", "Keep one: remote for Spark Connect, else master")
        if self.remote and (secret := next(filter(_SECRET.search, self.config), None)):
            raise refuse(
                f"config sets {secret} for Spark Connect, whose server writes what a session sets into its event log",
                "Give it to the server when it is started (--conf, spark-defaults.conf)",
            )
        if self.master and not self.master.startswith("local") and not self.storage:
            raise refuse(
                f"spark on {self.master} has no storage",
                "Write the folder that all workers share, or a URL such as s3a://bucket/warehouse",
            )
        return self

    def fill(self, environment: Mapping[str, str] | None = None) -> "SparkSettings":
        """With the variables of the environment. Raises VariableMissing if one is not set."""
        values = os.environ if environment is None else environment
        written = self.model_dump()
        missing = {name for name in find_variables(written) if name not in values}
        if missing:
            first = min(missing)
            raise VariableMissing(
                f"the engine needs {enumerate_names(sorted(missing))}, which the environment lacks."
                f" Set it: export {first}=…"
            )
        return self.model_copy(update=fill_variables(written, values))


class EngineSettings(BaseModel):
    """`name` is duckdb or spark; `spark` is read for spark only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["duckdb", "spark"] = "duckdb"
    spark: SparkSettings = Field(default_factory=SparkSettings)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value not in ENGINES:
                raise refuse(f"engine is '{value}'", f"{suggest(value, ENGINES)}Write {' or '.join(ENGINES)}")
            return {"name": value}
        if isinstance(value, dict) and list(value) == ["spark"]:
            return {"name": "spark", "spark": value["spark"] or {}}
        raise refuse("engine cannot be read", "Write duckdb, spark, or {spark: {remote: sc://host:15002}}")

    def __str__(self) -> str:
        """As a run shows it: without what may be secret."""
        if self.name == "duckdb":
            return "duckdb"
        place = (self.spark.remote or "").partition(";")[0] or self.spark.master or LOCAL
        return f"spark on {place}"


DUCKDB = EngineSettings.model_validate("duckdb")
