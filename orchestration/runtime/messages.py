"""Lists and tables in messages: on the screen, in logs, alerts and check results."""

from collections.abc import Collection, Iterable, Sequence


def shorten_list(lines: Sequence[str], limit: int, total: int | None = None) -> list[str]:
    """The first `limit` lines, and one that counts the rest. `total` is given if `lines` are already only the first.

    >>> shorten_list(["a", "b", "c"], 2)
    ['a', 'b', '… and 1 more']
    """
    shown = list(lines[:limit])
    rest = (len(lines) if total is None else total) - len(shown)
    return [*shown, f"… and {rest:,} more"] if rest > 0 else shown


def align(rows: Iterable[Sequence[str]], right: Collection[int] = (), is_ruled: bool = False) -> list[str]:
    """One line per row, its columns as wide as their widest cell, those of the numbers in `right` to the right; with a
    rule below the first row if `is_ruled`."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if is_ruled:
        cells.insert(1, ["─" * width for width in widths])
    return [
        "  ".join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
