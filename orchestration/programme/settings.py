"""settings.yml: how the product runs for this programme. Optional; every setting has a default."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from orchestration.programme.documents import Document
from orchestration.programme.problems import Problem
from orchestration.programme.validation import validate


class Settings(BaseModel):
    """`keep_versions` is how many published versions are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_versions: Annotated[int, Field(ge=1, le=36500)] = 7


def check_settings(document: Document | None) -> tuple[Settings, list[Problem]]:
    """The settings, and every problem in the file; the defaults where there is no file or it is empty."""
    if document is None or document.data is None:
        return Settings(), list(document.problems) if document else []
    settings, problems = validate(Settings, document.data, document, (), None)
    return settings or Settings(), [*document.problems, *problems]
