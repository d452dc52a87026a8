"""settings.yml: how the product runs for this programme. Optional; every setting has a default."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from orchestration.programme.connections import Connection, check_connection_name
from orchestration.programme.documents import Document
from orchestration.programme.problems import Problem
from orchestration.programme.validation import refuse, validate


class Settings(BaseModel):
    """`keep_versions` is how many published versions are kept, `keep_pulls` how many pulls of a snapshot; `connections`
    are what extracts are pulled from and marts are published to, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_versions: Annotated[int, Field(ge=1, le=36500)] = 7
    keep_pulls: Annotated[int, Field(ge=1, le=36500)] = 7
    connections: dict[str, Connection] = Field(default_factory=dict)

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


def check_settings(document: Document | None) -> tuple[Settings, list[Problem]]:
    """The settings, and every problem in the file; the defaults where there is no file or it is empty."""
    if document is None or document.data is None:
        return Settings(), list(document.problems) if document else []
    settings, problems = validate(Settings, document.data, document, (), None)
    return settings or Settings(), [*document.problems, *problems]
