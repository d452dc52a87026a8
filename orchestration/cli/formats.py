"""Writes docs/formats.md from the declarations of the formats.

    .venv/bin/python -m orchestration.cli.formats

A test fails while the page is not what the declarations say.
"""

import textwrap
from collections.abc import Iterable, Iterator

from orchestration.programme.contract import Column, Extract, read_formats
from orchestration.programme.repository import REPOSITORY

PAGE = REPOSITORY / "docs" / "formats.md"
_WIDTH = 120
_INTRODUCTION = """\
# Known formats

Vendors' files that are read as they are. This page is written by `python -m orchestration.cli.formats` from the
declarations in `dbt_project/models/raw/formats/`; `tests/formats/<format>/` has an example of each, with what is read
from it. `make onboard FILE=…` recognises a format by its headers, in any order and with others beside them.

A header that is in another language, or that a file calls otherwise, is named in `columns`; a word of the vendor that
is not known, in `map` ([configuration.md](configuration.md#extractsyml)). A file that went through a spreadsheet is
read right or refused with a reason: deliver it as it was exported.
"""


def main() -> None:
    PAGE.write_text(write_page(), encoding="utf-8")


def write_page() -> str:
    """The whole page, formats in alphabetical order."""
    return "\n".join([_INTRODUCTION, *(_write_format(table) for table in read_formats().values())])


def _write_format(table: Extract) -> str:
    assert table.format and table.guide, f"{table.name} has no guide (models/raw/formats/{table.name}.yml)"
    parts = {
        "Export": [_end(table.guide.export)],
        "Feeds": [
            ", ".join(f"`{name}`" for name in table.format.feeds) + ".",
            f"It adds columns to the rows of `{table.part_of}`, and no rows." if table.part_of else "",
        ],
        "The entry must say": list(_list_needs(table)),
        "It can say": [_list_names(column for column in _list_without_headers(table) if not column.required)],
        "Headers that it needs": [_list_headers(column for column in table.columns if column.required)],
        "Headers that it reads, too": [_list_headers(column for column in table.columns if not column.required)],
        "Left out": [_end(drop.because) for drop in table.format.drops],
        "Quarantined": [_end(f"a row that {check.because} ({check.remedy})") for check in table.format.checks],
        "Refused": [_end(sibling.message) for sibling in table.format.siblings],
        "Cannot be known": [_end(table.guide.unknown)],
        "Evidence": [_end(table.guide.evidence)],
    }
    lines = [f"## {table.name}", "", _wrap(" ".join(table.description.split())), ""]
    lines += [
        _wrap(f"- **{title}.** {' '.join(said)}", "  ")
        for title, texts in parts.items()
        if (said := list(filter(None, texts)))
    ]
    return "\n".join([*lines, ""])


def _list_needs(table: Extract) -> Iterator[str]:
    assert table.format
    if table.format.timezone == "entry":
        yield "`timezone`."
    required = [column for column in _list_without_headers(table) if column.required]
    if required:
        yield f"{_list_names(required)} By `values`, or by `columns` where a header holds it."
    if table.needs_one_of and not any(column.headers for column in table.columns if column.name in table.needs_one_of):
        yield f"One of {', '.join(f'`{name}`' for name in table.needs_one_of)}, by `columns`."


def _list_without_headers(table: Extract) -> Iterator[Column]:
    yield from (column for column in table.columns if not column.headers)


def _list_names(columns: Iterable[Column]) -> str:
    names = [f"`{column.name}`{_list_accepted(column)}" for column in columns]
    return f"{', '.join(names)}." if names else ""


def _list_accepted(column: Column) -> str:
    return f" ({' or '.join(column.accepted)})" if 0 < len(column.accepted) < 4 else ""


def _list_headers(columns: Iterable[Column]) -> str:
    names = [" or ".join(f"`{header}`" for header in column.headers) for column in columns if column.headers]
    return f"{', '.join(dict.fromkeys(names))}." if names else ""


def _end(text: str) -> str:
    """A sentence."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
