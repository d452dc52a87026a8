"""A known format is recognised by its headers, in any order and with others beside them, and never as another one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.landing.onboarding.proposal import match_format
from orchestration.landing.readers.kinds import open_records
from orchestration.programme.contract import Extract, read_formats
from orchestration.programme.extracts import Entry

FIXTURES = Path(__file__).parents[2] / "formats"
FORMATS = read_formats()
# What teams and their tools add.
OTHERS = ("Notes", "Owner", "id", "Name", "Email", "Currency", "Status", "Campaign", "Total", "")


def read_headers(table: Extract, file: Path, workspace: Path) -> tuple[str, ...]:
    entry = Entry.model_construct(files="x").model_copy(update=dict(table.format.reading))
    return open_records(file, entry, workspace).headers


def recognise(headers: tuple[str, ...]) -> list[str]:
    present = tuple(dict.fromkeys(headers))
    return [name for name, table in FORMATS.items() if match_format(table, present) is not None]


def list_optional(table: Extract, headers: tuple[str, ...]) -> Iterator[str]:
    """The headers that a file of the format may lack."""
    required = {header for column in table.columns if column.required for header in column.find_headers(headers)}
    yield from (header for header in dict.fromkeys(headers) if header not in {*required, *table.recognised_by})


@pytest.mark.parametrize("name", FORMATS)
def test_every_export_is_taken_for_its_own_format_only(name: str, tmp_path: Path):
    """Also with its columns in another order, with more of them, and without any one that is not required."""
    table = FORMATS[name]
    for file in sorted((FIXTURES / name / "export").iterdir()):
        headers = read_headers(table, file, tmp_path)
        variants = [headers, headers[::-1], (*headers, *OTHERS)]
        variants += [
            tuple(other for other in headers if other != optional) for optional in list_optional(table, headers)
        ]
        assert {tuple(recognise(variant)) for variant in variants} == {(name,)}, file.name
