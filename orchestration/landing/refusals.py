"""Files that are not loaded, with the reason."""

from dataclasses import dataclass


class FileRefused(Exception):
    """Raised while a file is read: `message` continues a sentence after the file's name, `remedy` is a sentence."""

    def __init__(self, message: str, remedy: str):
        super().__init__(f"{message}. {remedy}.")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Refusal:
    """A file that an entry names and that this run did not load; the next run tries again. `entry` is what the entry is
    called."""

    extract: str
    entry: str
    file: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file} {self.message}. {self.remedy}."
