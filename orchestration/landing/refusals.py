"""A file that is not loaded, and why."""

from dataclasses import dataclass


class FileRefused(Exception):
    """Raised while a file is read: `message` follows the file's name in a sentence, `remedy` stands alone."""

    def __init__(self, message: str, remedy: str):
        super().__init__(f"{message}. {remedy}.")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Refusal:
    """A file that an entry names and that was left out of this run; it is tried again next time."""

    extract: str
    file: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file} {self.message}. {self.remedy}."
