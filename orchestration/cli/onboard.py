"""`make onboard`: recognises one export, proposes its entry in extracts.yml, and previews the first five rows."""

import argparse
import glob
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from orchestration.landing.load import land
from orchestration.landing.onboarding.adding import CannotAdd, add_entry, write_entry
from orchestration.landing.onboarding.proposal import Proposal, propose
from orchestration.landing.refusals import FileRefused
from orchestration.programme.contract import Extract, read_contract
from orchestration.programme.extracts import TO_FILL_IN
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError, enumerate_names, suggest
from orchestration.programme.programme import read_programme
from orchestration.programme.repository import SAMPLE
from orchestration.programme.sql import quote_name, quote_path
from orchestration.runtime.connections import connect
from orchestration.runtime.environment import find_folder

ROWS = 5
# A wide export has a hundred headers.
SHOWN = 20
PLAN = "{programme: Onboarding, currency: EUR, timezone: UTC}\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make onboard")
    parser.add_argument("file", type=lambda text: Path(text).expanduser())
    parser.add_argument("--feeds", help="the extract that it feeds, if its headers do not show it")
    parser.add_argument("--add", action="store_true", help="copy the file to landing/, its entry to extracts.yml")
    asked = parser.parse_args(arguments)
    file, feeds = asked.file, asked.feeds
    if not file.is_file():
        given = file != Path()
        print(f"{file} is {'a folder' if file.is_dir() else 'missing'}. " if given else "", end="", file=sys.stderr)
        print("Which file? make onboard FILE=/path/to/export.csv", file=sys.stderr)
        return 1
    folder = find_folder()
    if asked.add and folder.path == SAMPLE:
        print("Which programme? make onboard FILE=… ADD=yes PROGRAMME=/path/to/folder", file=sys.stderr)
        return 1
    with TemporaryDirectory() as workspace:
        try:
            proposal = propose(file, find_pattern(file, folder), Path(workspace), feeds)
        except FileRefused as refused:
            print(f"{file.name} {refused}", file=sys.stderr)
            return 1
        except KeyError:
            print(f"'{feeds}' is not an extract. {suggest(feeds, read_contract())}The extracts are:", file=sys.stderr)
            print(*list_extracts(), sep="\n", file=sys.stderr)
            return 1
        if proposal.is_weak_guess and feeds is None:
            print(*describe_unknown(file, proposal), sep="\n")
            return 1
        print(*describe(file, proposal), sep="\n")
        if filled := proposal.fill_placeholders():
            print(*show_rows(file, proposal.table, filled, Path(workspace) / "programme"), sep="\n")
    return add(file, proposal, folder) if asked.add else 0


def find_pattern(file: Path, folder: ProgrammeFolder) -> str:
    """The pattern of the file in extracts.yml: its path in the programme, or in landing/ if it is elsewhere."""
    file = file.absolute()
    inside = file.relative_to(folder.path) if file.is_relative_to(folder.path) else Path("landing", file.name)
    # Escaped, because a name may look like a pattern: `[main] answers.csv`.
    return glob.escape(inside.as_posix())


def add(file: Path, proposal: Proposal, folder: ProgrammeFolder) -> int:
    print()
    try:
        added = add_entry(proposal.entry, file, folder)
    except (CannotAdd, ProgrammeError) as error:
        print(f"Not added: {error}", file=sys.stderr)
        return 1
    print(f"Added to {folder.extracts_file}; the file is {added}.")
    if proposal.missing:
        print(f"Next: replace each {TO_FILL_IN} there.")
    else:
        print(f"Next: make nightly PROGRAMME={shlex.quote(str(folder.path))}")
    return 0


def shorten(names: Sequence[str]) -> str:
    return enumerate_names(names[:SHOWN]) + (f" … and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def describe_unknown(file: Path, proposal: Proposal) -> Iterator[str]:
    yield f"{file.name} is not in a known format, and its headers do not show which extract it feeds:"
    yield f"  {shorten(proposal.unused)}"
    yield "Name the extract that it feeds, for example: make onboard FILE=… FEEDS=orders. The extracts are:"
    yield from list_extracts()


def list_extracts() -> Iterator[str]:
    for extract in read_contract().values():
        yield f"  {extract.name:20} {extract.description}"


def describe(file: Path, proposal: Proposal) -> Iterator[str]:
    table = proposal.table
    what = f"the known format {table.name}" if table.format else f"most like the extract {table.name}"
    yield f"{file.name} is {what}: it has {proposal.found} of its {proposal.of} columns."
    yield "Copy the file to landing/ and add this to extracts.yml:"
    yield ""
    yield "extracts:"
    yield from write_entry(proposal.entry)
    yield ""
    if proposal.missing:
        yield f"To fill in, marked {TO_FILL_IN}: {', '.join(proposal.missing)}."
        for name in proposal.missing:
            if name != "timezone":
                yield f"  {name}: {table.find_column(name).description}"
        if "timezone" in proposal.missing:
            yield "Times without an offset need the account's `timezone`."
    if proposal.unused:
        yield f"Headers that are not used: {shorten(proposal.unused)}."
        if not table.format:
            yield f"Columns of {table.name} without a header: {enumerate_names(proposal.unfed)}."
    yield ""


def show_rows(file: Path, table: Extract, entry: dict[str, Any], folder: Path) -> Iterator[str]:
    """The first rows as they would be loaded, and values that would be quarantined."""
    (folder / "landing").mkdir(parents=True)
    shutil.copyfile(file, folder / "landing" / file.name)
    (folder / "plan.yml").write_text(PLAN)
    with (folder / "extracts.yml").open("w", encoding="utf-8") as extracts:
        YAML().dump({"extracts": [entry]}, extracts)
    try:
        landing = land(read_programme(folder))
    except ProgrammeError as error:
        yield str(error)
        return
    yield from (str(refusal) for refusal in landing.refusals)
    for delivery in landing.deliveries:
        yield (
            f"It would load {delivery.rows_kept:,} rows, quarantine {delivery.rows_quarantined:,}"
            f" and drop {delivery.rows_dropped:,} by rule. The first {ROWS}:"
        )
        yield ""
        with connect(delivery.path.parent) as connection:
            columns = ", ".join(quote_name(name) for name in table.column_names)
            relation = connection.sql(
                f"select {columns} from read_parquet({quote_path(delivery.path)}) order by _row limit {ROWS}"
            )
            for number, row in enumerate(relation.fetchall(), start=1):
                filled = (f"{n}: {v}" for n, v in zip(table.column_names, row, strict=True) if v is not None)
                yield f"  {number}. {', '.join(filled)}"
    for found in landing.quarantined_examples:
        yield f"  line {found.line}, {found.column}: {found.value!r} {found.reason}; {found.what_to_do}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
