"""Lists in messages: on the screen, in logs, alerts and check results."""

from collections.abc import Sequence


def shorten_list(lines: Sequence[str], limit: int, total: int | None = None) -> list[str]:
    """The first `limit` lines, and one that counts the rest. `total` is given if `lines` are already only the first.

    >>> shorten_list(["a", "b", "c"], 2)
    ['a', 'b', '… and 1 more']
    """
    shown = list(lines[:limit])
    rest = (len(lines) if total is None else total) - len(shown)
    return [*shown, f"… and {rest:,} more"] if rest > 0 else shown
