"""What the commands share that read the warehouse as the last run built it."""

import sys
from collections.abc import Iterable

import duckdb

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import warehouse_file


def print_from_warehouse(folder: ProgrammeFolder, lines: Iterable[str], *refusals: type[Exception]) -> int:
    """Print lines that are read from the warehouse; the exit status. A LookupError, or another of `refusals`, says what
    to do; 1 also where there is no warehouse to read."""
    if not warehouse_file(folder).exists():
        print(f"{folder.warehouse} is not built yet. What to do: make nightly", file=sys.stderr)
        return 1
    try:
        for line in lines:
            print(line, flush=True)
    except (LookupError, *refusals) as error:
        print(error.args[0], file=sys.stderr)
        return 1
    except (duckdb.IOException, duckdb.CatalogException):
        message = (
            "A run is building the warehouse, or its last run did not finish. What to do: make nightly, then again"
        )
        print(message, file=sys.stderr)
        return 1
    return 0
