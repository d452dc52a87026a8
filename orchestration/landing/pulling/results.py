"""What one pull of an entry did, and why it could not."""

from dataclasses import dataclass


class PullFailed(Exception):
    """An entry was not pulled, and nothing of this pull is left in landing. The message, without secrets, names the
    entry and says what to do; `is_transient` is whether trying again may help."""

    def __init__(self, message: str, is_transient: bool = False):
        super().__init__(message)
        self.is_transient = is_transient


@dataclass(frozen=True)
class Pulled:
    """`files` are new, relative to the programme's folder; none if nothing was new. `rows` is None for files, which are
    not read here. `rows_at_source` is how many the database counted in the same transaction, None where it cannot.
    `start` and `cursor` are the first value asked for and the last that the next pull starts from."""

    files: tuple[str, ...] = ()
    rows: int | None = None
    rows_at_source: int | None = None
    bytes: int = 0
    start: str | None = None
    cursor: str | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
