"""Names in plan.yml that are mapped to others: aliases of partners, synonyms of topics. Chains are not allowed, so a
reader finds the name that counts in one step."""

from collections.abc import Callable, Iterator, Mapping

from orchestration.programme.documents import Document
from orchestration.programme.problems import Problem


def find_bad_renames(document: Document, group: str, normalise: Callable[[str], str]) -> Iterator[Problem]:
    """Problems in one group (`aliases`): a name that is mapped to itself or to another mapped name, or that is there
    twice. `normalise` gives the form in which names are compared."""
    # On the raw document, so that another mistake in it cannot hide these.
    written = document.read_group(group)
    targets: dict[str, str] = {}
    first_written: dict[str, str] = {}
    for old, new in written.items():
        if normalise(old) in first_written:
            first = document.find_line((group, first_written[normalise(old)]))
            message = f"'{old}' is there twice in {group}, first on line {first}"
            yield document.describe_problem((group, old), message, "Keep one of them")
        elif isinstance(new, str):
            targets[normalise(old)] = normalise(new)
        first_written.setdefault(normalise(old), old)
    for old, new in written.items():
        if isinstance(new, str) and normalise(new) in targets:
            end = _follow(normalise(new), targets)
            if normalise(old) == normalise(new):
                message, remedy = f"'{old}' is mapped to itself", "Remove the line"
            elif end is None:
                message, remedy = (
                    f"'{old}' is mapped to '{new}', in a circle",
                    "Remove the line of the name that counts",
                )
            else:
                message, remedy = f"'{old}' is mapped to '{new}', which is itself mapped", f"Write `{old}: {end}`"
            yield document.describe_problem((group, old), f"{group}: {message}", remedy)


def _follow(name: str, targets: Mapping[str, str]) -> str | None:
    """The name at the end of a chain; None for a circle."""
    seen: set[str] = set()
    while name in targets:
        if name in seen:
            return None
        seen.add(name)
        name = targets[name]
    return name
