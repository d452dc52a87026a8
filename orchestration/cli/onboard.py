"""`make onboard`: recognises an export, a table or the files of a store, proposes their entries in extracts.yml, and
previews what they load."""

import argparse
import glob
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from orchestration.landing.onboarding.adding import CannotAdd, add_entries, write_entry
from orchestration.landing.onboarding.preview import preview
from orchestration.landing.onboarding.proposal import Answer, Proposal, propose
from orchestration.landing.refusals import FileRefused
from orchestration.programme.connections import VariableMissing
from orchestration.programme.contract import read_contract
from orchestration.programme.documents import read_document
from orchestration.programme.extracts import TO_FILL_IN, Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError, enumerate_names, suggest
from orchestration.programme.programme import read_programme
from orchestration.programme.repository import SAMPLE
from orchestration.programme.settings import check_settings
from orchestration.runtime.environment import find_folder

# A wide export has a hundred headers.
SHOWN = 20
TABS = ("\\t", "tab")


def main(arguments: list[str]) -> int:
    asked = parse_arguments(arguments)
    is_pulled = bool(asked.source or asked.table or asked.files)
    if not is_pulled and not asked.file.is_file():
        given = asked.file != Path()
        what = "a folder" if asked.file.is_dir() else "missing"
        print(f"{asked.file} is {what}. " if given else "", end="", file=sys.stderr)
        print(
            "Which file? make onboard FILE=/path/to/export.csv; or of a connection:"
            " make onboard FROM=shop_db TABLE=public.orders, make onboard FROM=lake FILES='exports/orders_*.csv'",
            file=sys.stderr,
        )
        return 1
    folder = find_folder()
    if (asked.add or is_pulled) and folder.path == SAMPLE:
        print("Which programme? make onboard … ADD=yes PROGRAMME=/path/to/folder", file=sys.stderr)
        return 1
    feeds = split_list(asked.feeds)
    if unknown := next((name for name in feeds if name not in read_contract()), None):
        print(f"'{unknown}' is not an extract. {suggest(unknown, read_contract())}The extracts are:", file=sys.stderr)
        print(*list_extracts(), sep="\n", file=sys.stderr)
        return 1
    try:
        options = read_options(asked)
    except ValidationError as error:
        for detail in error.errors():
            wrong = detail.get("ctx", {"message": f"{detail['loc'][0]}: {detail['msg']}", "remedy": "Correct it"})
            print(f"{wrong['message']}. {wrong['remedy']}.", file=sys.stderr)
        return 1
    if not is_pulled:
        return onboard(asked.file, feeds, options, folder, asked.add)
    tables = split_list(asked.table)
    if len(tables) > 1 and feeds and len(feeds) != len(tables):
        print(
            f"FEEDS names {len(feeds)} extracts for {len(tables)} tables. Name one for each, or none", file=sys.stderr
        )
        return 1
    status = 0
    for number, table in enumerate(tables or [""]):
        fed = feeds if len(tables) < 2 else feeds[number : number + 1]
        with TemporaryDirectory() as workspace:
            try:
                file, origin = sample(folder, asked.source, table, asked.files, Path(workspace))
            except CannotSample as error:
                print(error, file=sys.stderr)
                return 1
            status = max(status, onboard(file, fed, options, folder, asked.add, origin))
    return status


def split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def onboard(
    file: Path,
    feeds: Sequence[str],
    options: Mapping[str, str | int],
    folder: ProgrammeFolder,
    is_added: bool,
    origin: Mapping[str, str] | None = None,
) -> int:
    """Propose the entries of a file; with `origin`, a connection and what is there, entries that pull it."""
    with TemporaryDirectory() as workspace:
        try:
            answer = propose(file, find_pattern(file, folder), Path(workspace), feeds, options)
        except FileRefused as refused:
            print(f"{file.name} {refused}", file=sys.stderr)
            return 1
        if not answer.proposals:
            print(*describe_unknown(file, answer), sep="\n")
            return 1
        shown = answer if origin is None else pull_instead(answer, origin)
        called = file.name if origin is None else origin.get("table", file.name)
        print(*describe(called, shown), sep="\n")
        for number, proposal in enumerate(answer.proposals):
            if filled := proposal.fill_placeholders():
                print(*preview(file, proposal.table, filled, Path(workspace) / f"programme {number}"), sep="\n")
        return add(file if origin is None else None, shown, folder) if is_added else 0


class CannotSample(Exception):
    """The rows of a table could not be read; the message says what to do."""


def sample(
    folder: ProgrammeFolder, source: str, table: str, files: str, workspace: Path
) -> tuple[Path, dict[str, str]]:
    """What is at a connection as a file: the first rows of a table, or the newest object that matches a pattern; and
    how an entry names it. Raises CannotSample."""
    # Imported here, because what they need is installed only where a connection is configured.
    from orchestration.landing.pulling.objects import fetch_newest
    from orchestration.landing.pulling.results import PullFailed
    from orchestration.landing.pulling.sampling import sample_table

    document = read_document(folder.settings_file) if folder.settings_file.is_file() else None
    settings, problems = check_settings(document)
    if problems:
        raise CannotSample("\n".join(map(str, problems)))
    connection = settings.connections.get(source)
    if connection is None:
        raise CannotSample(
            f"Which connection? make onboard FROM=… It is one of {enumerate_names(settings.connections)}"
            if settings.connections
            else f"{folder.settings_file} has no connections. docs/configuration.md#connections shows how to write one"
        )
    try:
        filled = connection.fill(source)
        match connection.kind:
            case "database" if table and not files:
                file, cursor = sample_table(filled, table, workspace)
                return file, {"from": source, "table": table, **({"cursor": cursor} if cursor else {})}
            case "files" if files and not table:
                return fetch_newest(filled, files, workspace), {"from": source, "files": files}
            case "database":
                asked = f"Which table? make onboard FROM={source} TABLE=public.orders. make connections lists them"
            case "files":
                asked = (
                    f"Which files? make onboard FROM={source} FILES='folder/orders_*.csv'. make connections lists them"
                )
            case _:
                asked = (
                    f"{source} is an API, and only you know which of its answers is what. Save one answer as a file,"
                    f" and onboard that: make onboard FILE=answer.json. In the entry, write `from: {source}` and `api:`"
                    " instead of `files`; docs/configuration.md#from-a-connection has examples"
                )
    except (PullFailed, VariableMissing) as error:
        raise CannotSample(str(error)) from None
    raise CannotSample(asked)


def pull_instead(answer: Answer, origin: Mapping[str, str]) -> Answer:
    """The proposals for a file as entries that pull it."""
    proposals = [
        replace(one, entry={**origin, **{name: value for name, value in one.entry.items() if name != "files"}})
        for one in answer.proposals
    ]
    return replace(answer, proposals=tuple(proposals))


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make onboard")
    parser.add_argument("--from", dest="source", default="", help="the connection of settings.yml that has it")
    parser.add_argument(
        "--table", default="", help="its table, such as public.orders, or several: public.orders,public.codes"
    )
    parser.add_argument("--files", default="", help="its files, such as exports/orders_*.csv")
    parser.add_argument("file", type=lambda text: Path(text).expanduser())
    parser.add_argument("--feeds", default="", help="the extracts that it feeds, if its headers do not show it")
    parser.add_argument("--encoding", help="of a text file that is not UTF-8, such as windows-1252")
    parser.add_argument("--skip-rows", help="the number of rows above the header")
    parser.add_argument("--sheet", help="the sheet of a workbook: its name, or its number from 1")
    parser.add_argument("--delimiter", help="one character between the cells of a text file; \\t or tab for a tab")
    parser.add_argument("--add", action="store_true", help="copy the file to landing/, its entries to extracts.yml")
    return parser.parse_args(arguments)


def read_options(asked: argparse.Namespace) -> dict[str, str | int]:
    """The options of the entry that were given. Raises ValidationError if one cannot be an option of an entry."""
    given: dict[str, Any] = {
        "encoding": asked.encoding,
        "skip_rows": asked.skip_rows,
        "sheet": int(asked.sheet) if asked.sheet and asked.sheet.isdigit() else asked.sheet,
        "delimiter": "\t" if asked.delimiter in TABS else asked.delimiter,
    }
    given = {name: value for name, value in given.items() if value not in (None, "")}
    entry = Entry.model_validate({"files": "landing/any", **given})
    return {name: getattr(entry, name) for name in given}


def find_pattern(file: Path, folder: ProgrammeFolder) -> str:
    """The pattern of the file in extracts.yml: its path in the programme, or in landing/ if it is elsewhere."""
    file = file.absolute()
    inside = file.relative_to(folder.path) if file.is_relative_to(folder.path) else Path("landing", file.name)
    # Escaped, because a name may look like a pattern: `[main] answers.csv`.
    return glob.escape(inside.as_posix())


def add(file: Path | None, answer: Answer, folder: ProgrammeFolder) -> int:
    print()
    for proposal in answer.proposals:
        unmatched = [name for name in proposal.missing if name in proposal.table.column_names]
        if answer.is_guess and unmatched:
            print(
                f"Not added: {proposal.table.name} is a guess, and no header fits {enumerate_names(unmatched)}. If it "
                f"is right, give FEEDS={proposal.table.name}; {TO_FILL_IN} then marks what is missing.",
                file=sys.stderr,
            )
            return 1
    try:
        added = add_entries([proposal.entry for proposal in answer.proposals], file, folder)
    except (CannotAdd, ProgrammeError) as error:
        print(f"Not added: {error}", file=sys.stderr)
        return 1
    print(f"Added to {folder.extracts_file}{f'; the file is {added}' if added else ''}.")
    try:
        read_programme(folder.path)
    except ProgrammeError as error:
        print("Before the next run:")
        print(*(f"  {problem}" for problem in error.problems), sep="\n")
    else:
        print(f"Next: make nightly PROGRAMME={shlex.quote(str(folder.path))}")
    return 0


def shorten(names: Sequence[str]) -> str:
    return enumerate_names(names[:SHOWN]) + (f" … and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def describe_unknown(file: Path, answer: Answer) -> Iterator[str]:
    if not answer.headers:
        yield f"{file.name} is empty: it has no header."
        return
    yield f"{file.name} is not in a known format, and its headers do not show which extract it feeds:"
    yield f"  {shorten([header for header in answer.headers if header])}"
    yield from answer.layout.notes
    if answer.candidates:
        yield ""
        yield "They fit these extracts in part:"
        for guess in answer.candidates:
            fed = ", ".join(f"{name} ← {header}" for name, header in guess.headers.items())
            yield f"  {guess.extract.name:20} {fed}{describe_gaps(guess.missing)}"
    yield ""
    yield from describe_columns(answer, used=frozenset())
    best = answer.candidates[0].extract.name if answer.candidates else "orders"
    yield ""
    yield f"Name the extract that it feeds, for example: make onboard FILE=… FEEDS={best}. The extracts are:"
    yield from list_extracts()


def describe_gaps(missing: Sequence[str]) -> str:
    return f"; nothing for {enumerate_names(missing)}" if missing else ""


def list_extracts() -> Iterator[str]:
    for extract in read_contract().values():
        yield f"  {extract.name:20} {extract.description}"


def describe(called: str, answer: Answer) -> Iterator[str]:
    tables = [proposal.table for proposal in answer.proposals]
    if len(tables) > 1:
        yield f"{called} is most like the extracts {' and '.join(table.name for table in tables)}: it holds both."
    for proposal in answer.proposals:
        table = proposal.table
        what = f"the known format {table.name}" if table.format else f"most like the extract {table.name}"
        yield f"{called} is {what}: it has {proposal.found} of its {proposal.of} columns."
        if not table.format:
            yield f"  {table.name}: {table.description}"
    yield from answer.layout.notes
    several = len(tables) > 1
    is_pulled = any("from" in proposal.entry for proposal in answer.proposals)
    copy = "Add" if is_pulled else "Copy the file to landing/ and add"
    yield f"{copy} {'these' if several else 'this'} to extracts.yml (ADD=yes does it):"
    yield ""
    yield "extracts:"
    for proposal in answer.proposals:
        yield from write_entry(proposal.entry)
    yield ""
    open_ends = [line for proposal in answer.proposals for line in describe_open(proposal)]
    if several:
        open_ends.append(f"For one of them only: {' or '.join(f'FEEDS={table.name}' for table in tables)}.")
    yield from open_ends
    yield from [""] if open_ends else []
    cursors = {proposal.entry.get("cursor") for proposal in answer.proposals}
    used = cursors | {
        header for proposal in answer.proposals for header in answer.headers if header not in proposal.unused
    }
    unused = [header for header in answer.headers if header and header not in used]
    if answer.profiles:
        yield from describe_columns(answer, frozenset(used))
        yield from [""] if unused else []
    else:
        unused = list(answer.proposals[0].unused)
    if unused:
        yield f"Headers that are not used: {shorten(unused)}."
    for proposal in answer.proposals:
        if unused and not proposal.table.format:
            yield f"Columns of {proposal.table.name} without a header: {enumerate_names(proposal.unfed)}."
    yield ""


def describe_open(proposal: Proposal) -> Iterator[str]:
    """What a person has to fill in, and what was decided for them."""
    table = proposal.table
    if proposal.missing:
        yield f"To fill in, marked {TO_FILL_IN}: {', '.join(proposal.missing)}."
        for name in proposal.missing:
            if name in table.column_names:
                yield f"  {name}: {table.find_column(name).description}"
        if TO_FILL_IN in proposal.entry.get("columns", {}).values():
            yield "Where no header holds it, write the value for the whole file under `values:` instead of `columns:`."
        if "timezone" in proposal.missing:
            yield "Times without an offset need the account's `timezone`."
    yield from (f"{note}." for note in proposal.notes)


def describe_columns(answer: Answer, used: frozenset[str]) -> Iterator[str]:
    profiles = sorted(answer.profiles.values(), key=lambda profile: profile.header not in used)
    if not profiles:
        return
    yield f"What its columns hold, in {profiles[0].rows:,} rows:"
    width = max(len(profile.header) for profile in profiles[:SHOWN])
    for profile in profiles[:SHOWN]:
        yield f"  {profile.header:{min(width, 30)}}  {profile.describe()}"


def run(arguments: list[str]) -> int:
    """`main`, whose reader may stop reading: `make onboard … | head`."""
    try:
        status = main(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # What was to be added may not have been; a preview is complete as far as it was read.
        return int("--add" in arguments)
    return status


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
