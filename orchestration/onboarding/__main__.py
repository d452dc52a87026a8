"""Reads one file, says what it is, proposes its entry, and shows five rows as they would arrive."""

import glob
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from ruamel.yaml import YAML

from orchestration.landing.contract import Extract
from orchestration.landing.load import land
from orchestration.landing.refusals import FileRefused
from orchestration.landing.sql import quote_name, quote_path
from orchestration.onboarding.proposal import TO_FILL_IN, Proposal, propose
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme

ROWS = 5
PLAN = "{programme: Onboarding, currency: EUR, timezone: UTC}\n"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("Say which file: make onboard FILE=/path/to/export.csv", file=sys.stderr)
        return 1
    file = Path(arguments[0])
    with TemporaryDirectory() as workspace:
        try:
            # A name such as `[main] answers.csv` is a pattern of its own.
            proposal = propose(file, f"landing/{glob.escape(file.name)}", Path(workspace))
        except FileRefused as refused:
            print(f"{file.name} {refused}", file=sys.stderr)
            return 1
        print(*describe(file, proposal), sep="\n")
        if filled := proposal.fill_in():
            print(*show_rows(file, proposal.table, filled, Path(workspace) / "programme"), sep="\n")
    return 0


def describe(file: Path, proposal: Proposal) -> Iterator[str]:
    table = proposal.table
    what = f"the known format {table.name}" if table.format else f"most like the extract {table.name}"
    yield f"{file.name} is {what}: {proposal.found} of its {proposal.of} columns are there."
    yield "Put the file into landing/ and this into extracts.yml:"
    yield ""
    yield "extracts:"
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 100
    writer.dump([proposal.entry], lines := _Lines())
    yield from (f"  {line}" for line in lines.text.splitlines())
    yield ""
    if proposal.missing:
        yield f"Still to say, where it stands {TO_FILL_IN}: {', '.join(proposal.missing)}."
        for name in proposal.missing:
            if name != "timezone":
                yield f"  {name}: {table.find_column(name).description}"
        yield "Times without an offset need the account's `timezone`." if "timezone" in proposal.missing else ""


class _Lines:
    """What YAML writes, as text."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: str | bytes) -> None:
        self.text += data.decode() if isinstance(data, bytes) else data


def show_rows(file: Path, table: Extract, entry: dict[str, Any], folder: Path) -> Iterator[str]:
    """The first rows as raw would hold them, and what would go to quarantine."""
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
            f"It would arrive as {delivery.rows_kept:,} rows, {delivery.rows_quarantined:,} in quarantine"
            f" and {delivery.rows_dropped:,} left out by the format's rules. The first {ROWS}:"
        )
        yield ""
        with duckdb.connect() as connection:
            columns = ", ".join(quote_name(name) for name in table.column_names)
            relation = connection.sql(
                f"select {columns} from read_parquet({quote_path(delivery.parquet)}) order by _row limit {ROWS}"
            )
            for number, row in enumerate(relation.fetchall(), start=1):
                filled = (f"{n}: {v}" for n, v in zip(table.column_names, row, strict=True) if v is not None)
                yield f"  {number}. {', '.join(filled)}"
    for found in landing.quarantined_examples:
        yield f"  line {found.line}, {found.column}: {found.value!r} {found.reason}; {found.what_to_do}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
