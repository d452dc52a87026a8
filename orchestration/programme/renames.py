"""Names of plan.yml that stand for others: aliases of partners, synonyms of topics. One step leads to the name that
counts, so that nobody has to follow a chain to see who or what is meant."""

from collections.abc import Callable, Iterator, Mapping

from orchestration.programme.documents import Document
from orchestration.programme.problems import Problem


def find_bad_renames(document: Document, group: str, read: Callable[[str], str]) -> Iterator[Problem]:
    """What is wrong between the names of one group (`aliases`): a name that stands for itself, or for one that stands
    for another, or that is there twice. `read` gives the form in which names are compared."""
    # On the raw document, so that another mistake in it cannot hide these.
    written = document.data.get(group) if isinstance(document.data, dict) else None
    if not isinstance(written, dict):
        return
    meant: dict[str, str] = {}
    first_written: dict[str, str] = {}
    for old, new in written.items():
        if read(old) in first_written:
            first = document.find_line((group, first_written[read(old)]))
            message = f"'{old}' is there twice in {group}, first on line {first}"
            yield Problem(document.file, document.find_line((group, old)), message, "Keep one of them")
        elif isinstance(new, str):
            meant[read(old)] = read(new)
        first_written.setdefault(read(old), old)
    for old, new in written.items():
        if isinstance(new, str) and read(new) in meant:
            message, remedy = _explain(old, new, meant, read)
            yield Problem(document.file, document.find_line((group, old)), f"{group}: {message}", remedy)


def _explain(old: str, new: str, meant: Mapping[str, str], read: Callable[[str], str]) -> tuple[str, str]:
    if read(old) == read(new):
        return f"'{old}' stands for itself", "Leave the line out"
    end = _follow(read(new), meant)
    if end is None:
        return f"'{old}' stands for '{new}', and so on in a circle", "Decide which one counts, and give it no line"
    return f"'{old}' stands for '{new}', which stands for another itself", f"Write `{old}: {end}`"


def _follow(name: str, meant: Mapping[str, str]) -> str | None:
    """The name at the end of a chain; None where it goes round in a circle."""
    seen: set[str] = set()
    while name in meant:
        if name in seen:
            return None
        seen.add(name)
        name = meant[name]
    return name
